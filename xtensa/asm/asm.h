/* The assembler: GNU syntax for Xtensa in, an object in memory out; from there ELF, raw bytes or a listing.
 *
 * It writes the bytes that GNU as writes, with these differences: a target in the same section is resolved here and
 * leaves no relocation, so that the linker need not know the instruction (weak symbols excepted); calls under longcalls
 * stay short where they reach, and otherwise the linker is not asked to shorten them; property tables (.xt.prop) tell
 * instructions from data and padding, and the linker to leave our sections as they are; of several narrow instructions
 * that could be widened to align a target, another may be. docs/xtensa.md lists every directive and option. */
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
    bool no_target_align;       /* branch targets and returns from calls stay where they come */
    bool debug;                 /* a line table of the source itself, unless it has .loc */
    bool longcalls;             /* direct calls become l32r and callx */
    bool text_section_literals; /* literals at .literal_position, or at a section's start, instead of in .literal
                                   sections */
    const char *const *include; /* folders in which .include and .incbin search, NULL-terminated; or NULL */
} mote_xt_asm_options;

typedef struct mote_xt_assembly mote_xt_assembly; /* a source file assembled, with its diagnostics */

/* Assembles preprocessed text. `text` need not end in NUL and must stay while the result is used. NULL only when
 * memory ran out; otherwise the result may carry errors, and then has nothing to write. */
mote_xt_assembly *mote_xt_assemble(const char *text, size_t size, const mote_xt_asm_options *options,
                                   mote_error *error);
void mote_xt_assembly_free(mote_xt_assembly *a);

/* Errors and warnings, the way a compiler prints them: file:line:column, message, source line, caret. The first 100
 * are kept, the rest counted. */
size_t mote_xt_assembly_errors(const mote_xt_assembly *a);
size_t mote_xt_assembly_warnings(const mote_xt_assembly *a);
void mote_xt_assembly_report(const mote_xt_assembly *a, FILE *out);

/* ELF32 relocatable file in memory, to be freed with free(out->data). */
bool mote_xt_assembly_elf(mote_xt_assembly *a, mote_bytes *out, mote_error *error);

/* Raw bytes for loading at `base`: each literal section, its code, then the data, every reference resolved; undefined
 * symbols are an error. */
bool mote_xt_assembly_raw(mote_xt_assembly *a, uint32_t base, mote_bytes *out, mote_error *error);

/* One line per statement: offset, bytes, cycles of the instruction when the one before it was just issued, source. */
void mote_xt_assembly_listing(const mote_xt_assembly *a, FILE *out);

/* Assembles one instruction that stands at `pc`, exactly as written: no density or relaxation, and only idioms that are
 * one instruction (mov, rsr a2, sar). `.` is `pc`. */
bool mote_xt_assemble_line(const char *text, uint32_t pc, unsigned chips, uint8_t bytes[MOTE_XT_MAX_BYTES],
                           unsigned *size, mote_error *error);

/* Runs the C preprocessor (`cc -E`) on a file. `arguments` are its -I and -D options, NULL-terminated. The text is
 * freed with free(out->data). Errors: MOTE_E_INPUT no compiler or unreadable file, MOTE_E_FORMAT the preprocessor
 * refused it (its messages went to standard error). */
bool mote_xt_preprocess(const char *path, const char *const *arguments, mote_bytes *out, mote_error *error);

#endif
