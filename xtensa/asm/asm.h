/* Xtensa assembler: reads GNU syntax into an object in memory, and writes that as ELF, raw bytes or a listing.
 *
 * The bytes are those of GNU as, with these differences:
 * - Without link_relax, a target in the same section is resolved without a relocation, so that the linker need not know
 *   the instruction, and the property tables (.xt.prop) tell the linker not to move code. Weak symbols keep their
 *   relocation.
 * - A long loop has the effect of the one of GNU as, and other bytes.
 * - When several narrow instructions could be widened to align a target, another one may be widened.
 *
 * docs/xtensa.md lists every directive and option. */
#ifndef MOTE_XTENSA_ASM_ASM_H
#define MOTE_XTENSA_ASM_ASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/file.h"
#include "xtensa/isa/isa.h"

typedef struct mote_xt_asm_options {
    const char *name;           /* file name for messages */
    unsigned chips;             /* mask of mote_xt_chip: an instruction must exist on all of them */
    bool no_transform;          /* no relaxation, no automatic density forms */
    bool no_density;            /* no automatic density forms */
    bool no_target_align;       /* no alignment of branch targets and of return points of calls */
    bool debug;                 /* line table and compile unit of the source, unless it has its own */
    bool longcalls;             /* direct calls to targets in other sections become l32r and callx */
    bool link_relax;            /* GNU ld may relax the code; it must know every instruction with a label */
    bool text_section_literals; /* literals go to .literal_position or to the start of their section, not to
                                   .literal sections */
    const char *const *include; /* folders that .include and .incbin search, NULL-terminated; or NULL */
} mote_xt_asm_options;

typedef struct mote_xt_assembly mote_xt_assembly; /* assembled source file with its diagnostics */

/* Assembles preprocessed text. `text` need not end in NUL and must stay valid while the result is used. Returns NULL
 * only when memory runs out. The result may have errors (mote_xt_assembly_errors); it then cannot be written as ELF or
 * raw bytes. */
mote_xt_assembly *mote_xt_assemble(const char *text, size_t size, const mote_xt_asm_options *options,
                                   mote_error *error);
void mote_xt_assembly_free(mote_xt_assembly *a);

/* Number of errors, and of warnings. */
size_t mote_xt_assembly_errors(const mote_xt_assembly *a);
size_t mote_xt_assembly_warnings(const mote_xt_assembly *a);
/* Prints the errors, warnings and notes as a compiler does: file:line:column, message, source line, caret. Only the
 * first 100 are kept; the others are counted. */
void mote_xt_assembly_report(const mote_xt_assembly *a, FILE *out);

/* Writes an ELF32 relocatable file to memory; free it with free(out->data). */
bool mote_xt_assembly_elf(mote_xt_assembly *a, mote_bytes *out, mote_error *error);

/* Writes raw bytes to be loaded at `base`, a multiple of 16: each literal section followed by its code, then the data.
 * All references are resolved; an undefined symbol is an error. Free the bytes with free(out->data). */
bool mote_xt_assembly_raw(mote_xt_assembly *a, uint32_t base, mote_bytes *out, mote_error *error);

/* Writes one line per source line: offset, bytes, cycles of its instructions if each is issued right after the one
 * before it, source. */
void mote_xt_assembly_listing(const mote_xt_assembly *a, FILE *out);

/* Assembles one instruction at address `pc` exactly as written: no automatic density forms, no relaxation, and only
 * idioms that are one instruction (`mov`; `rsr a2, sar`). `.` is `pc`. */
bool mote_xt_assemble_line(const char *text, uint32_t pc, unsigned chips, uint8_t bytes[MOTE_XT_MAX_BYTES],
                           unsigned *size, mote_error *error);

/* Runs the C preprocessor (`cc -E`) on a file. `arguments` are its -I and -D options, NULL-terminated. Free the text
 * with free(out->data). Errors: MOTE_E_USAGE too many options, MOTE_E_INPUT no C compiler, MOTE_E_FORMAT too much text
 * or the preprocessor failed, for example on an unreadable file (its messages went to standard error). */
bool mote_xt_preprocess(const char *path, const char *const *arguments, mote_bytes *out, mote_error *error);

#endif
