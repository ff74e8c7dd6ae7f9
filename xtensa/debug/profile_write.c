#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "xtensa/asm/dis.h"
#include "xtensa/debug/profile_data.h"
#include "xtensa/debug/program.h"

enum { LINE_TEXT = MOTE_XT_TEXT + MOTE_XT_LOCATION, SOURCE_WIDTH = 22 };

/* A function, a line of the source, or a single line of disassembly. */
typedef struct row {
    const mote_xt_elf_symbol *function; /* NULL where no symbol covers it */
    uint32_t address;                   /* the first one */
    const mote_xt_source *file;         /* of the source; NULL where no line is known */
    uint32_t line;
    mote_xt_cost cost;
} row;

typedef struct table {
    row *lines;     /* by address */
    row *functions; /* by cycles, most first */
    row *sources;   /* lines of the source, by cycles; none without line tables */
    size_t line_count, function_count, source_count;
    mote_xt_cost total;
} table;

static int by_address(const void *a, const void *b)
{
    const row *x = a, *y = b;
    return x->address < y->address ? -1 : x->address > y->address;
}

static int by_cycles(const void *a, const void *b)
{
    const row *x = a, *y = b;
    return x->cost.cycles > y->cost.cycles ? -1 : x->cost.cycles < y->cost.cycles ? 1 : by_address(a, b);
}

static void table_free(table *t)
{
    free(t->lines);
    free(t->functions);
    free(t->sources);
    *t = (table){0};
}

/* Lines of disassembly are sorted by address, so that those of a function are adjacent. */
static int by_function(const void *a, const void *b)
{
    const row *x = a, *y = b;
    return x->function != y->function;
}

/* Units that include the same header have entries of their own for it. */
static int by_source(const void *a, const void *b)
{
    const row *x = a, *y = b;
    if (!x->file || !y->file)
        return (x->file != NULL) - (y->file != NULL);
    int order = x->file == y->file ? 0 : strcmp(x->file->name, y->file->name);
    if (order == 0 && x->file != y->file)
        order = strcmp(x->file->folder, y->file->folder);
    return order ? order : x->line < y->line ? -1 : x->line > y->line;
}

/* Sums adjacent rows for which `order` returns 0, and sorts the sums by cycles. Returns their number. */
static size_t sum(const row *rows, size_t count, int (*order)(const void *, const void *), row *sums)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (i && order(&rows[i - 1], &rows[i]) == 0) {
            mote_xt_cost_add(&sums[n - 1].cost, &rows[i].cost);
            sums[n - 1].address = rows[i].address < sums[n - 1].address ? rows[i].address : sums[n - 1].address;
        } else {
            sums[n++] = rows[i];
        }
    if (n)
        qsort(sums, n, sizeof *sums, by_cycles);
    return n;
}

static row make_row(const mote_xt_program *program, const mote_xt_profile_slot *slot)
{
    const mote_xt_line *line = mote_xt_lines_at(&program->lines, slot->pc);
    return (row){.function = mote_xt_program_function(program, slot->pc),
                 .address = slot->pc,
                 .file = line ? &program->lines.files[line->file] : NULL,
                 .line = line ? line->line : 0,
                 .cost = slot->cost};
}

static bool table_make(table *t, const mote_xt_program *program, mote_error *error)
{
    const mote_xt_profile *p = program->profile;
    size_t room = (p->used + 1) * sizeof(row);
    *t = (table){.lines = malloc(room), .functions = malloc(room), .sources = malloc(room)};
    if (!t->lines || !t->functions || !t->sources) {
        table_free(t);
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory for the report of the profile");
    }
    for (size_t i = 0; i < p->slot_count; i++)
        if (p->slots[i].cost.count)
            t->lines[t->line_count++] = make_row(program, &p->slots[i]);
    if (t->line_count && program->lines.row_count) {
        qsort(t->lines, t->line_count, sizeof *t->lines, by_source);
        t->source_count = sum(t->lines, t->line_count, by_source, t->sources);
    }
    if (t->line_count)
        qsort(t->lines, t->line_count, sizeof *t->lines, by_address);
    t->function_count = sum(t->lines, t->line_count, by_function, t->functions);
    for (size_t i = 0; i < t->function_count; i++)
        if (t->functions[i].function)
            t->functions[i].address = t->functions[i].function->value;
    t->total = mote_xt_profile_total(p);
    return true;
}

