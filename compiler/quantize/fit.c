#include "compiler/quantize/fit.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/plan/cost.h"
#include "runtime/format.h"

enum { MOST_UNITS = 65536 };

static bool is_usable(const mote_fit_choice *c)
{
    return isfinite(c->loss) && isfinite(c->work);
}

static double loss_of(const mote_fit_choice *c)
{
    return fmax(c->loss, 0);
}

static double cycles_of(const mote_fit_table *t, double work, double bytes)
{
    return t->other_work + work + (t->chip ? mote_flash_work(t->chip, bytes - t->room) : 0);
}

uint64_t mote_fit_bytes(const mote_fit_table *t)
{
    uint64_t bytes = t->other_bytes;
    for (int i = 0; i < t->count; i++)
        bytes += t->rows[i].choices[t->rows[i].chosen].bytes;
    return bytes;
}

double mote_fit_cycles(const mote_fit_table *t)
{
    double work = 0;
    for (int i = 0; i < t->count; i++)
        work += t->rows[i].choices[t->rows[i].chosen].work;
    return cycles_of(t, work, (double)(mote_fit_bytes(t) - t->other_bytes));
}

double mote_fit_loss(const mote_fit_table *t)
{
    double loss = 0;
    for (int i = 0; i < t->count; i++)
        loss += loss_of(&t->rows[i].choices[t->rows[i].chosen]);
    return loss;
}

static uint64_t extreme_bytes(const mote_fit_row *row, bool largest)
{
    uint64_t bytes = row->count ? row->choices[0].bytes : 0;
    for (int j = 1; j < row->count; j++)
        if (largest == (row->choices[j].bytes > bytes))
            bytes = row->choices[j].bytes;
    return bytes;
}

static uint64_t sum_of_extremes(const mote_fit_table *t, bool largest)
{
    uint64_t bytes = 0;
    for (int i = 0; i < t->count; i++)
        bytes += extreme_bytes(&t->rows[i], largest);
    return bytes;
}

uint64_t mote_fit_least(const mote_fit_table *t)
{
    return t->other_bytes + sum_of_extremes(t, false);
}

/* Value per unit of size, so that the smallest of equally good mixes wins. */
#define UNIT_LOSS 1e-12

/* The best choice of the rows so far. */
typedef struct best {
    double value; /* loss and price of the work */
    double work;
} best;

/* A knapsack that takes one choice of every row. now[u]: the best mix of at most u units; taken[i][u]: the choice of
 * row i in it. */
typedef struct knapsack {
    uint64_t unit;
    size_t units;
    double price;
    best *now, *next;
    uint8_t *taken; /* [rows, units + 1] */
} knapsack;

static size_t units_of(const knapsack *k, const mote_fit_choice *c)
{
    return (size_t)((c->bytes + k->unit - 1) / k->unit);
}

static void add_choice(knapsack *k, const mote_fit_choice *c, int index, uint8_t *taken)
{
    const size_t size = units_of(k, c);
    const double value = loss_of(c) + k->price * c->work + UNIT_LOSS * (double)size;
    for (size_t u = size; u <= k->units; u++) {
        const best *before = &k->now[u - size];
        if (before->value + value < k->next[u].value) {
            k->next[u] = (best){before->value + value, before->work + c->work};
            taken[u] = (uint8_t)index;
        }
    }
}

static void add_row(knapsack *k, const mote_fit_row *row, uint8_t *taken)
{
    for (size_t u = 0; u <= k->units; u++)
        k->next[u] = (best){INFINITY, 0};
    for (int j = 0; j < row->count; j++)
        if (is_usable(&row->choices[j]))
            add_choice(k, &row->choices[j], j, taken);
    best *now = k->now;
    k->now = k->next;
    k->next = now;
}

/* Sets *units to the size of the best mix. */
static bool find_size(const mote_fit_table *t, const knapsack *k, double most_cycles, size_t *units)
{
    double least = INFINITY;
    for (size_t u = 0; u <= k->units; u++) {
        const double cycles = cycles_of(t, k->now[u].work, (double)(u * k->unit));
        const double value = k->now[u].value + k->price * (cycles - k->now[u].work);
        if (cycles <= most_cycles && value < least) {
            least = value;
            *units = u;
        }
    }
    return least < INFINITY;
}

static bool solve(mote_fit_table *t, knapsack *k, double most_cycles)
{
    size_t u = 0;
    for (int i = 0; i < t->count; i++)
        add_row(k, &t->rows[i], k->taken + (size_t)i * (k->units + 1));
    if (!find_size(t, k, most_cycles, &u))
        return false;
    for (int i = t->count; i-- > 0;) {
        t->rows[i].chosen = k->taken[(size_t)i * (k->units + 1) + u];
        u -= units_of(k, &t->rows[i].choices[t->rows[i].chosen]);
    }
    return true;
}

bool mote_fit_choose(mote_fit_table *t, const mote_fit_goal *goal)
{
    if (goal->bytes < t->other_bytes)
        return false;
    const uint64_t left = goal->bytes - t->other_bytes, unit = MOTE_ALIGNMENT;
    const uint64_t largest = sum_of_extremes(t, true) + unit * (uint64_t)t->count,
                   room = left < largest ? left : largest;
    knapsack k = {.unit = (room / MOST_UNITS + unit) / unit * unit, .price = goal->price};
    k.units = (size_t)(room / k.unit);
    best *const memory = k.now = calloc(2 * (k.units + 1), sizeof *k.now);
    k.next = memory ? memory + k.units + 1 : NULL;
    k.taken = calloc(((size_t)t->count + 1) * (k.units + 1), sizeof *k.taken);
    t->starved = !memory || !k.taken;
    const bool done = !t->starved && solve(t, &k, goal->cycles);
    free(memory);
    free(k.taken);
    return done;
}
