/* Text that becomes text: shared by macros (macro.c) and repetitions (repeat.c). */
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

/* What a body's references stand for. */
typedef struct arguments {
    const macro *macro;
    text values[MAX_PARAMETERS];
    text count; /* \@ */
    bool bare;  /* .altmacro: parameters are replaced without a backslash too */
} arguments;

/* macro_text.c */
/* Takes the statements up to the one that ends the body, which must be in the present text; the cursor stands behind
 * that statement. False after a message. */
bool mote_asm_collect(mote_xt_assembly *a, const char *const *opens, const char *const *closes, body *out);
/* One argument: up to a comma or to a space that no operator touches; quotes and parentheses hold together. `rest`
 * takes all that is left of the statement. */
text mote_asm_argument(mote_xt_assembly *a, bool rest);
/* Writes the body with its references replaced to `out`, or only measures when that is NULL. Stops beyond MAX_TEXT. */
size_t mote_asm_substitute(const body *b, const arguments *values, char *out);
/* Reads `size` bytes of an expansion next, and what follows the present statement on its line after it. */
void mote_asm_push_expansion(mote_xt_assembly *a, const body *b, const char *begin, const char *shown, size_t size,
                             uint32_t repeats, bool is_macro);
/* False after a message: the text would become larger than is read at all. */
bool mote_asm_fits(mote_xt_assembly *a, size_t size);

#endif
