/* Internal declarations of the assembler.
 *
 * source.c reads lines from a stack of texts (the file, macro expansions, repetitions). assemble.c splits them into
 * statements. A statement is a directive (directive.c, data.c, macro.c, conditional.c) or an instruction (insn.c).
 * Statements append items to sections. layout.c computes the sizes of items that are not known yet (branches,
 * alignment). emit.c evaluates the fixups, and writes bytes and relocations. */
#ifndef MOTE_XTENSA_ASM_ASSEMBLER_H
#define MOTE_XTENSA_ASM_ASSEMBLER_H

#include "xtensa/asm/arena.h"
#include "xtensa/asm/asm.h"
#include "xtensa/asm/elf.h"

#define MAX_DIAGNOSTICS 100
#define MAX_DEPTH       100                  /* nested macros, repetitions and conditionals */
#define MAX_TEXT        ((size_t)32 << 20)   /* bytes read, including expansions */
#define MAX_TREE        200                  /* depth of an expression */
#define MAX_LINES       2000000              /* lines assembled, including those of expansions */
#define MAX_OUTPUT      ((uint32_t)64 << 20) /* bytes in all sections */

/* A line and its origin. */
typedef struct source_line {
    const char *text, *end; /* without comments */
    const char *shown;      /* the line as written, at the same columns */
    const char *file;
    uint32_t number;
    uint32_t order;                   /* number of lines read before it */
    const struct source_line *parent; /* line that expanded or included the text of this one, or NULL */
} source_line;

typedef struct diagnostic {
    const source_line *line;
    const char *at; /* position in line->text, or NULL for the whole line */
    enum { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE } severity;
    const char *message;
} diagnostic;

typedef struct section section;
typedef struct subsection subsection;
typedef struct symbol symbol;
typedef struct expr expr;

/* A contiguous part of a section. */
typedef struct item {
    enum item_kind {
        ITEM_DATA,         /* bytes that are complete except for fixups */
        ITEM_POOL,         /* a literal pool: the same, but later code appends to it */
        ITEM_ALIGN,        /* fill up to a multiple of `align` */
        ITEM_SPACE,        /* `count` bytes of fill */
        ITEM_ORG,          /* fill up to offset `count` of the section */
        ITEM_LEB128,       /* `count` in LEB128, signed if `fill` is not 0 */
        ITEM_BRANCH,       /* an instruction that grows until it reaches its target */
        ITEM_LOOP_PADDING, /* no-ops that align a loop's body for fast fetches; the test of a long loop's count */
        ITEM_LOOP_TAIL,    /* instructions behind a loop instruction that does not reach the loop's end; or empty */
        ITEM_NARROW,       /* a 16-bit instruction that can be widened to align what follows */
        ITEM_TARGET,       /* point before a label or after a call; has no bytes */
        ITEM_UNREACHABLE,  /* zeros after code that never falls through; they align what follows */
    } kind;
    uint32_t address, size; /* address: offset in the section; layout changes both */
    uint32_t epoch;         /* number of items of variable size before this one */
    struct item *next, *previous;
    const source_line *line;
    uint8_t *bytes; /* DATA, POOL */
    uint32_t capacity;
    uint32_t align, most; /* ALIGN: power of two, and the most bytes it may add */
    const expr *count;    /* SPACE, ORG, LEB128 */
    int64_t fill;
    uint8_t fill_size;              /* bytes; 0 means 1 */
    const struct instruction *insn; /* BRANCH, NARROW; LOOP_PADDING, LOOP_TAIL: the loop as written */
    struct item *reserved;          /* BRANCH: item reserved for its literal, or NULL; LOOP_PADDING: the loop's tail */
    uint8_t form;                   /* BRANCH: index into its forms */
    bool widens;                    /* NARROW, BRANCH, UNREACHABLE: may grow to align what follows */
    bool aligns;                    /* TARGET: to be aligned */
    const symbol *target;           /* TARGET: the label; NULL after a call */
    uint32_t pass;                  /* layout pass that computed `address` last */
    symbol *literal;                /* BRANCH: symbol of its literal; NULL while it needs none */
    symbol *loop_end;               /* LOOP_TAIL: what the loop instruction has as its end */
} item;

/* A position in a section. */
typedef struct place {
    section *section;
    item *item;
    uint32_t offset; /* in the item */
} place;

