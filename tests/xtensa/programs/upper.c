/* Copies standard input to standard output in capitals and counts lines. */
#include <ctype.h>
#include <stdio.h>

int main(void)
{
    int c, lines = 0;
    while ((c = getchar()) != EOF) {
        putchar(toupper(c));
        lines += c == '\n';
    }
    return lines;
}
