#include "compiler/train/curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"

bool mote_curve_add(mote_curve *c, mote_curve_point point)
{
    if (c->count == c->capacity) {
        size_t capacity = c->capacity ? 2 * c->capacity : 64;
        mote_curve_point *points = realloc(c->points, capacity * sizeof *points);
        if (!points)
            return false;
        c->points = points;
        c->capacity = capacity;
    }
    c->points[c->count++] = point;
    return true;
}

void mote_curve_free(mote_curve *c)
{
    free(c->points);
    memset(c, 0, sizeof *c);
}

/* Writes a column's name, such as "train_bits_per_byte". */
static void write_column(FILE *f, const char *part, const char *unit)
{
    fprintf(f, ",%s_", part);
    for (; *unit; unit++)
        fputc(*unit == ' ' ? '_' : *unit, f);
}

bool mote_curve_save_csv(const mote_curve *c, const char *path, const char *unit, mote_error *error)
{
    mote_output_file out;
    if (!mote_output_begin(&out, path, error))
        return false;
    fprintf(out.stream, "step,thousand_tokens");
    write_column(out.stream, "train", unit);
    write_column(out.stream, "valid", unit);
    fprintf(out.stream, "\n");
    for (size_t i = 0; i < c->count; i++) {
        const mote_curve_point *p = &c->points[i];
        fprintf(out.stream, "%.0f,%.0f,%.5f,", (double)p->step, (double)p->tokens, (double)p->train);
        if (!isnan(p->valid))
            fprintf(out.stream, "%.5f", (double)p->valid);
        fprintf(out.stream, "\n");
    }
    return mote_output_commit(&out, error);
}

enum { WIDTH = 760, HEIGHT = 420, LEFT = 76, RIGHT = 24, TOP = 44, BOTTOM = 52, MOST_MARKS = 80 };

/* A linear axis: maps low..high to pixels from..to, with a tick every `tick`. */
typedef struct axis {
    double low, high, from, to, tick;
} axis;

static double place(const axis *a, double value)
{
    return a->from + (value - a->low) / (a->high - a->low) * (a->to - a->from);
}

/* Returns 1, 2 or 5 times a power of ten, so that about `count` ticks fit in the range. */
static double tick_size(double range, int count)
{
    double raw = range / count, power = pow(10, floor(log10(raw))), digit = raw / power;
    return power * (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10);
}

/* Returns the number of ticks above the lowest; 0 if the range is empty. */
static int ticks(const axis *a)
{
    const double count = (a->high - a->low) / a->tick;
    return count >= 0 && count < 100 ? (int)(count + 1e-3) : 0;
}

static axis steps_axis(const mote_curve *c)
{
    axis a = {.low = 0, .high = 1, .from = LEFT, .to = WIDTH - RIGHT};
    if (c->count)
        a.high = (double)c->points[c->count - 1].step;
    a.tick = fmax(tick_size(a.high, 7), 1);
    return a;
}

/* Shows every loss; begins and ends at a tick. */
static axis loss_axis(const mote_curve *c)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < c->count; i++)
        for (int k = 0; k < 2; k++) {
            const double loss = (double)(k ? c->points[i].valid : c->points[i].train);
            if (isfinite(loss))
                low = fmin(low, loss), high = fmax(high, loss);
        }
    axis a = {.low = 0, .high = 1, .from = HEIGHT - BOTTOM, .to = TOP, .tick = 0.2};
    if (low <= high) {
        a.tick = tick_size(fmax(high - low, 0.01), 6);
        a.low = floor(low / a.tick) * a.tick;
        a.high = fmax(ceil(high / a.tick) * a.tick, a.low + a.tick);
    }
    return a;
}

static void draw_axes(FILE *f, const axis *x, const axis *y, const char *unit)
{
    for (int i = 0; i <= ticks(y); i++) {
        double value = y->low + i * y->tick, at = place(y, value);
        fprintf(f, "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%g</text>\n",
                LEFT, at, WIDTH - RIGHT, LEFT - 8, at + 4, value);
    }
    for (int i = 0; i <= ticks(x); i++) {
        double at = place(x, i * x->tick);
        fprintf(f,
                "<path class=\"axis\" d=\"M%.1f %dv5\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f</text>\n",
                at, HEIGHT - BOTTOM, at, HEIGHT - BOTTOM + 19, i * x->tick);
    }
    fprintf(f, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/>\n", LEFT, TOP, HEIGHT - BOTTOM, WIDTH - RIGHT);
    fprintf(f, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">step</text>\n", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12);
    fprintf(f, "<text transform=\"translate(16 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>\n",
            (TOP + HEIGHT - BOTTOM) / 2, unit);
}

/* Draws a line through the finite losses, and a mark at each unless there are so many that marks would cover it. */
static void draw_line(FILE *f, const mote_curve *c, bool valid, const axis *x, const axis *y)
{
    size_t count = 0;
    fprintf(f, "<polyline class=\"%s\" points=\"", valid ? "valid" : "train");
    for (size_t i = 0; i < c->count; i++) {
        const double loss = (double)(valid ? c->points[i].valid : c->points[i].train);
        if (isfinite(loss) && ++count)
            fprintf(f, "%.1f,%.1f ", place(x, (double)c->points[i].step), place(y, loss));
    }
    fprintf(f, "\"/>\n");
    for (size_t i = 0; (valid ? count <= MOST_MARKS : count == 1) && i < c->count; i++) {
        const double loss = (double)(valid ? c->points[i].valid : c->points[i].train);
        if (isfinite(loss))
            fprintf(f, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n", valid ? "valid" : "train",
                    place(x, (double)c->points[i].step), place(y, loss));
    }
}

static void draw_legend(FILE *f)
{
    int x = WIDTH - RIGHT - 150, y = TOP + 16;
    fprintf(f, "<path class=\"train\" d=\"M%d %dh28\"/><text x=\"%d\" y=\"%d\">training</text>\n", x, y, x + 36, y + 4);
    fprintf(f,
            "<path class=\"valid\" d=\"M%d %dh28\"/><circle class=\"valid\" cx=\"%d\" cy=\"%d\" r=\"3\"/>"
            "<text x=\"%d\" y=\"%d\">validation</text>\n",
            x, y + 20, x + 14, y + 20, x + 36, y + 24);
}

bool mote_curve_save_svg(const mote_curve *c, const char *path, const char *title, const char *unit, mote_error *error)
{
    mote_output_file out;
    if (!mote_output_begin(&out, path, error))
        return false;
    axis x = steps_axis(c), y = loss_axis(c);
    FILE *f = out.stream;
    fprintf(f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" "
            "font-size=\"12\" fill=\"#333\">\n"
            "<style>path,polyline{fill:none;stroke-width:1.5}.grid{stroke:#e4e4e4;stroke-width:1}.axis{stroke:#777;"
            "stroke-width:1}.train{stroke:#7aa6c2}.valid{stroke:#c0392b;stroke-width:2}circle.train{fill:#7aa6c2}"
            "circle.valid{fill:#c0392b}</style>\n"
            "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n<text x=\"%d\" y=\"26\" font-size=\"15\">",
            WIDTH, HEIGHT, WIDTH, HEIGHT, LEFT);
    mote_xml_write(f, title);
    fprintf(f, "</text>\n");
    draw_axes(f, &x, &y, unit);
    draw_line(f, c, false, &x, &y);
    draw_line(f, c, true, &x, &y);
    draw_legend(f);
    fprintf(f, "</svg>\n");
    return mote_output_commit(&out, error);
}