/* A parsed instruction. Operands are expressions; a register operand is a number. */
typedef struct instruction {
    const mote_xt_insn *insn;
    const expr *operands[MOTE_XT_MAX_OPERANDS];
    const char *at[MOTE_XT_MAX_OPERANDS + 1]; /* positions in the line of the operands; last: of the mnemonic */
    const source_line *line;
    bool exact;              /* no other form is allowed */
    bool density;            /* narrow (16-bit) forms are allowed */
    const mote_xt_insn *far; /* jx or callx, for a target that is out of reach; or NULL */
    const expr *scratch;     /* register that then holds the target address; or NULL */
    bool near;               /* a target in another section is taken to be within reach */
} instruction;

/* Bytes to fill in when every address is known. */
typedef struct fixup {
    struct fixup *next;
    item *item;
    uint32_t offset;
    uint8_t size;            /* data: 1, 2, 4 or 8 bytes */
    const expr *value;       /* data */
    const instruction *insn; /* or an instruction */
    const source_line *line;
    const char *at;
} fixup;

typedef struct reloc {
    struct reloc *next;
    uint32_t offset, type;
    const section *section; /* the target: a section plus addend, */
    symbol *symbol;         /* or a symbol plus addend */
    int32_t addend;
} reloc;

struct section {
    const char *name;
    uint32_t type, flags, align, entry_size; /* as in the ELF section header */
    item *first, *last;
    fixup *fixups, **fixups_end;
    item *pool;        /* latest literal pool, or NULL */
    section *literals; /* its literal section, or NULL */
    section *code;     /* in a literal section: the section that uses the literals */
    const char *group; /* name of its section group, or NULL */
    bool comdat;       /* the linker keeps one copy of the group */
    bool absolute;     /* .struct: no bytes, only labels, counted from `address` */
    subsection *subsections;
    int64_t subsection; /* number of the current one, whose items are `first` to `last` */
    uint32_t epoch;     /* epoch of its first item */
    section *next;
    uint32_t size;
    uint32_t address; /* in raw output, and of .struct */
    uint8_t *image;
    reloc *relocs, **relocs_end;
    uint32_t reloc_count;
    uint32_t index, symbol_index, reloc_index; /* in the ELF file */
    bool grouped;                              /* already written as a member of its group */
    bool properties;                           /* property table made by properties.c */
};

/* The items of a subsection. Subsections are written in order of their numbers, not in reading order. */
struct subsection {
    subsection *next;
    int64_t number;
    item *first, *last;
    uint32_t epoch;
};

/* A section and the number of one of its subsections. */
typedef struct visit {
    section *section;
    int64_t subsection;
} visit;

struct symbol {
    const char *name;
    symbol *chain, *next; /* next in its bucket, and in order of appearance */
    symbol *latest; /* latest symbol of the name: a redefinition makes a new one; earlier expressions keep theirs */
    enum { SYMBOL_UNDEFINED, SYMBOL_PLACE, SYMBOL_VALUE, SYMBOL_COMMON } kind;
    place place;
    const expr *value;  /* VALUE; COMMON: size */
    uint8_t binding;    /* STB_* */
    uint8_t type;       /* STT_* */
    uint8_t visibility; /* STV_* */
    bool numeric;       /* numeric label such as `1:` */
    bool redefinable;   /* VALUE: defined by .set or = */
    bool referenced;
    bool unlisted;              /* alias within this file, not in the symbol table */
    bool branched_to, loop_end; /* target of a branch; end of a loop */
    uint32_t align;             /* COMMON */
    const expr *size;
    const source_line *line; /* of the definition, else of the first use */
    const char *at;
    uint32_t index; /* in the ELF file */
};

struct expr {
    enum expr_op {
        EXPR_NUMBER,
        EXPR_SYMBOL,
        EXPR_NEGATE,
        EXPR_NOT,
        EXPR_COMPLEMENT,
        EXPR_MUL,
        EXPR_DIV,
        EXPR_MOD,
        EXPR_SHL,
        EXPR_SHR,
        EXPR_OR,
        EXPR_AND,
        EXPR_XOR,
        EXPR_ORNOT,
        EXPR_ADD,
        EXPR_SUB,
        EXPR_EQ,
        EXPR_NE,
        EXPR_LT,
        EXPR_LE,
        EXPR_GT,
        EXPR_GE,
        EXPR_LAND,
        EXPR_LOR,
    } op;
    uint16_t depth;
    int64_t number;
    symbol *symbol;
    const expr *left, *right;
};

