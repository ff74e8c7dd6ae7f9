/* Substitution of text, shared by macros (macro.c) and repetitions (repeat.c). */
#ifndef MOTE_XTENSA_ASM_MACRO_H
#define MOTE_XTENSA_ASM_MACRO_H

#include "xtensa/asm/assembler.h"

#define MAX_PARAMETERS 64

typedef struct text {
    const char *at;
    size_t size;
} text;

typedef struct parameter {
    const char *name;
    text fallback;
    bool required, rest; /* :req, :vararg */
} parameter;

typedef struct body {
    text text;
    const char *shown, *file;
    uint32_t line;
} body;

struct macro {
    macro *next;
    const char *name;
    parameter parameters[MAX_PARAMETERS];
    size_t count;
    body body;
};

/* Values of the references in a body. */
typedef struct arguments {
    const macro *macro;
    text values[MAX_PARAMETERS];
    text count; /* value of \@ */
    bool bare;  /* .altmacro: parameters are replaced without a backslash too */
} arguments;

/* macro_text.c */
/* Collects the statements up to the directive that ends the body, which must be in the current text. Leaves the cursor
 * after that directive. Returns false after reporting an error. */
bool mote_asm_collect(mote_xt_assembly *a, const char *const *opens, const char *const *closes, body *out);
/* Reads one argument: up to a comma, or to a space that is not next to an operator. Quotes and parentheses group. With
 * `rest`, reads the rest of the statement. */
text mote_asm_argument(mote_xt_assembly *a, bool rest);
/* Writes the body with its references replaced to `out`, unless that is NULL. Returns the size. Stops beyond MAX_TEXT.
 */
size_t mote_asm_substitute(const body *b, const arguments *values, char *out);
/* Pushes the rest of the current line and then an expansion of `size` bytes, so that the expansion is read first. */
void mote_asm_push_expansion(mote_xt_assembly *a, const body *b, const char *begin, const char *shown, size_t size,
                             uint32_t repeats, bool is_macro);
/* True if `size` more bytes of text can be read. Otherwise reports an error and stops reading. */
bool mote_asm_fits(mote_xt_assembly *a, size_t size);

#endif
