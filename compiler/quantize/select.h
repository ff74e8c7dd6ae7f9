/* Finds the matrices of a float graph and chooses a recipe for each. */
#ifndef MOTE_COMPILER_SELECT_H
#define MOTE_COMPILER_SELECT_H

#include "compiler/quantize/hessian.h"
#include "compiler/quantize/options.h"

bool mote_is_matrix(const mote_graph *g, int tensor); /* weights of a product, or an embedding's table */
bool mote_is_table(const mote_graph *g, int tensor);  /* table of an embedding, tied or not */
bool mote_is_head(const mote_graph *g, int tensor);   /* weights of the product that makes an output */

/* Returns the recipe of a tensor; scheme FLOAT if it is no matrix. In a graph of fixed scales, the rows of a table are
 * a product's int8 input: such a table is ternary, binary, or int8 with one scale, and int8 replaces other types. In
 * other graphs a table may have any type but fp16 and int16, which int8 replaces. Tables have no groups. */
mote_recipe mote_recipe_of(const mote_graph *g, const mote_quantize_options *options, int tensor);

/* Fails, and names the pattern, if one of options->layers matches no matrix. */
bool mote_layers_match(const mote_graph *g, const mote_quantize_options *options, mote_error *error);

/* Quantizes all matrices of a graph by their recipes. `hessians` is per tensor, or NULL; entries without columns are
 * ignored. matrices [tensor_count] is zeroed where the tensor is no matrix. On failure there is nothing to free. */
bool mote_matrices_init(mote_matrix **matrices, const mote_graph *g, const mote_recipe *recipes,
                        const mote_hessian *hessians, mote_error *error);
void mote_matrices_free(mote_matrix *matrices, const mote_graph *g);

/* Replaces constants of a graph by the values of their integers. The matrices are of its first `count` tensors. */
void mote_matrices_store(const mote_matrix *matrices, int count, mote_graph *g);

#endif
