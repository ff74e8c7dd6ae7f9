/* UTF-8 in bytes of any origin. */
#ifndef MOTE_BASE_UTF8_H
#define MOTE_BASE_UTF8_H

#include <stddef.h>
#include <stdio.h>

/* Returns the bytes of the character at the start of the text, or 0 if it does not start with valid UTF-8. */
size_t mote_utf8_length(const char *text, size_t size);

/* Writes a text so that it is valid UTF-8: a replacement character, U+FFFD, for every other byte. */
void mote_utf8_write(FILE *to, const char *text, size_t size);

/* Writes a text for XML, valid for any bytes: references for markup, a space for every control character. */
void mote_xml_write(FILE *to, const char *text);

#endif
