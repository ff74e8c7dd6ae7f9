/* Writes the listing: each source line with the offset, the bytes and the cycles of its output. */
#include <string.h>

#include "xtensa/asm/assembler.h"

#define ROW      8 /* bytes on a line of the listing */
#define MAX_ROWS 4 /* of one source line */

static unsigned wait_for(unsigned written, unsigned read)
{
    return read && written > read ? written - read : 0;
}

/* Returns the number of cycles that an instruction waits for an operand or accumulator because the instruction before
 * it writes that in a later stage. */
static unsigned stall(const mote_xt_insn *before, const int32_t *produced, const mote_xt_insn *insn,
                      const int32_t *values)
{
    unsigned most = 0;
    for (int i = 0; i < insn->operand_count; i++)
        for (int j = 0; j < before->operand_count; j++) {
            const mote_xt_operand *r = &insn->operands[i], *w = &before->operands[j];
            unsigned n = wait_for(w->write_stage, r->read_stage);
            if (r->kind == w->kind && r->kind < MOTE_XT_IMM && values[i] == produced[j] && n > most)
                most = n;
        }
    for (int i = 0; i < insn->state_count; i++)
        for (int j = 0; j < before->state_count; j++) {
            unsigned n = wait_for(before->states[j].write_stage, insn->states[i].read_stage);
            if (insn->states[i].state == before->states[j].state && n > most)
                most = n;
        }
    return most;
}

typedef struct pipeline {
    const section *section;
    uint32_t end; /* end offset of the previous instruction */
    const mote_xt_insn *before;
    int32_t produced[MOTE_XT_MAX_OPERANDS];
} pipeline;

/* Returns the cycles of the instructions in [begin, end), without those of taken branches and slow memory. */
static unsigned count_cycles(const mote_xt_assembly *a, pipeline *p, const section *s, uint32_t begin, uint32_t end)
{
    unsigned cycles = 0;
    if (p->section != s || p->end != begin)
        p->before = NULL;
    while (begin < end) {
        int32_t values[MOTE_XT_MAX_OPERANDS];
        const mote_xt_insn *insn = mote_xt_decode(s->image + begin, end - begin, a->options.chips, begin, values);
        cycles += insn ? 1U + insn->extra_cycles : 0;
        cycles += insn && p->before ? stall(p->before, p->produced, insn, values) : 0;
        begin += insn ? insn->size : 1;
        p->before = insn;
        memcpy(p->produced, values, sizeof values);
    }
    p->section = s;
    p->end = end;
    return cycles;
}

static void print_source(FILE *out, const source_line *l)
{
    fprintf(out, "%5u%c ", l->number, l->parent ? '+' : ' ');
    fwrite(l->shown, 1, (size_t)(l->end - l->text), out);
    fputc('\n', out);
}

static void print_bytes(FILE *out, const section *s, uint32_t begin, uint32_t end)
{
    fprintf(out, "%06x  ", begin);
    for (uint32_t i = 0; i < ROW; i++)
        if (begin + i < end)
            fprintf(out, "%02x", s->image[begin + i]);
        else
            fputs("  ", out);
}

void mote_xt_assembly_listing(const mote_xt_assembly *a, FILE *out)
{
    fprintf(out, "%-6s  %-16s  %6s  %5s\n", "offset", "bytes", "cycles", "line");
    pipeline p = {0};
    const section *shown = NULL;
    for (const statement *st = a->statements; st; st = st->next) {
        const section *s = st->begin.section;
        uint32_t begin = st->begin.item->address + st->begin.offset, end = st->end.item->address + st->end.offset;
        bool bytes = s->image && begin < end && end <= s->size;
        if (bytes && s != shown)
            fprintf(out, "%s:\n", s->name);
        shown = bytes ? s : shown;
        if (!bytes) {
            fprintf(out, "%34s", "");
            print_source(out, st->line);
            continue;
        }
        print_bytes(out, s, begin, end);
        if (st->code)
            fprintf(out, "  %6u  ", count_cycles(a, &p, s, begin, end));
        else
            fprintf(out, "%10s", "");
        print_source(out, st->line);
        for (uint32_t row = 1; row < MAX_ROWS && begin + row * ROW < end; row++) {
            print_bytes(out, s, begin + row * ROW, end);
            fputc('\n', out);
        }
        if (end - begin > MAX_ROWS * ROW)
            fprintf(out, "%8s... %u bytes\n", "", end - begin);
    }
}
