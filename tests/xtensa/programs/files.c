/* File system calls: writes, appends, seeks and reads back, and tries calls that must be refused. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void attempt(const char *path)
{
    errno = 0;
    int fd = open(path, O_RDONLY);
    printf("%s: %s %d\n", path, fd >= 0 ? "opened" : "refused", errno);
}

int main(void)
{
    char text[64] = {0};
    int fd = open("note.txt", O_CREAT | O_WRONLY | O_TRUNC, 0644);
    if (fd < 0) {
        printf("note.txt cannot be written: %d\n", errno);
        return 1;
    }
    int put = (int)write(fd, "tiny networks", 13);
    close(fd);
    fd = open("note.txt", O_WRONLY | O_APPEND);
    put += (int)write(fd, " on tiny chips", 14);
    close(fd);
    fd = open("note.txt", O_RDONLY);
    int at = (int)lseek(fd, -5, SEEK_END);
    int got = (int)read(fd, text, sizeof text - 1);
    printf("%d bytes, from %d: %d bytes \"%s\"\n", put, at, got, text);
    close(fd);
    attempt("absent.txt");
    attempt("/etc/passwd");
    attempt("../note.txt");
    attempt("folder/../../note.txt");
    printf("close twice: %d %d\n", close(fd), errno);
    return put;
}