static const char *name_of(const mote_xt_program *program, const row *r, char to[MOTE_XT_LOCATION])
{
    return r->function ? mote_xt_program_location(program, r->function->value, to) : "(no symbol)";
}

static const char *source_of(const mote_xt_program *program, const row *r, char to[MOTE_XT_LOCATION])
{
    return *mote_xt_program_source(program, r->address, to) ? to : "(no line)";
}

/* Writes `text` in a column, then the stalls by cause and a newline. */
static void write_stalls(const mote_xt_cost *cost, const char *text, int width, FILE *out)
{
    bool any = false;
    for (int i = 1; i < MOTE_XT_STALL_KINDS; i++) {
        if (!cost->stalls[i])
            continue;
        fprintf(out, any ? ", " : "%-*s  ", width, text);
        fprintf(out, "%s %" PRIu64, mote_xt_stall_name((mote_xt_stall)i), cost->stalls[i]);
        any = true;
    }
    fprintf(out, "%s\n", any ? "" : text);
}

/* Writes the sums of a table with their names under `title`. */
static void write_sums(const table *t, const row *rows, size_t count, const char *title,
                       const char *(*name)(const mote_xt_program *, const row *, char *),
                       const mote_xt_program *program, FILE *out)
{
    char text[MOTE_XT_LOCATION];
    double all = t->total.cycles ? (double)t->total.cycles : 1;
    if (count || rows == t->functions)
        fprintf(out, "\n%12s %6s %12s  %-28s  %s\n", "cycles", "%", "instructions", title, "stalls");
    for (size_t i = 0; i < count; i++) {
        const row *r = &rows[i];
        fprintf(out, "%12" PRIu64 " %6.2f %12" PRIu64 "  ", r->cost.cycles, 100 * (double)r->cost.cycles / all,
                r->cost.count);
        write_stalls(&r->cost, name(program, r, text), 28, out);
    }
}

static void write_text(const table *t, const mote_xt_program *program, FILE *out)
{
    char name[MOTE_XT_LOCATION];
    fprintf(out, "%" PRIu64 " instructions, %" PRIu64 " cycles", t->total.count, t->total.cycles);
    write_stalls(&t->total, "; stalls:", 0, out);
    write_sums(t, t->functions, t->function_count, "function", name_of, program, out);
    write_sums(t, t->sources, t->source_count, "source", source_of, program, out);
    int width = program->lines.row_count ? SOURCE_WIDTH : 0; /* no column without line tables */
    fprintf(out, "\n%12s %12s  %-10s %-*s%-44s  %s\n", "cycles", "executed", "address", width, width ? "source" : "",
            "instruction", "stalls");
    for (size_t i = 0; i < t->line_count; i++) {
        const row *line = &t->lines[i];
        char text[LINE_TEXT];
        if (i == 0 || line->function != line[-1].function)
            fprintf(out, "%s:\n", name_of(program, line, name));
        mote_xt_program_decode(program, line->address, NULL, text, sizeof text);
        fprintf(out, "%12" PRIu64 " %12" PRIu64 "  0x%08x ", line->cost.cycles, line->cost.count, line->address);
        if (width)
            fprintf(out, "%-*s ", width - 1, mote_xt_program_source(program, line->address, name));
        write_stalls(&line->cost, text, 44, out);
    }
}

