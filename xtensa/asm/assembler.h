/* The assembler's insides, shared by the files of this folder.
 *
 * Reading: lines come out of a stack of texts (the file, macro expansions, repetitions) in source.c; assemble.c splits
 * them into statements; a statement is a directive (directive.c, data.c, macro.c, conditional.c) or an instruction
 * (insn.c). Statements append items to sections. Items whose size is not known yet (branches, alignment) get one in
 * layout.c; emit.c then evaluates what was left open and makes bytes and relocations. */
#ifndef MOTE_XTENSA_ASM_ASSEMBLER_H
#define MOTE_XTENSA_ASM_ASSEMBLER_H

#include "xtensa/asm/arena.h"
#include "xtensa/asm/asm.h"
#include "xtensa/asm/elf.h"

#define MAX_DIAGNOSTICS 100
#define MAX_DEPTH       100                  /* nested macros, repetitions and conditionals */
#define MAX_TEXT        ((size_t)32 << 20)   /* bytes read, expansions included */
#define MAX_TREE        200                  /* depth of an expression */
#define MAX_LINES       2000000              /* assembled, those of expansions included */
#define MAX_OUTPUT      ((uint32_t)64 << 20) /* bytes in all sections */

/* A line as it is assembled, and where it comes from. */
typedef struct source_line {
    const char *text, *end; /* without comments */
    const char *shown;      /* the same columns as the author wrote them */
    const char *file;
    uint32_t number;
    uint32_t order;                   /* in which lines were read */
    const struct source_line *parent; /* the line that used the macro this one is from, or NULL */
} source_line;

typedef struct diagnostic {
    const source_line *line;
    const char *at; /* in line->text, or NULL for the whole line */
    enum { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE } severity;
    const char *message;
} diagnostic;

typedef struct section section;
typedef struct subsection subsection;
typedef struct symbol symbol;
typedef struct expr expr;

/* A stretch of a section. */
typedef struct item {
    enum item_kind {
        ITEM_DATA,         /* bytes that are known up to fixups */
        ITEM_POOL,         /* the same, holding literals that later code appends */
        ITEM_ALIGN,        /* up to a multiple of `align` */
        ITEM_SPACE,        /* `count` bytes */
        ITEM_ORG,          /* up to offset `count` of the section */
        ITEM_LEB128,       /* `count` as groups of seven bits; `fill` says whether it has a sign */
        ITEM_BRANCH,       /* an instruction that grows until it reaches its target */
        ITEM_LOOP_PADDING, /* no-ops that move a loop's body to where it can be fetched fast */
        ITEM_NARROW,       /* a 16-bit instruction that can be widened to align what follows */
        ITEM_TARGET,       /* in front of a label, or where a call returns to */
        ITEM_UNREACHABLE,  /* where code does not run: zeros that align what follows */
    } kind;
    uint32_t address, size; /* offset in the section; both grow during layout */
    uint32_t epoch;         /* number of items of variable size before this one */
    struct item *next, *previous;
    const source_line *line;
    uint8_t *bytes; /* DATA, POOL */
    uint32_t capacity;
    uint32_t align, most; /* ALIGN: power of two, and the most bytes it may add */
    const expr *count;    /* SPACE, ORG, LEB128 */
    int64_t fill;
    uint8_t fill_size;              /* bytes; 0 is 1 */
    const struct instruction *insn; /* BRANCH, NARROW; LOOP_PADDING: the loop */
    struct item *reserved;          /* BRANCH: where its literal would go, or NULL */
    uint8_t form;                   /* BRANCH: index into its forms */
    bool widens;                    /* NARROW, BRANCH, UNREACHABLE: may grow to align what follows */
    bool aligns;                    /* TARGET: is to be aligned */
    const symbol *target;           /* TARGET: the label; NULL behind a call */
    uint32_t pass;                  /* of layout, in which `address` was found last */
    symbol *literal;                /* BRANCH: the address in the pool, once it needed one */
} item;

/* A place in a section. */
typedef struct place {
    section *section;
    item *item;
    uint32_t offset; /* in the item */
} place;

