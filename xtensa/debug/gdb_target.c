/* Target description: the registers as XML, which tells their order to a gdb that knows Xtensa but not this core. */
#include <stdlib.h>
#include <string.h>

#include "xtensa/debug/gdb_commands.h"
#include "xtensa/debug/gdb_registers.h"

static const char *type_of(const char *name, size_t size)
{
    if (size == 16)
        return "vec128";
    if (strcmp(name, "pc") == 0)
        return "code_ptr";
    bool is_float = name[0] == 'f' && name[1] >= '0' && name[1] <= '9';
    return is_float ? "ieee_single" : "uint32";
}

static void write_vector_type(FILE *out)
{
    static const struct {
        const char *name, *element;
        unsigned count;
    } forms[] = {{"v16i8", "int8", 16}, {"v8i16", "int16", 8}, {"v4i32", "int32", 4}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        fprintf(out, "<vector id=\"%s\" type=\"%s\" count=\"%u\"/>\n", forms[i].name, forms[i].element, forms[i].count);
    fputs("<union id=\"vec128\">", out);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        fprintf(out, "<field name=\"%s\" type=\"%s\"/>", forms[i].name, forms[i].name);
    fputs("</union>\n", out);
}

static void write_description(FILE *out)
{
    char name[MOTE_XT_GDB_NAME];
    fputs("<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target version=\"1.0\">\n"
          "<architecture>xtensa</architecture>\n<feature name=\"mote.xtensa.esp32s3\">\n",
          out);
    write_vector_type(out);
    for (unsigned i = 0; i < MOTE_XT_GDB_REGISTERS; i++) {
        size_t size = mote_xt_gdb_register(i, NULL, name);
        fprintf(out, "<reg name=\"%s\" bitsize=\"%zu\" regnum=\"%u\" type=\"%s\"/>\n", name, 8 * size, i,
                type_of(name, size));
    }
    fputs("</feature>\n</target>\n", out);
}

void mote_xt_gdb_description(uint32_t offset, uint32_t length, mote_xt_gdb_answer *a)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        mote_xt_gdb_say(a, "E0c");
        return;
    }
    write_description(out);
    fclose(out);
    size_t room = sizeof a->text - 2, left = offset < size ? size - offset : 0; /* 'm' or 'l', a terminating NUL */
    size_t part = length < left ? length : left;
    part = part < room ? part : room;
    if (part)
        mote_xt_gdb_say(a, "%c%.*s", part < left ? 'm' : 'l', (int)part, text + offset);
    else
        mote_xt_gdb_say(a, left ? "m" : "l");
    free(text);
}
