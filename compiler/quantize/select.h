/* Which matrices a float graph has, and which recipe each gets. */
#ifndef MOTE_COMPILER_SELECT_H
#define MOTE_COMPILER_SELECT_H

#include "compiler/quantize/hessian.h"
#include "compiler/quantize/options.h"

bool mote_is_matrix(const mote_graph *g, int tensor); /* the weights of a product, or an embedding's table */
bool mote_is_table(const mote_graph *g, int tensor);  /* of an embedding, tied or not */
bool mote_is_head(const mote_graph *g, int tensor);   /* makes the output */

/* Scheme FLOAT for what is no matrix. In a graph of fixed scales the rows of a table are a product's int8 input: such a
 * table is int8 with one scale, ternary or binary, and int8 where another type is asked for. Otherwise it may have any
 * type but fp16 and int16, for which it is int8. Tables have no groups. */
mote_recipe mote_recipe_of(const mote_graph *g, const mote_quantize_options *options, int tensor);

/* Fails, naming it, when a pattern of options->layers matches no matrix. */
bool mote_layers_match(const mote_graph *g, const mote_quantize_options *options, mote_error *error);

/* All matrices of a graph, each by its recipe; `hessians` per tensor, those without columns are absent, or NULL.
 * matrices [tensor_count], zeroed for what is no matrix. On failure there is nothing to free. */
bool mote_matrices_init(mote_matrix **matrices, const mote_graph *g, const mote_recipe *recipes,
                        const mote_hessian *hessians, mote_error *error);
void mote_matrices_free(mote_matrix *matrices, const mote_graph *g);

/* Constants of a graph, whose first `count` tensors the matrices are of, become what their integers stand for. */
void mote_matrices_store(const mote_matrix *matrices, int count, mote_graph *g);

#endif
