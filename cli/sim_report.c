#include "cli/sim_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/json.h"
#include "cli/terminal.h"
#include "compiler/graph/operator_info.h"
#include "runtime/model.h"
#include "xtensa/debug/profile.h"

enum { COLUMN = 20 }; /* characters of a column of the comparison */

/* A row of the table: the average cost of one token in one slot. */
typedef struct row {
    const char *layer, *kind;
    double spent, instructions, stalls[MOTE_XT_STALL_KINDS];
} row;

/* Returns the number of rows for operators: one per slot. */
static uint32_t operator_count(const mote_sim_report *r)
{
    const uint32_t ops = mote_header_of(&r->model)->op_count, most = MOTE_SIM_SLOTS - MOTE_SIM_AT_OPERATORS;
    return ops < most ? ops : most;
}

/* Returns the number of rows: operators, and sampling for language models. */
static uint32_t row_count(const mote_sim_report *r)
{
    return operator_count(r) + (uint32_t)mote_is_language_model(&r->model);
}

static row row_at(const mote_sim_report *r, uint32_t index)
{
    const uint32_t drawn = r->options->output_count, fed = r->chip.token_count;
    const mote_op_record *ops = r->model.ops;
    const bool sampling = index == operator_count(r);
    const mote_sim_cost *cost = &r->chip.cost[sampling ? MOTE_SIM_AT_SAMPLE : MOTE_SIM_AT_OPERATORS + index];
    const double times = sampling ? drawn ? drawn : 1 : fed;
    row line = {
        .layer = sampling ? "" : mote_sim_layer(&r->model, index),
        .kind = sampling ? "sample" : mote_operator_of((mote_opcode)ops[index].opcode)->name,
        .spent = (double)cost->spent / times,
        .instructions = (double)cost->instructions / times,
    };
    for (int i = 0; i < MOTE_XT_STALL_KINDS; i++)
        line.stalls[i] = (double)cost->stalls[i] / times;
    return line;
}

static double per_token(const mote_sim_report *r)
{
    double sum = 0;
    for (uint32_t i = 0; i < row_count(r); i++)
        sum += row_at(r, i).spent;
    return sum;
}

static double tokens_per_second(const mote_sim_report *r)
{
    return mote_sim_about(r->on)->mhz * 1e6 / per_token(r);
}

static const char *unit(const mote_sim_report *r)
{
    return r->on->xtensa ? "cycles" : "instructions";
}

/* Returns the name of one run in the report: a language model reads a token. */
static const char *run_name(const mote_sim_report *r)
{
    return mote_is_language_model(&r->model) ? "token" : "run";
}

static uint32_t digest(const mote_sim_result *result)
{
    return result->box->reply.digest;
}

bool mote_sim_report_agrees(const mote_sim_report *r)
{
    bool same = !r->difference.found;
    for (int i = 0; i < r->kernel_count; i++)
        same = same && digest(&r->chip) == digest(&r->pc[i]);
    return same;
}

static void print_text(const mote_sim_report *r)
{
    if (!mote_is_language_model(&r->model))
        return;
    for (uint32_t i = r->chip.box->reply.prompt_count; i < r->chip.token_count; i++) {
        size_t size;
        const uint8_t *text = mote_decode(&r->model, r->chip.tokens[i - 1], r->chip.tokens[i], &size);
        fwrite(text, 1, size, stdout);
    }
    puts("\n");
}

static void print_table(const mote_sim_report *r)
{
    const double all = per_token(r);
    const bool stalls = r->on->xtensa != 0;
    printf("\n  %-24s %-12s %12s %6s", "layer", "operator", unit(r), "%");
    if (stalls)
        printf(" %12s   stalls", "instructions");
    printf("\n");
    for (uint32_t i = 0; i < row_count(r); i++) {
        const row line = row_at(r, i);
        printf("  %-24s %-12s %12.0f %6.1f", line.layer, line.kind, line.spent, 100 * line.spent / all);
        if (stalls)
            printf(" %12.0f  ", line.instructions);
        for (int k = 0; k < MOTE_XT_STALL_KINDS; k++)
            if (line.stalls[k] >= 0.5)
                printf(" %s %.0f", mote_xt_stall_name((mote_xt_stall)k), line.stalls[k]);
        printf("\n");
    }
}

