/* A network on the PC, float or packed: stored values in, stored values out. */
#ifndef MOTE_RUN_NETWORK_H
#define MOTE_RUN_NETWORK_H

#include "base/file.h"
#include "compiler/graph/executor.h"
#include "mote.h"

/* An input or an output: real = scale · (stored − zero_point). Floats and ids are stored as they are, with scale 1. */
typedef struct mote_port {
    const char *name;
    const uint32_t *dims; /* [rank], slowest first */
    uint32_t rank;
    mote_dtype type;
    size_t count, size; /* values; bytes of the stored values, which are contiguous */
    double scale;
    int32_t zero_point;
} mote_port;

typedef struct mote_network {
    const char *path; /* for messages */
    mote_bytes file;
    mote_graph graph; /* shapes and metadata; a view of the file */
    mote_port *inputs, *outputs;
    int input_count, output_count;
    bool packed;
    mote_model model; /* if packed */
    mote_session session;
    uint8_t *memory;
    mote_executor executor; /* if not packed */
    void **given;           /* [input_count]: the stored inputs of the executor */
} mote_network;

/* Lists the inputs or the outputs of a graph, which must outlive the list. The caller frees *ports. Returns false when
 * out of memory. */
bool mote_ports_of(const mote_graph *g, mote_role role, mote_port **ports, int *count);

/* Opens a model and begins a sequence. `path` must outlive the network. Errors: those of the container; NaN or infinite
 * weights. On failure there is nothing to close, but closing does no harm. */
bool mote_network_open(mote_network *n, const char *path, mote_error *error);
void mote_network_close(mote_network *n);
void mote_network_reset(mote_network *n); /* begins a new sequence */

/* Copies the stored values of input i, `size` bytes. Every input must be set before each run. Errors: MOTE_E_INPUT for
 * an id that is past the end of the table that it indexes. */
bool mote_network_set(mote_network *n, int i, const void *stored, mote_error *error);
/* The same for real values, [count] of float32; ids are uint16_t. */
bool mote_network_set_real(mote_network *n, int i, const void *values, mote_error *error);
void mote_network_run(mote_network *n);

/* Runs the network and shows each result of an operator, right after the operator has made it. `form` describes its
 * values; `stored` are contiguous. Types without scales of their own are shown: f32, i32, i16, i8, u16, u8. */
typedef void mote_tensor_reader(void *context, int tensor, const mote_port *form, const void *stored);
void mote_network_trace(mote_network *n, mote_tensor_reader *show, void *context);
void mote_network_get(mote_network *n, int i, void *stored); /* copies output i of the last run */

/* Convert one value. mote_port_store rounds to nearest, halves away from zero, and saturates. */
double mote_port_real(const mote_port *p, const void *stored, size_t i);
void mote_port_store(const mote_port *p, void *stored, size_t i, double real);

/* Writes "name [dims] type", for messages. */
void mote_port_text(const mote_port *p, char *to, size_t size);

#endif
