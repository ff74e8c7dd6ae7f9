#include "cli/memory_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"
#include "cli/json.h"
#include "compiler/graph/names.h"
#include "compiler/plan/lifetime.h"

enum { BAR = 30, NAME = 40 /* characters */ };
enum { WIDTH = 960, HEIGHT = 480, MARGIN = 60, LINE = 16 /* pixels */ };

/* --- spans --- */

static void extend(mote_span *s, int op)
{
    s->first = s->first < 0 || op < s->first ? op : s->first;
    s->last = s->last > op ? s->last : op;
}

/* Fills one span for each tensor. An input is needed from the start, an output to the end. */
static void find_spans(const mote_graph *g, mote_span *all)
{
    for (int i = 0; i < g->tensor_count; i++) {
        const mote_tensor *t = &g->tensors[i];
        const uint32_t size = ((uint32_t)mote_tensor_size(t) + 15) & ~15u;
        all[i] = (mote_span){i, -1, -1, t->offset, t->offset + size};
        if (t->role == MOTE_INPUT)
            extend(&all[i], 0);
        if (t->role == MOTE_OUTPUT)
            extend(&all[i], g->op_count - 1);
    }
    for (int i = 0; i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        for (int k = 0; k < op->input_count; k++)
            if (op->inputs[k] >= 0)
                extend(&all[op->inputs[k]], i);
        for (int k = 0; k < op->output_count; k++)
            if (op->outputs[k] >= 0)
                extend(&all[op->outputs[k]], i);
    }
}