/* Result of an expression. */
typedef struct value {
    enum { VALUE_NUMBER, VALUE_PLACE, VALUE_EXTERNAL, VALUE_ERROR } kind;
    int64_t number;   /* the number, or the offset in the section or from the symbol */
    section *section; /* PLACE */
    uint32_t epoch;
    symbol *symbol;      /* EXTERNAL */
    bool settled;        /* final: layout cannot change it */
    const char *problem; /* ERROR */
} value;

/* One text on the stack: a file, or the expansion of a macro or repetition. */
typedef struct frame {
    struct frame *below;
    const char *begin, *at, *end;
    const char *shown; /* the text as written, at the same offsets as `begin` */
    const char *file;
    uint32_t first_number, number; /* line numbers: at `begin`, and of the next line */
    const source_line *parent;
    uint32_t repeats;      /* number of repetitions left */
    bool macro;            /* expansion of a macro, which .exitm leaves */
    uint32_t conditionals; /* number of .ifs open when it began */
} frame;

typedef struct conditional {
    bool taking, taken, seen_else, outer; /* outer: the surrounding code is being assembled */
    const source_line *line;
} conditional;

typedef struct macro macro;

/* Modes that .begin and .end switch. */
typedef struct modes {
    bool transform, density, longcalls, target_align;
    const char *literal_prefix;
} modes;

/* Positions of the bytes of one line, for the listing. */
typedef struct statement {
    struct statement *next;
    const source_line *line;
    place begin, end;
    bool code; /* has an instruction */
} statement;

struct mote_xt_assembly {
    mote_arena arena;
    mote_xt_asm_options options;
    diagnostic diagnostics[MAX_DIAGNOSTICS];
    size_t diagnostic_count, errors, warnings;

    frame *frames;
    size_t depth, text_read, lines_read;
    uint64_t work;           /* evaluation steps so far */
    const source_line *line; /* current line */
    const char *at;          /* cursor in the current line */

    conditional conditionals[MAX_DEPTH];
    uint32_t conditional_count;
    macro *macros;
    uint32_t expansions, locals;
    bool altmacro;

    section *sections, **sections_end;
    section *section;
    visit previous;
    struct {
        visit here, before;
    } stack[MAX_DEPTH];
    uint32_t stack_count;
    uint32_t output; /* bytes so far */

    symbol **buckets;
    size_t bucket_count, symbol_count;
    symbol *symbols, **symbols_end;

    modes modes;
    struct {
        modes before;
        const char *word;
        const source_line *line;
    } regions[MAX_DEPTH];
    uint32_t region_count;

    statement *statements, **statements_end;
    struct line_table *line_table; /* lines.c */
    const char *source_name;       /* .file "NAME" */
    bool laid_out;                 /* addresses within sections are final */
    uint32_t pass;                 /* layout pass */
    bool placed;                   /* addresses of sections are final too: raw output */
    bool ended;                    /* reading has stopped */
    bool too_large;                /* layout has stopped */
};

/* diagnostic.c */
__attribute__((format(printf, 3, 4))) void mote_asm_error(mote_xt_assembly *a, const char *at, const char *format, ...);
__attribute__((format(printf, 3, 4))) void mote_asm_warn(mote_xt_assembly *a, const char *at, const char *format, ...);
__attribute__((format(printf, 3, 4))) void mote_asm_note(mote_xt_assembly *a, const char *at, const char *format, ...);
__attribute__((format(printf, 4, 5))) void mote_asm_error_at(mote_xt_assembly *a, const source_line *line,
                                                             const char *at, const char *format, ...);
__attribute__((format(printf, 2, 3))) char *mote_asm_print(mote_xt_assembly *a, const char *format, ...);

void mote_asm_sort_diagnostics(mote_xt_assembly *a); /* into the order of the source */

/* source.c: lines */
char *mote_asm_strip(mote_xt_assembly *a, const char *text, size_t size); /* copy with comments as spaces */
bool mote_asm_push(mote_xt_assembly *a, frame f);
/* Pushes the rest of the line after the current statement, to be read after the text that is pushed next. */
bool mote_asm_push_rest_of_line(mote_xt_assembly *a);
bool mote_asm_next_line(mote_xt_assembly *a);   /* sets a->line and a->at; false at the end */
void mote_asm_leave_macro(mote_xt_assembly *a); /* .exitm */

