#include "compiler/prune/picture.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "compiler/prune/mask.h"

enum { CELL = 4, FIELD = 96, MARGIN = 16, TITLE = 20, COLUMNS = 4, LEVELS = 8 };

/* Returns the fraction of weights that stay, 0..LEVELS rounded up, in the cell at (i, j) of a field of n × m cells. */
static int level(const uint8_t *keep, const mote_tensor *t, uint32_t i, uint32_t n, uint32_t j, uint32_t m)
{
    const size_t columns = t->dims[1];
    const size_t top = (size_t)i * t->dims[0] / n, bottom = (size_t)(i + 1) * t->dims[0] / n;
    const size_t left = j * columns / m, right = (j + 1) * columns / m;
    size_t kept = 0;
    for (size_t r = top; r < bottom; r++)
        for (size_t c = left; c < right; c++)
            kept += keep[r * columns + c];
    return (int)((kept * LEVELS + (bottom - top) * (right - left) - 1) / ((bottom - top) * (right - left)));
}

static uint32_t cells(uint32_t count)
{
    return count < FIELD ? count : FIELD;
}

/* Draws a field. A run of equal cells is one rectangle. */
static void draw_rows(FILE *out, const mote_tensor *t, const uint8_t *keep, uint32_t x, uint32_t y)
{
    const uint32_t n = cells(t->dims[0]), m = cells(t->dims[1]);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0, run; j < m; j += run) {
            const int shade = level(keep, t, i, n, j, m);
            for (run = 1; j + run < m && level(keep, t, i, n, j + run, m) == shade;)
                run++;
            if (shade > 0)
                fprintf(out, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%d\" fill-opacity=\"%.3f\"/>\n",
                        x + CELL * j, y + CELL * i, CELL * run, CELL, (double)shade / LEVELS);
        }
    fprintf(out, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" fill=\"none\" stroke=\"#888\"/>\n", x, y, CELL * m,
            CELL * n);
}

static bool draw(FILE *out, const mote_tensor *t, uint32_t x, uint32_t y)
{
    const size_t count = mote_tensor_elements(t);
    uint8_t *keep = malloc(count + 1);
    size_t kept = 0;
    if (!keep)
        return false;
    mote_mask_of(t->data, t->dims[0], t->dims[1], t->pruned, keep);
    for (size_t i = 0; i < count; i++)
        kept += keep[i];
    fprintf(out, "<text x=\"%u\" y=\"%u\">", x, y + TITLE - 6);
    for (const char *c = t->name; *c; c++)
        fputs(*c == '<' ? "&lt;" : *c == '&' ? "&amp;" : (char[]){*c, 0}, out);
    fprintf(out, " %u×%u, %.1f %% stay</text>\n", t->dims[0], t->dims[1], 100.0 * (double)kept / (double)count);
    draw_rows(out, t, keep, x, y + TITLE);
    free(keep);
    return true;
}

bool mote_mask_picture(const mote_graph *g, const char *path, mote_error *error)
{
    const uint32_t wide = FIELD * CELL + MARGIN, high = wide + TITLE;
    uint32_t count = 0, drawn = 0;
    for (int i = 0; i < g->tensor_count; i++)
        count += g->tensors[i].pruned != MOTE_UNPRUNED;
    mote_output_file out;
    if (!mote_output_begin(&out, path, error))
        return false;
    fprintf(out.stream,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" font-family=\"sans-serif\" "
            "font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
            MARGIN + wide * (count < COLUMNS ? count : COLUMNS), MARGIN + high * ((count + COLUMNS - 1) / COLUMNS));
    for (int i = 0; i < g->tensor_count; i++) {
        if (g->tensors[i].pruned == MOTE_UNPRUNED)
            continue;
        if (!draw(out.stream, &g->tensors[i], MARGIN + wide * (drawn % COLUMNS), MARGIN + high * (drawn / COLUMNS))) {
            mote_output_discard(&out);
            return mote_fail(error, MOTE_E_INTERNAL, "out of memory while drawing masks");
        }
        drawn++;
    }
    fputs("</svg>\n", out.stream);
    return mote_output_commit(&out, error);
}
