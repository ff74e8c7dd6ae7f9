/* Calls main and exits, and implements the system calls of the C library as semihosting through `simcall`. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

enum {
    CALL_EXIT = 1,
    CALL_READ = 3,
    CALL_WRITE = 4,
    CALL_OPEN = 5,
    CALL_CLOSE = 6,
    CALL_LSEEK = 19,
    CALL_ARGC = 1000,
    CALL_ARGV_SIZE = 1001,
    CALL_ARGV = 1002,
};

/* Open flags of the host, which differ from those of this C library. */
enum { HOST_CREAT = 0x40, HOST_EXCL = 0x80, HOST_TRUNC = 0x200, HOST_APPEND = 0x400 };

int main(int argc, char **argv);
void mote_program_start(void);

static int simcall(int call, int a, int b, int c, int *error)
{
    register int a2 __asm__("a2") = call;
    register int a3 __asm__("a3") = a;
    register int a4 __asm__("a4") = b;
    register int a5 __asm__("a5") = c;
    __asm__ volatile("simcall" : "+r"(a2), "+r"(a3) : "r"(a4), "r"(a5) : "memory");
    *error = a3;
    return a2;
}

static int call(int number, int a, int b, int c)
{
    int error, result = simcall(number, a, b, c, &error);
    if (result < 0)
        errno = error;
    return result;
}

ssize_t read(int fd, void *to, size_t size)
{
    return call(CALL_READ, fd, (int)(intptr_t)to, (int)size);
}

ssize_t write(int fd, const void *from, size_t size)
{
    return call(CALL_WRITE, fd, (int)(intptr_t)from, (int)size);
}

int open(const char *path, int flags, ...)
{
    int host = flags & O_ACCMODE;
    host |= (flags & O_CREAT ? HOST_CREAT : 0) | (flags & O_EXCL ? HOST_EXCL : 0);
    host |= (flags & O_TRUNC ? HOST_TRUNC : 0) | (flags & O_APPEND ? HOST_APPEND : 0);
    return call(CALL_OPEN, (int)(intptr_t)path, host, 0644);
}

int close(int fd)
{
    return call(CALL_CLOSE, fd, 0, 0);
}

off_t lseek(int fd, off_t offset, int whence)
{
    return call(CALL_LSEEK, fd, (int)offset, whence);
}

void _exit(int status)
{
    int error;
    for (;;)
        simcall(CALL_EXIT, status, 0, 0, &error);
}

/* Line buffer of standard output, so that a message takes one system call. */
static struct {
    char text[128];
    size_t used;
} pending;

static int flush_out(FILE *f)
{
    (void)f;
    if (pending.used)
        write(1, pending.text, pending.used);
    pending.used = 0;
    return 0;
}

static int put_out(char c, FILE *f)
{
    pending.text[pending.used++] = c;
    if (c == '\n' || pending.used == sizeof pending.text)
        flush_out(f);
    return (unsigned char)c;
}

static int put_error(char c, FILE *f)
{
    (void)f;
    write(2, &c, 1);
    return (unsigned char)c;
}

static int get_in(FILE *f)
{
    unsigned char c;
    (void)f;
    return read(0, &c, 1) == 1 ? c : EOF;
}

static FILE in = FDEV_SETUP_STREAM(NULL, get_in, NULL, _FDEV_SETUP_READ);
static FILE out = FDEV_SETUP_STREAM(put_out, NULL, flush_out, _FDEV_SETUP_WRITE);
static FILE err = FDEV_SETUP_STREAM(put_error, NULL, NULL, _FDEV_SETUP_WRITE);
FILE *const stdin = &in;
FILE *const stdout = &out;
FILE *const stderr = &err;

void mote_program_start(void)
{
    int argc = call(CALL_ARGC, 0, 0, 0), size = call(CALL_ARGV_SIZE, 0, 0, 0);
    uintptr_t block[((size_t)size + sizeof(uintptr_t) - 1) / sizeof(uintptr_t)];
    call(CALL_ARGV, (int)(intptr_t)block, 0, 0);
    int status = main(argc, (char **)block);
    flush_out(stdout);
    _exit(status);
}
