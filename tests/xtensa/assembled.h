/* Helpers of tests: assemble a text and return the bytes of its sections as hexadecimal text. */
#ifndef MOTE_TESTS_ASSEMBLED_H
#define MOTE_TESTS_ASSEMBLED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xtensa/asm/asm.h"
#include "xtensa/asm/elf.h"

typedef struct assembled {
    char report[8192]; /* errors and warnings, "" when there are none */
    mote_bytes file;   /* empty after errors */
    mote_xt_elf elf;
} assembled;

static inline void assemble(assembled *out, const char *text, size_t size, mote_xt_asm_options options)
{
    *out = (assembled){0};
    mote_error error;
    if (!options.name)
        options.name = "t.s";
    if (!options.chips)
        options.chips = MOTE_XT_ESP32S3;
    mote_xt_assembly *a = mote_xt_assemble(text, size, &options, &error);
    assert_non_null(a);
    FILE *report = fmemopen(out->report, sizeof out->report, "w");
    mote_xt_assembly_report(a, report);
    fclose(report);
    if (mote_xt_assembly_errors(a) == 0) {
        if (!mote_xt_assembly_elf(a, &out->file, &error))
            snprintf(out->report, sizeof out->report, "%s", error.text);
        else
            assert_true(mote_xt_elf_open(out->file.data, out->file.size, "t.o", &out->elf, &error));
    }
    mote_xt_assembly_free(a);
}

static inline void assembled_free(assembled *a)
{
    mote_xt_elf_close(&a->elf);
    free(a->file.data);
}

static inline const mote_xt_elf_section *assembled_section(const assembled *a, const char *name)
{
    for (size_t i = 0; i < a->elf.section_count; i++)
        if (strcmp(a->elf.sections[i].name, name) == 0)
            return &a->elf.sections[i];
    return NULL;
}

static inline const char *assembled_hex(const assembled *a, const char *name)
{
    static char text[4096];
    const mote_xt_elf_section *s = assembled_section(a, name);
    text[0] = 0;
    for (uint32_t i = 0; s && s->data && i < s->size && i < sizeof text / 2 - 1; i++)
        snprintf(text + 2 * i, 3, "%02x", s->data[i]);
    return text;
}

#endif