static int by_offset(const void *a, const void *b)
{
    const mote_span *x = a, *y = b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static bool is_alive(const mote_span *s, int op)
{
    return s->first <= op && op <= s->last;
}

/* Returns the bytes in use at an operator. Spans are by offset. */
static uint32_t alive_at(const mote_memory_report *r, int op)
{
    uint32_t bytes = 0, end = 0;
    for (int i = 0; i < r->count; i++) {
        const mote_span *s = &r->spans[i];
        if (!is_alive(s, op) || s->end <= end)
            continue;
        bytes += s->end - (s->offset > end ? s->offset : end);
        end = s->end;
    }
    return bytes;
}

bool mote_memory_report_make(mote_memory_report *r, const mote_graph *g, mote_error *error)
{
    *r = (mote_memory_report){.graph = g,
                              .spans = calloc((size_t)g->tensor_count + 1, sizeof *r->spans),
                              .alive = calloc((size_t)g->op_count + 1, sizeof *r->alive)};
    if (!r->spans || !r->alive) {
        mote_memory_report_free(r);
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for a report of memory");
    }
    find_spans(g, r->spans);
    for (int i = 0; i < g->tensor_count; i++)
        if (mote_in_arena(&g->tensors[i]) && r->spans[i].first >= 0)
            r->spans[r->count++] = r->spans[i];
    qsort(r->spans, (size_t)r->count, sizeof *r->spans, by_offset);
    for (int i = 0; i < g->op_count; i++) {
        r->alive[i] = alive_at(r, i);
        r->peak = r->alive[i] > r->alive[r->peak] ? i : r->peak;
    }
    return true;
}

void mote_memory_report_free(mote_memory_report *r)
{
    free(r->spans);
    free(r->alive);
    *r = (mote_memory_report){0};
}

/* --- text --- */

static const char *result_of(const mote_graph *g, int op)
{
    return g->tensors[mote_op_result(&g->ops[op])].name;
}

/* Prints a name in NAME characters: its end if it is longer. */
static void print_name(const char *name)
{
    const size_t length = strlen(name);
    const bool cut = length > NAME;
    printf("%s%-*s ", cut ? "..." : "", cut ? NAME - 3 : NAME, cut ? name + length - (NAME - 3) : name);
}

void mote_memory_report_print(const mote_memory_report *r)
{
    const mote_graph *g = r->graph;
    const uint32_t most = r->alive[r->peak];
    printf("\n  %4s  %-14s %-*s %10s\n", "", "operator", NAME, "result", "arena");
    for (int i = 0; i < g->op_count; i++) {
        const int length = most ? (int)((uint64_t)BAR * r->alive[i] / most) : 0;
        printf("  %4d  %-14s ", i, mote_operator_of(g->ops[i].opcode)->name);
        print_name(result_of(g, i));
        printf("%10u %.*s%s\n", r->alive[i], length, "##############################", i == r->peak ? " most" : "");
    }
    printf("\n  alive at operator %d, %s (%s):\n", r->peak, result_of(g, r->peak),
           mote_operator_of(g->ops[r->peak].opcode)->name);
    for (int i = 0; i < r->count; i++) {
        const mote_span *s = &r->spans[i];
        if (!is_alive(s, r->peak))
            continue;
        printf("  %8u to %-8u ", s->offset, s->end);
        print_name(g->tensors[s->tensor].name);
        printf("operators %d to %d\n", s->first, s->last);
    }
    printf("  %u bytes in use, of an arena of %u\n", most, g->arena_size);
}

json_t *mote_memory_report_json(const mote_memory_report *r)
{
    json_t *operators = json_array(), *tensors = json_array();
    for (int i = 0; i < r->graph->op_count; i++)
        json_array_append_new(operators, json_pack("{s:o, s:I}", "result", mote_json_text(result_of(r->graph, i)),
                                                   "alive_bytes", (json_int_t)r->alive[i]));
    for (int i = 0; i < r->count; i++) {
        const mote_tensor *t = &r->graph->tensors[r->spans[i].tensor];
        json_array_append_new(tensors, json_pack("{s:o, s:I, s:I, s:i, s:i}", "name", mote_json_text(t->name), "offset",
                                                 (json_int_t)r->spans[i].offset, "end", (json_int_t)r->spans[i].end,
                                                 "first", r->spans[i].first, "last", r->spans[i].last));
    }
    return json_pack("{s:i, s:o, s:o}", "peak", r->peak, "operators", operators, "tensors", tensors);
}

/* --- picture --- */

static double x_of(const mote_memory_report *r, int op)
{
    return MARGIN + (double)(WIDTH - 2 * MARGIN) * op / r->graph->op_count;
}

static double y_of(const mote_memory_report *r, uint32_t offset)
{
    return HEIGHT - MARGIN - (double)(HEIGHT - 2 * MARGIN) * offset / (r->graph->arena_size ? r->graph->arena_size : 1);
}

static void draw_span(FILE *out, const mote_memory_report *r, const mote_span *s, int number)
{
    const mote_tensor *t = &r->graph->tensors[s->tensor];
    const double x = x_of(r, s->first), y = y_of(r, s->end);
    fprintf(
        out,
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"hsl(%d,60%%,65%%)\" fill-opacity=\"0.7\" "
        "stroke=\"#444\" stroke-width=\"0.5\"><title>",
        x, y, x_of(r, s->last + 1) - x, y_of(r, s->offset) - y, number * 47 % 360);
    mote_xml_write(out, t->name);
    fprintf(out, ": %u bytes, operators %d to %d</title></rect>\n", s->end - s->offset, s->first, s->last);
}

static void draw(FILE *out, const mote_memory_report *r)
{
    const mote_graph *g = r->graph;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" "
            "font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
            WIDTH, HEIGHT);
    for (int i = 0; i < r->count; i++)
        draw_span(out, r, &r->spans[i], i);
    fprintf(out, "<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"#000\"/>\n", MARGIN, MARGIN, HEIGHT - MARGIN,
            WIDTH - MARGIN);
    fprintf(out, "<path d=\"M%.1f %dV%d\" stroke=\"#c00\" stroke-dasharray=\"4\"/>\n",
            (x_of(r, r->peak) + x_of(r, r->peak + 1)) / 2, MARGIN, HEIGHT - MARGIN);
    fprintf(out, "<text x=\"%d\" y=\"%d\">arena: %u bytes; most in use: %u, at operator %d (", MARGIN, MARGIN - LINE,
            g->arena_size, r->alive[r->peak], r->peak);
    mote_xml_write(out, result_of(g, r->peak));
    fprintf(out, ")</text>\n<text x=\"%d\" y=\"%d\">operators 0 to %d</text>\n", MARGIN, HEIGHT - MARGIN + LINE,
            g->op_count - 1);
    fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%u</text>\n", MARGIN - 4, MARGIN + 4, g->arena_size);
    fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">0</text>\n</svg>\n", MARGIN - 4, HEIGHT - MARGIN);
}

bool mote_memory_report_draw(const mote_memory_report *r, const char *path, mote_error *error)
{
    mote_output_file out;
    if (!mote_output_begin(&out, path, error))
        return false;
    draw(out.stream, r);
    return mote_output_commit(&out, error);
}
