#include "compiler/prune/picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"
#include "compiler/prune/mask.h"

/* Pixels, but FIELD: the most cells of a side; COLUMNS: fields side by side; LEVELS of grey; NAME: characters of a name
 * that fit the width of a field. */
enum { CELL = 4, FIELD = 96, MARGIN = 16, LINE = 16, COLUMNS = 4, LEVELS = 8, NAME = 56, LEGEND = 480 };

/* A pruned matrix and its drawing: a cell is a square of side × side weights, cut off at the last row and column. */
typedef struct field {
    const mote_tensor *tensor;
    uint32_t side, high, wide; /* high, wide: in cells */
} field;

static field field_of(const mote_tensor *t)
{
    const uint32_t longer = t->dims[0] > t->dims[1] ? t->dims[0] : t->dims[1], side = (longer + FIELD - 1) / FIELD;
    return (field){t, side, (t->dims[0] + side - 1) / side, (t->dims[1] + side - 1) / side};
}

/* Takes the next pruned matrices from tensor *at on, as many as stand side by side. Returns their number. */
static uint32_t next_row(const mote_graph *g, int *at, field row[COLUMNS])
{
    uint32_t count = 0;
    for (; *at < g->tensor_count && count < COLUMNS; ++*at)
        if (g->tensors[*at].pruned != MOTE_UNPRUNED)
            row[count++] = field_of(&g->tensors[*at]);
    return count;
}

static uint32_t height_of(const field *row, uint32_t count)
{
    uint32_t high = 0;
    for (uint32_t i = 0; i < count; i++)
        high = row[i].high > high ? row[i].high : high;
    return 2 * LINE + CELL * high + MARGIN;
}

/* Returns the fraction of weights that stay in the cell at (i, j), 0..LEVELS rounded up. */
static int level(const uint8_t *keep, const field *f, uint32_t i, uint32_t j)
{
    const size_t rows = f->tensor->dims[0], columns = f->tensor->dims[1];
    const size_t top = (size_t)i * f->side, left = (size_t)j * f->side;
    size_t kept = 0, all = 0;
    for (size_t r = top; r < top + f->side && r < rows; r++)
        for (size_t c = left; c < left + f->side && c < columns; c++, all++)
            kept += keep[r * columns + c];
    return (int)((kept * LEVELS + all - 1) / all);
}

/* Draws the cells. A run of equal ones is one rectangle. */
static void draw_cells(FILE *out, const field *f, const uint8_t *keep, uint32_t x, uint32_t y)
{
    for (uint32_t i = 0; i < f->high; i++)
        for (uint32_t j = 0, run; j < f->wide; j += run) {
            const int shade = level(keep, f, i, j);
            for (run = 1; j + run < f->wide && level(keep, f, i, j + run) == shade;)
                run++;
            if (shade > 0)
                fprintf(out, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%d\" fill-opacity=\"%.3f\"/>\n",
                        x + CELL * j, y + CELL * i, CELL * run, CELL, (double)shade / LEVELS);
        }
    fprintf(out, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" fill=\"none\" stroke=\"#888\"/>\n", x, y,
            CELL * f->wide, CELL * f->high);
}

static bool draw_field(FILE *out, const field *f, uint32_t x, uint32_t y)
{
    const mote_tensor *t = f->tensor;
    const size_t count = mote_tensor_elements(t);
    uint8_t *keep = malloc(count + 1);
    size_t kept = 0;
    if (!keep)
        return false;
    mote_mask_of(t->data, t->dims[0], t->dims[1], t->pruned, keep);
    for (size_t i = 0; i < count; i++)
        kept += keep[i];
    fprintf(out, "<text x=\"%u\" y=\"%u\" font-weight=\"bold\"", x, y + LINE - 4);
    if (strlen(t->name) > NAME)
        fprintf(out, " textLength=\"%d\" lengthAdjust=\"spacingAndGlyphs\"", FIELD * CELL);
    fputc('>', out);
    mote_xml_write(out, t->name);
    fprintf(out, "</text>\n<text x=\"%u\" y=\"%u\">%u rows × %u columns, %.1f %% stay; a cell: %u×%u</text>\n", x,
            y + 2 * LINE - 4, t->dims[0], t->dims[1], 100.0 * (double)kept / (double)count, f->side, f->side);
    draw_cells(out, f, keep, x, y + 2 * LINE);
    free(keep);
    return true;
}

static void draw_frame(FILE *out, const mote_graph *g)
{
    field row[COLUMNS];
    uint32_t high = MARGIN + 2 * LINE, wide = LEGEND, count;
    for (int at = 0; (count = next_row(g, &at, row)); high += height_of(row, count))
        if (count * (FIELD * CELL + MARGIN) > wide)
            wide = count * (FIELD * CELL + MARGIN);
    fprintf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" font-family=\"sans-serif\" "
        "font-size=\"12\" shape-rendering=\"crispEdges\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
        "<text x=\"%d\" y=\"%d\">Cells from white, no weight stays, to black, all weights stay. A row computes one "
        "output.</text>\n",
        MARGIN + wide, high, MARGIN, MARGIN + LINE - 4);
}

bool mote_mask_picture(const mote_graph *g, const char *path, mote_error *error)
{
    mote_output_file out;
    field row[COLUMNS];
    if (!mote_output_begin(&out, path, error))
        return false;
    draw_frame(out.stream, g);
    uint32_t y = MARGIN + 2 * LINE, count;
    bool drawn = true;
    for (int at = 0; drawn && (count = next_row(g, &at, row)); y += height_of(row, count))
        for (uint32_t i = 0; drawn && i < count; i++)
            drawn = draw_field(out.stream, &row[i], MARGIN + i * (FIELD * CELL + MARGIN), y);
    if (!drawn) {
        mote_output_discard(&out);
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory while drawing masks");
    }
    fputs("</svg>\n", out.stream);
    return mote_output_commit(&out, error);
}
