/* Formats one instruction as text. */
#include <stdarg.h>

#include "xtensa/asm/dis.h"

static const char register_letters[] = {
    [MOTE_XT_AR] = 'a', [MOTE_XT_FR] = 'f', [MOTE_XT_BR] = 'b', [MOTE_XT_MR] = 'm', [MOTE_XT_QR] = 'q',
};

typedef struct writer {
    char *text;
    size_t size, used;
} writer;

__attribute__((format(printf, 2, 3))) static void put(writer *w, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(w->text + w->used, w->size - w->used, format, arguments);
    va_end(arguments);
    if (n > 0)
        w->used = w->used + (size_t)n < w->size ? w->used + (size_t)n : w->size - 1;
}

static void put_operand(writer *w, const mote_xt_operand *o, int32_t value, const uint32_t *pc)
{
    if (o->kind == MOTE_XT_LABEL && pc)
        put(w, ".%+d", (int32_t)((uint32_t)value - *pc));
    else if (o->kind == MOTE_XT_IMM && value > -256 && value < 256)
        put(w, "%d", value);
    else if (o->kind == MOTE_XT_IMM || o->kind == MOTE_XT_LABEL)
        put(w, "0x%x", (uint32_t)value);
    else
        put(w, "%c%d", register_letters[o->kind], value);
    for (int i = 1; o->kind == MOTE_XT_BR && i < o->step; i++)
        put(w, ":b%d", value + i);
}

static void format(const mote_xt_insn *insn, const int32_t *values, const uint32_t *pc, char *text, size_t size)
{
    writer w = {text, size, 0};
    if (size == 0)
        return;
    put(&w, "%s", insn->mnemonic);
    for (int i = 0; i < insn->operand_count; i++) {
        put(&w, i ? ", " : " ");
        put_operand(&w, &insn->operands[i], values[i], pc);
    }
}

void mote_xt_format(const mote_xt_insn *insn, const int32_t *values, char *text, size_t size)
{
    format(insn, values, NULL, text, size);
}

void mote_xt_format_relative(const mote_xt_insn *insn, const int32_t *values, uint32_t pc, char *text, size_t size)
{
    format(insn, values, &pc, text, size);
}
