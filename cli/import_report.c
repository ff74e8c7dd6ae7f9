#include "cli/import_report.h"

#include <inttypes.h>
#include <string.h>

#include "compiler/graph/names.h"

typedef struct costs {
    uint64_t macs, constants; /* multiply-accumulates, bytes */
} costs;

static costs costs_of(const mote_graph *g, const mote_op *op)
{
    const int weights = mote_op_operand(op, MOTE_OPERAND_WEIGHTS);
    const mote_tensor *x = mote_op_input(g, op, 0), *y = mote_op_output(g, op, 0);
    costs c = {0};
    for (int i = 0; i < op->input_count; i++) {
        const mote_tensor *t = mote_op_input(g, op, i);
        c.constants += t && t->role == MOTE_CONSTANT ? mote_tensor_size(t) : 0;
    }
    if (op->opcode == MOTE_OP_MATMUL)
        c.macs = (uint64_t)mote_tensor_elements(y) * x->dims[x->rank - 1];
    else if (op->opcode == MOTE_OP_CONV_TRANSPOSE)
        c.macs = (uint64_t)mote_tensor_elements(x) / x->dims[2] * mote_tensor_elements(&g->tensors[weights]);
    else if (weights >= 0)
        c.macs = (uint64_t)mote_tensor_elements(y) * g->tensors[weights].dims[1];
    return c;
}

/* Prints the first and the last characters of a long name: names that a compiler joined differ at both ends. */
static void print_name(FILE *to, const char *name)
{
    enum { MOST = 48, START = 20 };
    const size_t length = strlen(name);
    const char *end = name + (length > MOST ? length - (MOST - START) : 0);
    while (length > MOST && ((uint8_t)*end & 0xc0) == 0x80)
        end++;
    size_t start = START;
    while (length > MOST && ((uint8_t)name[start] & 0xc0) == 0x80)
        start--;
    if (length > MOST)
        fprintf(to, "%.*s...%s\n", (int)start, name, end);
    else
        fprintf(to, "%s\n", name);
}

void mote_import_report(FILE *to, const mote_graph *g)
{
    costs sum = {0};
    char folded[512];
    fprintf(to, "%-14s %-16s %12s %10s  %s\n", "operator", "result", "MAC", "constants", "name");
    for (int i = 0; i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        const mote_tensor *y = mote_op_output(g, op, 0);
        const costs c = costs_of(g, op);
        char shape[MOTE_SHAPE_TEXT];
        mote_shape_text(y->rank, y->dims, shape);
        fprintf(to, "%-14s %-16s %12" PRIu64 " %10" PRIu64 "  ", mote_operator_of(op->opcode)->name, shape, c.macs,
                c.constants);
        print_name(to, y->name);
        sum.macs += c.macs;
        sum.constants += c.constants;
    }
    fprintf(to, "%-14s %-16s %12" PRIu64 " %10" PRIu64 "\n", "sum", "", sum.macs, sum.constants);
    mote_graph_get_meta(g, "import_folded", folded, sizeof folded);
    if (folded[0])
        fprintf(to, "folded: %s\n", folded);
}