/* An instruction as written: operands by value of expression. */
typedef struct instruction {
    const mote_xt_insn *insn;
    const expr *operands[MOTE_XT_MAX_OPERANDS];
    const char *at[MOTE_XT_MAX_OPERANDS + 1]; /* where each operand, and last the mnemonic, stands in the line */
    const source_line *line;
    bool exact;              /* no other form may be taken */
    bool density;            /* narrow forms may be taken */
    const mote_xt_insn *far; /* jx or callx, for a target that is out of reach, */
    const expr *scratch;     /* through this register; or both NULL */
    bool near;               /* a target that the linker places is within reach */
} instruction;

/* Something to fill in when every address is known. */
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
    item *pool;        /* latest .literal_position */
    section *literals; /* its literal section */
    section *code;     /* the other way round: the section whose literals these are */
    const char *group; /* that it belongs to, or NULL */
    bool comdat;       /* of which the linker keeps one copy */
    bool absolute;     /* .struct: no bytes, only labels, counted from `address` */
    subsection *subsections;
    int64_t subsection; /* the present one; its items are `first` to `last` */
    uint32_t epoch;     /* where its items start to count */
    section *next;
    uint32_t size;
    uint32_t address; /* raw output */
    uint8_t *image;
    reloc *relocs, **relocs_end;
    uint32_t reloc_count;
    uint32_t index, symbol_index, reloc_index; /* in the ELF file */
    bool grouped;                              /* written as a member of its group */
    bool properties;                           /* written by properties.c */
};

/* The items of a section that is written in another order than it is read. */
struct subsection {
    subsection *next;
    int64_t number;
    item *first, *last;
    uint32_t epoch;
};

/* A section, and which of its subsections. */
typedef struct visit {
    section *section;
    int64_t subsection;
} visit;

struct symbol {
    const char *name;
    symbol *chain, *next; /* in its bucket, and in order of appearance */
    symbol *latest;       /* of the name: defining anew makes another symbol, and earlier expressions keep theirs */
    enum { SYMBOL_UNDEFINED, SYMBOL_PLACE, SYMBOL_VALUE, SYMBOL_COMMON } kind;
    place place;
    const expr *value;  /* VALUE; COMMON: size */
    uint8_t binding;    /* STB_* */
    uint8_t type;       /* STT_* */
    uint8_t visibility; /* STV_* */
    bool numeric;       /* 1: and the like */
    bool redefinable;   /* VALUE: defined by .set or = */
    bool referenced;
    bool unlisted;              /* another name within this file only */
    bool branched_to, loop_end; /* something branches to it; it is the end of a loop */
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

/* What an expression comes to. */
typedef struct value {
    enum { VALUE_NUMBER, VALUE_PLACE, VALUE_EXTERNAL, VALUE_ERROR } kind;
    int64_t number;   /* the number, or the offset in the section or from the symbol */
    section *section; /* PLACE */
    uint32_t epoch;
    symbol *symbol;      /* EXTERNAL */
    bool settled;        /* layout can no longer change it */
    const char *problem; /* ERROR */
} value;

/* One text on the stack: a file, or what a macro or repetition became. */
typedef struct frame {
    struct frame *below;
    const char *begin, *at, *end;
    const char *shown; /* what the author wrote, byte for byte beside `begin` */
    const char *file;
    uint32_t first_number, number; /* of the line at `begin`, and of the next line */
    const source_line *parent;
    uint32_t repeats;      /* how many more times */
    bool macro;            /* where .exitm ends */
    uint32_t conditionals; /* open .ifs when it began */
} frame;

typedef struct conditional {
    bool taking, taken, seen_else, outer; /* outer: the surrounding code is being assembled */
    const source_line *line;
} conditional;

typedef struct macro macro;

/* What .begin and .end switch. */
typedef struct modes {
    bool transform, density, longcalls, target_align;
    const char *literal_prefix;
} modes;

/* Where a statement put its bytes, for the listing. */
typedef struct statement {
    struct statement *next;
    const source_line *line;
    place begin, end;
    bool code;
} statement;

struct mote_xt_assembly {
    mote_arena arena;
    mote_xt_asm_options options;
    diagnostic diagnostics[MAX_DIAGNOSTICS];
    size_t diagnostic_count, errors, warnings;