/* lex.c: reading at the cursor a->at within the line */
void mote_asm_space(mote_xt_assembly *a);
bool mote_asm_at_end(mote_xt_assembly *a); /* of the statement */
bool mote_asm_accept(mote_xt_assembly *a, char c);
bool mote_asm_expect(mote_xt_assembly *a, char c, const char *after);
/* Reads a name. Returns NULL, without an error, when there is none. */
const char *mote_asm_name(mote_xt_assembly *a);
/* Reads a quoted string or a bare word as text. Returns NULL when there is none. */
const char *mote_asm_word(mote_xt_assembly *a);
/* Reads a quoted string and resolves its escapes. Returns NULL after reporting an error. */
const uint8_t *mote_asm_string(mote_xt_assembly *a, size_t *size);
void mote_asm_skip_statement(mote_xt_assembly *a);
bool mote_asm_is_name_start(char c);
bool mote_asm_is_name(char c);

/* parse.c: expressions at the cursor */
const expr *mote_asm_expr(mote_xt_assembly *a); /* NULL after reporting an error */
/* Reads an expression that must be a number known at this point. Returns false after reporting an error. */
bool mote_asm_absolute(mote_xt_assembly *a, int64_t *number);

/* expr.c */
const expr *mote_asm_number(mote_xt_assembly *a, int64_t number);
const expr *mote_asm_symbol_expr(mote_xt_assembly *a, symbol *s);
const expr *mote_asm_binary(mote_xt_assembly *a, enum expr_op op, const expr *left, const expr *right);
value mote_asm_eval(mote_xt_assembly *a, const expr *e);

/* symbol.c */
symbol *mote_asm_symbol(mote_xt_assembly *a, const char *name);
symbol *mote_asm_symbol_if(mote_xt_assembly *a, const char *name);             /* NULL when never mentioned */
symbol *mote_asm_numeric(mote_xt_assembly *a, int64_t number, char direction); /* 'f', 'b', or ':' to define */
/* Begins a definition, at `at`, of the name of `s`. Returns the symbol to fill in, which is a new one when `s` can be
 * redefined; NULL after reporting an error. */
symbol *mote_asm_define(mote_xt_assembly *a, symbol *s, const char *at);
symbol *mote_asm_label(mote_xt_assembly *a, symbol *s, const char *at); /* NULL after reporting an error */
symbol *mote_asm_here(mote_xt_assembly *a);                             /* a nameless symbol at the current position */
void mote_asm_assign(mote_xt_assembly *a, const char *name, const char *at, const expr *value, bool redefinable);
void mote_asm_check_symbols(mote_xt_assembly *a);

/* section.c */
section *mote_asm_section(mote_xt_assembly *a, const char *name); /* found or created, with the usual flags */
/* Makes `s` the current section. An empty section gets a literal pool, for literals before any .literal_position. */
void mote_asm_enter(mote_xt_assembly *a, section *s);
/* Continues in a subsection of the current section. */
void mote_asm_subsection(mote_xt_assembly *a, int64_t number);
/* Concatenates the subsections of every section. Called when everything has been read. */
void mote_asm_join_subsections(mote_xt_assembly *a);
item *mote_asm_item(mote_xt_assembly *a, section *s, enum item_kind kind);
place mote_asm_place(mote_xt_assembly *a, section *s); /* its current end */
void mote_asm_bytes(mote_xt_assembly *a, section *s, const void *bytes, size_t size);
item *mote_asm_align(mote_xt_assembly *a, uint32_t align, int64_t fill, uint32_t most);
void mote_asm_fixup(mote_xt_assembly *a, section *s, uint8_t size, const expr *value, const instruction *insn,
                    const char *at);
/* Reserves an item for a literal that may become necessary, after the literals so far and before those to come. */
item *mote_asm_reserve_literal(mote_xt_assembly *a, section *code);
/* Writes a literal word into its reserved item or, when that is NULL, after the literals of the section so far. Returns
 * a symbol for the literal. */
symbol *mote_asm_literal(mote_xt_assembly *a, section *code, item *reserved, const expr *value, const char *at);
/* Starts a literal pool at the end of the section or before the label at its end, unless an empty pool is there. */
void mote_asm_pool(mote_xt_assembly *a, bool before_label);
/* Appends an item to the current section, but before a label at its end. */
item *mote_asm_item_before_label(mote_xt_assembly *a, enum item_kind kind);

