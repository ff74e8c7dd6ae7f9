/* MATMUL: y = a·b over the last two dimensions, or a·bᵀ if `transposed`. */
#include "compiler/graph/operator.h"
#include "compiler/graph/panel.h"

enum { A = MOTE_MATMUL_A, B = MOTE_MATMUL_B };

static bool leading_fit(const mote_tensor *a, const mote_tensor *b)
{
    if (b->rank == 2)
        return true;
    return a->rank == b->rank && memcmp(a->dims, b->dims, (size_t)(a->rank - 2) * sizeof *a->dims) == 0;
}

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const mote_tensor *a = mote_op_input(g, op, A), *b = mote_op_input(g, op, B);
    int64_t dims[MOTE_RANK];
    if (!mote_infer_same(g, op, A, MOTE_AFFINE_OF(g), y, error) ||
        !mote_param_within(op, MOTE_MATMUL_TRANSPOSED, 0, 1, error))
        return false;
    const bool transposed = op->params[MOTE_MATMUL_TRANSPOSED];
    if (a->rank < 2 || b->rank < 2 || a->dtype != b->dtype || !leading_fit(a, b) ||
        a->dims[a->rank - 1] != b->dims[b->rank - (transposed ? 1 : 2)])
        return mote_fail(error, MOTE_E_FORMAT, "operator %s (matmul): the shapes or types of %s and %s do not fit",
                         op->name, a->name, b->name);
    for (int i = 0; i < a->rank; i++)
        dims[i] = a->dims[i];
    dims[a->rank - 1] = b->dims[b->rank - (transposed ? 2 : 1)];
    return mote_shape_of(op, a->rank, dims, y->dtypes, y, error);
}

/* y [rows, columns] = a [rows, inner] · b, `count` times. */
typedef struct product {
    size_t rows, count;
    uint32_t inner, columns;
    bool transposed;
} product;

static product product_of(const mote_graph *g, const mote_op *op, uint32_t batch)
{
    const mote_tensor *a = mote_op_input(g, op, A), *b = mote_op_input(g, op, B), *y = mote_op_output(g, op, 0);
    product p = {.count = batch, .inner = a->dims[a->rank - 1], .columns = y->dims[y->rank - 1]};
    p.transposed = op->params[MOTE_MATMUL_TRANSPOSED];
    for (int i = 0; i < b->rank - 2; i++)
        p.count *= b->dims[i];
    if (b->role == MOTE_CONSTANT && b->rank == 2 && a->role != MOTE_CONSTANT)
        p.count = 1; /* all rows of the batch have this b */
    p.rows = batch * mote_tensor_elements(y) / p.columns / p.count;
    return p;
}

/* Returns the size of b, packed for y or for the gradient of a. */
static size_t scratch_size(const mote_graph *g, const mote_op *op, uint32_t steps, uint32_t streams)
{
    const product p = product_of(g, op, steps * streams);
    const size_t forward = mote_panel_size(p.inner, p.columns), backward = mote_panel_size(p.columns, p.inner);
    return forward > backward ? forward : backward;
}

static void pack(const product *p, float *panels, const float *b, bool backward)
{
    const size_t along_inner = p->transposed ? 1 : p->columns, along_columns = p->transposed ? p->inner : 1;
    if (backward)
        mote_panel_pack(panels, b, along_columns, along_inner, p->columns, p->inner);
    else
        mote_panel_pack(panels, b, along_inner, along_columns, p->inner, p->columns);
}

/* Calls `visit` for each product of the batch, with the offsets of its matrices. */
typedef void product_function(const mote_pass *pass, const product *p, size_t a, size_t b, size_t y);

static void each_product(const mote_pass *pass, product_function *visit)
{
    const product p = product_of(pass->graph, pass->op, pass->rows);
    const size_t size = (size_t)p.inner * p.columns;
    const mote_tensor *a = mote_op_input(pass->graph, pass->op, A), *b = mote_op_input(pass->graph, pass->op, B);
    const size_t of_a = mote_tensor_elements(a), of_b = mote_tensor_elements(b);
    for (size_t i = 0; i < p.count; i++)
        visit(pass, &p, a->role == MOTE_CONSTANT ? i * p.rows * p.inner % of_a : i * p.rows * p.inner,
              b->role == MOTE_CONSTANT ? i * size % of_b : i * size, i * p.rows * p.columns);
}

static void multiply(const mote_pass *pass, const product *p, size_t a, size_t b, size_t y)
{
    pack(p, pass->scratch, pass->in[B] + b, false);
    mote_panel_multiply(pass->out[0] + y, pass->in[A] + a, pass->scratch, p->rows, p->inner, p->columns, false);
}

static void give(const mote_pass *pass, const product *p, size_t a, size_t b, size_t y)
{
    const float *dy = pass->out_grad[0] + y;
    pack(p, pass->scratch, pass->in[B] + b, true);
    mote_panel_multiply(pass->in_grad[A] + a, dy, pass->scratch, p->rows, p->columns, p->inner, true);
    if (p->transposed)
        mote_panel_gradient(pass->in_grad[B] + b, dy, pass->in[A] + a, p->rows, p->columns, p->inner);
    else
        mote_panel_gradient(pass->in_grad[B] + b, pass->in[A] + a, dy, p->rows, p->inner, p->columns);
}

static void forward(const mote_pass *pass)
{
    each_product(pass, multiply);
}

static void backward(const mote_pass *pass)
{
    each_product(pass, give);
}

const mote_operator mote_operator_matmul = {
    .infer = infer, .scratch = scratch_size, .forward = forward, .backward = backward};