static void print_difference(const mote_sim_report *r)
{
    const mote_sim_difference *d = &r->difference;
    if (!r->options->trace)
        return;
    if (d->found)
        printf("  verify    first difference at %s %u, layer %s, tensor %s, channel %u: %d on %s, %d on this PC\n",
               run_name(r), d->step, d->layer, d->tensor, d->channel, d->values[0], r->on->name, d->values[1]);
    else
        printf("  verify    no difference in %u operators over %u %s%s\n", d->compared, d->step, run_name(r),
               d->step == 1 ? "" : "s");
}

static bool is_laid_out(const mote_sim_report *r)
{
    for (uint32_t i = 0; i < mote_header_of(&r->model)->tensor_count; i++)
        if (mote_record(&r->model, i)->layout != MOTE_ROWS)
            return true;
    return false;
}

/* True if the model has matrices that can have a layout. */
static bool has_layouts(const mote_sim_report *r)
{
    bool any = false;
    for (uint32_t i = 0; i < mote_header_of(&r->model)->op_count; i++) {
        const mote_opcode opcode = mote_op_at(&r->model, i).opcode;
        any = any || opcode == MOTE_OP_LINEAR || opcode == MOTE_OP_GRU;
    }
    return any;
}

static void print_hint(const mote_sim_report *r)
{
    if (r->on->xtensa == MOTE_XT_ESP32S3 && has_layouts(r) && !is_laid_out(r))
        printf("\n  The weights have the layout for any chip; mote quantize --chip esp32s3 uses the layout for its "
               "vectors.\n");
}

void mote_sim_report_print(const mote_sim_report *r)
{
    const mote_sim_box *box = r->chip.box;
    const mote_chip *about = mote_sim_about(r->on);
    print_text(r);
    printf("  %s on %s, %u MHz, weights: %s; per %s, as %s\n\n", r->path, r->on->name, about->mhz,
           mote_weights_in_names[r->options->weights], run_name(r),
           r->on->xtensa ? "the timing model counts cycles" : "QEMU counts instructions");
    printf("  digest    %08x here; on this PC", digest(&r->chip));
    for (int i = 0; i < r->kernel_count; i++)
        printf(" %08x %s", digest(&r->pc[i]), r->kernels[i]);
    printf("\n");
    print_difference(r);
    printf("  speed     %s%.*f %ss/s: %.0f %s a %s%s\n", r->on->xtensa ? "" : "at most ",
           tokens_per_second(r) < 100 ? 1 : 0, tokens_per_second(r), run_name(r), per_token(r), unit(r), run_name(r),
           r->on->xtensa ? "" : ", counted as a cycle each");
    printf("  start     %" PRIu64 " %s to verify the model\n", r->chip.cost[MOTE_SIM_AT_OPEN].spent, unit(r));
    printf("  SRAM      arena %u, state %u, copies of constants %u, stack %u bytes\n", box->arena_size, box->state_size,
           box->placed_size, box->stack_peak);
    printf("  flash     model %zu bytes; the runtime's code %u bytes\n", r->file.size, box->code_size);
    print_table(r);
    print_hint(r);
}

/* Width of a model's column: its name is never cut. */
static int width_of(const char *path)
{
    const int length = mote_text_columns(path, strlen(path));
    return length > COLUMN ? length : COLUMN;
}

void mote_sim_report_print_beside(const mote_sim_report *a, const mote_sim_report *b)
{
    const mote_sim_report *const both[2] = {a, b};
    char speed[16];
    snprintf(speed, sizeof speed, "%ss/s", run_name(a));
    const char *const names[] = {"digest", speed, unit(a), "model bytes", "arena bytes", "state bytes", "stack bytes"};
    const int widths[2] = {width_of(a->path), width_of(b->path)};
    printf("%-14s  %*s  %*s\n", a->on->name, widths[0], a->path, widths[1], b->path);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        printf("%-14s", names[i]);
        for (int k = 0; k < 2; k++) {
            const mote_sim_box *box = both[k]->chip.box;
            const double values[] = {0,
                                     tokens_per_second(both[k]),
                                     per_token(both[k]),
                                     (double)both[k]->file.size,
                                     box->arena_size,
                                     box->state_size,
                                     box->stack_peak};
            if (i == 0)
                printf("  %*s %08x", widths[k] - 9, mote_sim_report_agrees(both[k]) ? "" : "DIFFERS",
                       digest(&both[k]->chip));
            else
                printf("  %*.0f", widths[k], values[i]);
        }
        printf("\n");
    }
}