/* conditional.c, macro.c, directive.c, data.c */
typedef struct directive {
    const char *name; /* without the dot */
    void (*run)(mote_xt_assembly *a, int argument);
    int argument;
} directive;
extern const directive mote_asm_conditionals[], mote_asm_macros[], mote_asm_repeats[], mote_asm_data[],
    mote_asm_numbers[], mote_asm_section_directives[], mote_asm_symbol_directives[], mote_asm_files[], mote_asm_modes[],
    mote_asm_lines[];
const directive *mote_asm_directive(const char *name);
const char *mote_asm_nearest_directive(const char *name);
bool mote_asm_taking(const mote_xt_assembly *a);
bool mote_asm_expand_macro(mote_xt_assembly *a, const char *name); /* false: no such macro */

/* insn.c */
void mote_asm_instruction(mote_xt_assembly *a, const char *mnemonic, const char *at);

/* plain.c */
void mote_asm_emit_narrow(mote_xt_assembly *a, section *s, const item *it);

/* relax.c */
/* Appends the instruction to the current section in the best form that is known to fit. */
void mote_asm_place_instruction(mote_xt_assembly *a, instruction *insn);
/* Grows a branch that does not reach its target until it does, or, when forced, to the far form at once. `stretch` is
 * the distance by which the branch has moved in this pass and by which later items are expected to move. */
void mote_asm_relax(mote_xt_assembly *a, section *s, item *it, uint32_t stretch, bool force);
void mote_asm_emit_branch(mote_xt_assembly *a, section *s, item *it);

/* align.c */
void mote_asm_prepare_alignment(mote_xt_assembly *a); /* before layout, when everything has been read */
/* Sets the size of an item that widens and that has moved by `stretch` bytes in this pass. */
void mote_asm_give_way(item *it, uint32_t stretch);

/* loop.c */
bool mote_asm_is_loop(const mote_xt_insn *insn);
void mote_asm_place_loop(mote_xt_assembly *a, instruction *in);
/* Gives a loop its tail when the loop instruction does not reach the end of the loop. `stretch` as for
 * mote_asm_relax. */
void mote_asm_relax_loop(mote_xt_assembly *a, section *s, item *tail, uint32_t stretch);
/* Reports an error when the loop at `offset` ends in an instruction that is not allowed there. The section must have
 * its image. */
void mote_asm_check_loop(mote_xt_assembly *a, section *s, uint32_t offset, const instruction *in);
/* Size of the first instruction after a target or, after a loop's padding, of the first one in the loop's body; 0 when
 * there is no instruction. */
unsigned mote_asm_first_size(const item *it);
uint32_t mote_asm_loop_padding(const item *it); /* bytes before a loop instruction, for its current address */
void mote_asm_emit_loop_padding(mote_xt_assembly *a, section *s, item *it);
void mote_asm_emit_loop_tail(mote_xt_assembly *a, section *s, const item *it);

/* modes.c: reports each .begin without .end */
void mote_asm_check_modes(mote_xt_assembly *a);

/* lines.c */
void mote_asm_line_of_instruction(mote_xt_assembly *a); /* called before each instruction */

/* lines_write.c */
void mote_asm_finish_lines(mote_xt_assembly *a); /* writes .debug_line, when everything has been read */

/* leb128.c */
uint32_t mote_asm_leb128_size(mote_xt_assembly *a, const item *it);
void mote_asm_emit_leb128(mote_xt_assembly *a, section *s, const item *it);

/* layout.c, emit.c */
void mote_asm_layout(mote_xt_assembly *a);
void mote_asm_emit(mote_xt_assembly *a); /* images and relocations */

/* properties.c */
void mote_asm_properties(mote_xt_assembly *a); /* writes .xt.prop, when the other sections have their images */

/* encode.c */
uint8_t *mote_asm_image_at(section *s, uint32_t offset, uint32_t size); /* NULL outside the image */
void mote_asm_store(section *s, uint32_t offset, uint64_t bits, uint32_t size);
void mote_asm_relocate(mote_xt_assembly *a, section *s, uint32_t offset, uint32_t type, value v);
void mote_asm_undefined(mote_xt_assembly *a, const source_line *l, const char *at, const symbol *s); /* reports it */
void mote_asm_emit_instruction(mote_xt_assembly *a, section *s, uint32_t offset, const instruction *insn);

#endif