static json_t *cost_json(const mote_xt_cost *cost)
{
    json_t *stalls = json_object();
    for (int i = 1; i < MOTE_XT_STALL_KINDS; i++)
        if (cost->stalls[i])
            json_object_set_new(stalls, mote_xt_stall_name((mote_xt_stall)i),
                                json_integer((json_int_t)cost->stalls[i]));
    return json_pack("{s:I, s:I, s:o}", "instructions", (json_int_t)cost->count, "cycles", (json_int_t)cost->cycles,
                     "stalls", stalls);
}

/* Names come from the ELF file and may not be UTF-8. */
static json_t *name_json(const char *name)
{
    json_t *text = json_string(name);
    return text ? text : json_string("(not UTF-8)");
}

static bool write_json(const table *t, const mote_xt_program *program, FILE *out)
{
    char name[MOTE_XT_LOCATION];
    json_t *root = cost_json(&t->total), *functions = json_array(), *sources = json_array(), *lines = json_array();
    for (size_t i = 0; i < t->function_count; i++) {
        json_t *object = cost_json(&t->functions[i].cost);
        json_object_set_new(object, "name", name_json(name_of(program, &t->functions[i], name)));
        json_object_set_new(object, "address", json_integer(t->functions[i].address));
        json_array_append_new(functions, object);
    }
    for (size_t i = 0; i < t->source_count; i++) {
        json_t *object = cost_json(&t->sources[i].cost);
        json_object_set_new(object, "source", name_json(source_of(program, &t->sources[i], name)));
        json_array_append_new(sources, object);
    }
    for (size_t i = 0; i < t->line_count; i++) {
        char text[LINE_TEXT];
        mote_xt_program_decode(program, t->lines[i].address, NULL, text, sizeof text);
        json_t *object = cost_json(&t->lines[i].cost);
        json_object_set_new(object, "function", name_json(name_of(program, &t->lines[i], name)));
        json_object_set_new(object, "address", json_integer(t->lines[i].address));
        json_object_set_new(object, "text", name_json(text));
        if (*mote_xt_program_source(program, t->lines[i].address, name))
            json_object_set_new(object, "source", name_json(name));
        json_array_append_new(lines, object);
    }
    json_object_set_new(root, "functions", functions);
    json_object_set_new(root, "sources", sources);
    json_object_set_new(root, "lines", lines);
    bool ok = json_dumpf(root, out, JSON_INDENT(1)) == 0 && fputc('\n', out) != EOF;
    json_decref(root);
    return ok;
}

/* Writes the frames from the outermost inwards; only the innermost FRAMES of a deep recursion. */
static void write_stack(const mote_xt_program *program, uint32_t node, FILE *out)
{
    enum { FRAMES = 512 };
    const mote_xt_profile_node *nodes = program->profile->nodes;
    uint32_t stack[FRAMES], depth = 0;
    for (uint32_t n = node;; n = nodes[n].parent) {
        stack[depth++] = nodes[n].function;
        if (n == 0 || depth == FRAMES)
            break;
    }
    while (depth--) {
        char name[MOTE_XT_LOCATION];
        fprintf(out, "%s%c", mote_xt_program_location(program, stack[depth], name), depth ? ';' : ' ');
    }
}

static void write_folded(const mote_xt_program *program, FILE *out)
{
    const mote_xt_profile *p = program->profile;
    for (uint32_t i = 0; i < p->node_count; i++) {
        if (p->nodes[i].cycles == 0)
            continue;
        write_stack(program, i, out);
        fprintf(out, "%" PRIu64 "\n", p->nodes[i].cycles);
    }
}

bool mote_xt_profile_write(const mote_xt_program *program, mote_xt_profile_form form, FILE *out, mote_error *error)
{
    table t;
    bool ok = true;
    if (form == MOTE_XT_PROFILE_FOLDED) {
        write_folded(program, out);
    } else {
        if (!table_make(&t, program, error))
            return false;
        if (form == MOTE_XT_PROFILE_JSON)
            ok = write_json(&t, program, out);
        else
            write_text(&t, program, out);
        table_free(&t);
    }
    return (ok && !ferror(out)) || mote_fail(error, MOTE_E_OUTPUT, "the profile could not be written");
}