static json_t *json_of_digest(uint32_t value)
{
    char text[9];
    snprintf(text, sizeof text, "%08x", value);
    return json_string(text);
}

static json_t *json_of_row(const mote_sim_report *r, const row *line)
{
    json_t *object = json_pack("{s:o, s:s, s:f}", "layer", mote_json_text(line->layer), "operator", line->kind, unit(r),
                               line->spent);
    if (!r->on->xtensa)
        return object;
    json_t *stalls = json_object();
    for (int k = 1; k < MOTE_XT_STALL_KINDS; k++)
        json_object_set_new(stalls, mote_xt_stall_name((mote_xt_stall)k), json_real(line->stalls[k]));
    json_object_set_new(object, "instructions", json_real(line->instructions));
    json_object_set_new(object, "stalls", stalls);
    return object;
}

static json_t *json_of_difference(const mote_sim_difference *d)
{
    return d->found ? json_pack("{s:i, s:o, s:o, s:i, s:i, s:i}", "token", d->step, "layer", mote_json_text(d->layer),
                                "tensor", mote_json_text(d->tensor), "channel", d->channel, "chip", d->values[0], "pc",
                                d->values[1])
                    : json_null();
}

static json_t *json_of_tokens(const mote_sim_report *r)
{
    json_t *tokens = json_array();
    for (uint32_t i = r->chip.box->reply.prompt_count; mote_is_language_model(&r->model) && i < r->chip.token_count;
         i++)
        json_array_append_new(tokens, json_integer(r->chip.tokens[i]));
    return tokens;
}

/* Returns the generated text. Its last character may be incomplete. */
static json_t *json_of_text(const mote_sim_report *r)
{
    char *bytes = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&bytes, &size);
    if (!stream)
        return mote_json_text(NULL);
    for (uint32_t i = r->chip.box->reply.prompt_count; mote_is_language_model(&r->model) && i < r->chip.token_count;
         i++) {
        size_t n;
        const uint8_t *part = mote_decode(&r->model, r->chip.tokens[i - 1], r->chip.tokens[i], &n);
        fwrite(part, 1, n, stream);
    }
    json_t *text = fclose(stream) == 0 ? mote_json_bytes(bytes, size) : mote_json_text(NULL);
    free(bytes);
    return text;
}

json_t *mote_sim_report_json(const mote_sim_report *r)
{
    const mote_sim_box *box = r->chip.box;
    json_t *rows = json_array(), *pc = json_object();
    for (uint32_t i = 0; i < row_count(r); i++) {
        const row line = row_at(r, i);
        json_array_append_new(rows, json_of_row(r, &line));
    }
    for (int i = 0; i < r->kernel_count; i++)
        json_object_set_new(pc, r->kernels[i], json_of_digest(digest(&r->pc[i])));
    json_t *all = json_pack(
        "{s:o, s:s, s:i, s:s, s:s, s:o, s:o, s:b, s:f, s:f, s:I, s:I, s:i, s:i, s:i, s:i, s:i, s:o, s:o}", "model",
        mote_json_text(r->path), "chip", r->on->name, "mhz", mote_sim_about(r->on)->mhz, "weights",
        mote_weights_in_names[r->options->weights], "counted", unit(r), "digest", json_of_digest(digest(&r->chip)),
        "pc_digests", pc, "same", mote_sim_report_agrees(r), "per_token", per_token(r), "tokens_per_second",
        tokens_per_second(r), "start", (json_int_t)r->chip.cost[MOTE_SIM_AT_OPEN].spent, "model_bytes",
        (json_int_t)r->file.size, "arena_bytes", box->arena_size, "state_bytes", box->state_size, "placed_bytes",
        box->placed_size, "stack_bytes", box->stack_peak, "code_bytes", box->code_size, "operators", rows, "tokens",
        json_of_tokens(r));
    json_object_set_new(all, "text", json_of_text(r));
    if (r->options->trace)
        json_object_set_new(all, "difference", json_of_difference(&r->difference));
    return all;
}