    frame *frames;
    size_t depth, text_read, lines_read;
    uint64_t work;           /* steps of evaluation */
    const source_line *line; /* being assembled */
    const char *at;          /* the cursor in it */

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
    uint32_t pass;                 /* of layout */
    bool placed;                   /* so are the addresses of sections: raw output */
    bool ended;                    /* nothing more is read */
    bool too_large;                /* nothing more is laid out */
};

/* diagnostic.c */
__attribute__((format(printf, 3, 4))) void mote_asm_error(mote_xt_assembly *a, const char *at, const char *format, ...);
__attribute__((format(printf, 3, 4))) void mote_asm_warn(mote_xt_assembly *a, const char *at, const char *format, ...);
__attribute__((format(printf, 3, 4))) void mote_asm_note(mote_xt_assembly *a, const char *at, const char *format, ...);
__attribute__((format(printf, 4, 5))) void mote_asm_error_at(mote_xt_assembly *a, const source_line *line,
                                                             const char *at, const char *format, ...);
__attribute__((format(printf, 2, 3))) char *mote_asm_print(mote_xt_assembly *a, const char *format, ...);

void mote_asm_sort_diagnostics(mote_xt_assembly *a); /* in the order of the source */

/* source.c: lines */
char *mote_asm_strip(mote_xt_assembly *a, const char *text, size_t size); /* comments become spaces */
bool mote_asm_push(mote_xt_assembly *a, frame f);
/* Before another text is read: what follows the present statement on its line is read after that. */
bool mote_asm_push_rest_of_line(mote_xt_assembly *a);
bool mote_asm_next_line(mote_xt_assembly *a);   /* sets a->line and a->at; false at the end */
void mote_asm_leave_macro(mote_xt_assembly *a); /* .exitm */

/* lex.c: the cursor a->at within the line */
void mote_asm_space(mote_xt_assembly *a);
bool mote_asm_at_end(mote_xt_assembly *a); /* of the statement */
bool mote_asm_accept(mote_xt_assembly *a, char c);
bool mote_asm_expect(mote_xt_assembly *a, char c, const char *after);
/* A name; NULL (and no message) when there is none. */
const char *mote_asm_name(mote_xt_assembly *a);
/* A quoted string or a bare word as text; NULL when there is none. */
const char *mote_asm_word(mote_xt_assembly *a);
/* A quoted string with its escapes resolved; NULL after a message. */
const uint8_t *mote_asm_string(mote_xt_assembly *a, size_t *size);
void mote_asm_skip_statement(mote_xt_assembly *a);
bool mote_asm_is_name_start(char c);
bool mote_asm_is_name(char c);

/* parse.c: expressions at the cursor */
const expr *mote_asm_expr(mote_xt_assembly *a); /* NULL after a message */
/* An expression that must be a number now; false after a message. */
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
/* The symbol that a definition at `at` of the name of `s` is to fill; NULL after a message. */
symbol *mote_asm_define(mote_xt_assembly *a, symbol *s, const char *at);
symbol *mote_asm_label(mote_xt_assembly *a, symbol *s, const char *at); /* NULL after a message */
symbol *mote_asm_here(mote_xt_assembly *a);                             /* a nameless symbol at the present place */
void mote_asm_assign(mote_xt_assembly *a, const char *name, const char *at, const expr *value, bool redefinable);
void mote_asm_check_symbols(mote_xt_assembly *a);

/* section.c */
section *mote_asm_section(mote_xt_assembly *a, const char *name); /* found or made, with the usual flags */
section *mote_asm_literals(mote_xt_assembly *a);                  /* the literal section of the present one */
/* Makes it the present one. Literals for which no place was made go to its start. */
void mote_asm_enter(mote_xt_assembly *a, section *s);
/* Goes on in a subsection of the present section. */
void mote_asm_subsection(mote_xt_assembly *a, int64_t number);
/* Puts the subsections of all sections behind each other, when everything is read. */
void mote_asm_join_subsections(mote_xt_assembly *a);
item *mote_asm_item(mote_xt_assembly *a, section *s, enum item_kind kind);
place mote_asm_place(mote_xt_assembly *a, section *s); /* its present end */
void mote_asm_bytes(mote_xt_assembly *a, section *s, const void *bytes, size_t size);
item *mote_asm_align(mote_xt_assembly *a, uint32_t align, int64_t fill, uint32_t most);
void mote_asm_fixup(mote_xt_assembly *a, section *s, uint8_t size, const expr *value, const instruction *insn,
                    const char *at);
/* A place for a literal that may turn out to be needed, behind those before and in front of those to come. */
item *mote_asm_reserve_literal(mote_xt_assembly *a, section *code);
/* Puts a literal word into the place reserved for it, or with NULL at the end of those for the section. */
symbol *mote_asm_literal(mote_xt_assembly *a, section *code, item *reserved, const expr *value, const char *at);
/* Makes a place for literals, unless one was made just here: at the end, or in front of the label that stands there. */
void mote_asm_pool(mote_xt_assembly *a, bool before_label);
/* Appends an item to the present section, but in front of the label that stands at its end, if one does. */
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
/* Puts the instruction into the present section in the best form that is known to fit. */
void mote_asm_place_instruction(mote_xt_assembly *a, instruction *insn);
/* Grows a branch that does not reach, or any when forced. What comes after it will move by `stretch`, as it did. */
void mote_asm_relax(mote_xt_assembly *a, section *s, item *it, uint32_t stretch, bool force);
void mote_asm_emit_branch(mote_xt_assembly *a, section *s, item *it);

/* align.c */
void mote_asm_prepare_alignment(mote_xt_assembly *a); /* before layout, when everything is read */
/* Sets the size of an item that widens, which has moved by `stretch` in this pass. */
void mote_asm_give_way(item *it, uint32_t stretch);

/* loop.c */
bool mote_asm_is_loop(const mote_xt_insn *insn);
/* Says so when the loop at `offset`, whose section has its image, ends in an instruction that may not stand there. */
void mote_asm_check_loop(mote_xt_assembly *a, section *s, uint32_t offset, const instruction *in);
/* Size of the instruction that is executed first behind a loop's padding (in its body) or a target; 0 when something
 * else stands there. */
unsigned mote_asm_first_size(const item *it);
uint8_t mote_asm_loop_padding(const item *it); /* bytes of no-ops before a loop at its present address */
void mote_asm_emit_loop_padding(mote_xt_assembly *a, section *s, const item *it);

/* modes.c: says which .begin have no .end */
void mote_asm_check_modes(mote_xt_assembly *a);

/* lines.c */
void mote_asm_line_of_instruction(mote_xt_assembly *a); /* one is about to be put down */

/* lines_write.c */
void mote_asm_finish_lines(mote_xt_assembly *a); /* writes .debug_line, when everything is read */

/* leb128.c */
uint32_t mote_asm_leb128_size(mote_xt_assembly *a, const item *it);
void mote_asm_emit_leb128(mote_xt_assembly *a, section *s, const item *it);

/* layout.c, emit.c */
void mote_asm_layout(mote_xt_assembly *a);
void mote_asm_emit(mote_xt_assembly *a); /* images and relocations */

/* properties.c */
void mote_asm_properties(mote_xt_assembly *a); /* makes .xt.prop, once the others have their images */

/* encode.c */
uint8_t *mote_asm_image_at(section *s, uint32_t offset, uint32_t size); /* NULL outside the image */
void mote_asm_store(section *s, uint32_t offset, uint64_t bits, uint32_t size);
void mote_asm_relocate(mote_xt_assembly *a, section *s, uint32_t offset, uint32_t type, value v);
void mote_asm_undefined(mote_xt_assembly *a, const source_line *l, const char *at, const symbol *s); /* a message */
void mote_asm_emit_instruction(mote_xt_assembly *a, section *s, uint32_t offset, const instruction *insn);

#endif
