/* `mote train`: trains a tiny language model on texts. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/estimate_report.h"
#include "cli/json.h"
#include "cli/option_table.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/shape_options.h"
#include "cli/verbs.h"
#include "compiler/plan/estimate.h"
#include "compiler/plan/models.h"
#include "compiler/task/arrays.h"
#include "compiler/train/train.h"

enum { EXIT_INTERRUPTED = 130 };

/* The options as given; 0 for those not given. */
typedef struct settings {
    mote_train_options train;
    mote_shape_choices shape;
    long batch, sequence, steps, threads, seed;
    int granularity, method, course;
    double prune_to;
    const char *prune_steps, *prune_gates;
    bool dry_run, json;
    const char *given[MOTE_OPTIONS_MOST + 1]; /* names of the options that were given */
} settings;

static const char *const granularity_names[] = {"weight", "block", "block8x4", "block16x16", NULL};
static const char *const course_names[] = {"cubic", "linear", NULL};

static volatile sig_atomic_t interrupted;

/* A second Ctrl-C ends the process at once. A closed terminal may send SIGHUP twice, which must not cut off the save.
 */
static void on_interrupt(int signal_number)
{
    interrupted = 1;
    if (signal_number != SIGHUP)
        signal(signal_number, SIG_DFL);
}

/* Handles a signal, unless the caller ignores it, as nohup does. */
static void stop_on(int signal_number)
{
    if (signal(signal_number, on_interrupt) == SIG_IGN)
        signal(signal_number, SIG_IGN);
}

static bool asked_to_stop(void *context)
{
    (void)context;
    return interrupted != 0;
}

static void show_begin(void *context, const mote_graph *g, size_t train_size, size_t valid_size)
{
    mote_estimate e = {0};
    const bool known = mote_estimate_packed(g, &e, NULL);
    mote_progress_note(context, "%llu parameters; %zu %s for training, %zu for validation",
                       (unsigned long long)e.parameters, train_size, g->tokenizer ? "bytes" : "samples", valid_size);
    if (!known)
        return;
    mote_progress_note(context, "packed about %.1f KB of file, %.1f KB of arena, %.1f KB of state",
                       (double)e.file / 1024, (double)e.arena / 1024, (double)e.state / 1024);
}

static void show_step(void *context, const mote_train_report *r)
{
    mote_progress_update(context, (uint64_t)(r->progress * 1e6), "%.3f %s  %.0fk %s/s", r->loss, r->unit,
                         r->tokens_per_second / 1000, r->rows);
}

/* Copies a text with spaces for line breaks and tabs and question marks for other control characters. */
static void make_printable(char *to, const char *from, size_t size)
{
    size_t i = 0;
    for (; from[i] && i + 1 < size; i++)
        to[i] = from[i] == '\n' || from[i] == '\t' || from[i] == '\r' ? ' '
                : (unsigned char)from[i] < ' '                        ? '?'
                                                                      : from[i];
    to[i] = 0;
}

static void show_evaluation(void *context, const mote_train_report *r)
{
    char valid[48] = "", sample[256];
    if (!isnan(r->valid_loss))
        snprintf(valid, sizeof valid, ", validation %.4f%s", r->valid_loss, r->best ? " (best)" : "");
    mote_progress_note(context, "step %llu: training %.4f%s %s, %.0fk %s/s", (unsigned long long)r->step, r->loss,
                       valid, r->unit, r->tokens_per_second / 1000, r->rows);
    if (!r->sample)
        return;
    make_printable(sample, r->sample, sizeof sample);
    mote_progress_note(context, "    %s", sample);
}

static void fill(settings *s, char **operands, int count)
{
    const bool arrays = count == 1 && mote_names_arrays(operands[0]);
    s->train.data = arrays ? operands[0] : NULL;
    s->train.texts = (const char *const *)operands;
    s->train.text_count = arrays ? 0 : count;
    s->train.batch = (uint32_t)s->batch;
    s->train.sequence = (uint32_t)s->sequence;
    s->train.steps = (uint64_t)s->steps;
    s->train.threads = (uint32_t)s->threads;
    s->train.seed = (uint64_t)s->seed;
    mote_shape_apply(&s->shape, &s->train);
}

/* Fills the pruning schedule; parses --prune-steps A:B and --prune-gates R,Z,N. */
static bool fill_pruning(settings *s, mote_error *error)
{
    mote_prune_schedule *p = &s->train.prune;
    unsigned long long begin = 0, end = 0;
    char more;
    p->to = s->prune_to;
    p->granularity = (uint32_t)s->granularity + MOTE_PRUNED_WEIGHTS;
    p->method = (uint32_t)s->method;
    p->course = (uint32_t)s->course;
    if (s->prune_steps && sscanf(s->prune_steps, "%llu:%llu%c", &begin, &end, &more) != 2)
        return mote_fail(error, MOTE_E_USAGE, "--prune-steps needs A:B, the first and the last step of pruning");
    p->begin = begin, p->end = end;
    p->gated = s->prune_gates;
    if (p->gated && sscanf(s->prune_gates, "%lf,%lf,%lf%c", &p->gates[0], &p->gates[1], &p->gates[2], &more) != 3)
        return mote_fail(error, MOTE_E_USAGE, "--prune-gates needs three fractions to keep, R,Z,N");
    return true;
}

static void print_json(const settings *s, const mote_train_result *r)
{
    mote_json_print(json_pack("{s:o, s:f, s:s, s:I, s:f, s:f}", "model", mote_json_text(s->train.out), "loss",
                              r->best_loss, "unit", r->unit, "steps", (json_int_t)r->step, "seconds", r->seconds,
                              "tokens_per_second", r->tokens_per_second),
                    JSON_INDENT(2));
}

/* Tells how to continue a run that did not finish, before a new one replaces its state. */
static void note_unfinished(const mote_train_options *o)
{
    char *path;
    if (o->resume || asprintf(&path, "%s.resume", o->out) < 0)
        return;
    if (access(path, F_OK) == 0)
        fprintf(stderr, "%s: from a run that did not finish; --resume would continue it, this run replaces it\n", path);
    free(path);
}

static int train(const settings *s)
{
    mote_progress progress = mote_progress_begin("train", 1000000);
    mote_train_watch watch = {.context = &progress,
                              .begin = show_begin,
                              .step = show_step,
                              .evaluation = show_evaluation,
                              .stop = asked_to_stop};
    mote_train_result result;
    mote_error error;
    stop_on(SIGINT);
    stop_on(SIGTERM);
    stop_on(SIGHUP);
    note_unfinished(&s->train);
    bool trained = mote_train(&s->train, &watch, &result, &error);
    mote_progress_end(&progress);
    if (!trained)
        return mote_report("train", &error);
    struct rusage usage = {0};
    getrusage(RUSAGE_SELF, &usage);
    fprintf(stderr, "%.1f s, %.0fk %s/s, %.0f MB of memory\n", result.seconds, result.tokens_per_second / 1000,
            result.rows, (double)usage.ru_maxrss / 1024);
    if (result.stopped) {
        fprintf(stderr, "stopped at step %llu; the same command with --resume continues from %s.resume\n",
                (unsigned long long)result.step, s->train.out);
        return EXIT_INTERRUPTED;
    }
    if (s->json)
        print_json(s, &result);
    else
        printf("%s: %.4f %s\n", s->train.out, result.best_loss, result.unit);
    return MOTE_OK;
}

static void list_given(settings *s, const mote_command *c, const bool *given)
{
    const mote_option *o;
    for (int i = 0, n = 0; (o = mote_option_row(c, i)); i++)
        if (given[i])
            s->given[n++] = o->name;
    s->train.given = s->given;
}

int mote_cmd_train(int argc, char **argv)
{
    bool given[MOTE_OPTIONS_MOST];
    settings s = {.train = mote_train_defaults(), .shape = MOTE_SHAPE_NOT_GIVEN};
    mote_train_options *t = &s.train;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    s.batch = t->batch;
    s.seed = (long)t->seed, s.threads = cores < 1 ? 1 : cores > 64 ? 64 : cores;
    const char *chips[MOTE_CHIP_MODELS + 1] = {NULL};
    for (int i = 0; i < MOTE_CHIP_MODELS; i++)
        chips[i] = mote_chip_models[i].name;
    mote_option shape_options[MOTE_SHAPE_OPTIONS];
    mote_shape_options(&s.shape, shape_options);
    const mote_option options[] = {
        {"output", 'o', MOTE_OPTION_OUTPUT, &t->out, "MODEL",
         "the model to write; MODEL.csv and MODEL.svg show the loss", .beside = ".csv .svg .resume",
         .not_stdout = "MODEL.csv and MODEL.svg are written beside the model"},
        {"chip", 'c', MOTE_OPTION_CHOICE, &s.shape.chip, "CHIP",
         "a transformer that fits this chip, changed by the other options; an error if it does not fit",
         .choices = chips},
        {"tokenizer", 0, MOTE_OPTION_INPUT, &t->tokenizer, "FILE",
         "tokenizer from `mote tokenizer`, a tokenizer.bin or a model", .excludes = "vocab"},
        {"epochs", 'e', MOTE_OPTION_REAL, &t->epochs, "X", "passes over the text (10)", .min = 0.001, .max = 1e6},
        {"steps", 0, MOTE_OPTION_INT, &s.steps, "N", "number of steps", .min = 1, .max = 1e9,
         .excludes = "epochs minutes"},
        {"minutes", 0, MOTE_OPTION_REAL, &t->minutes, "X", "training time", .min = 0.001, .max = 1e5,
         .excludes = "epochs"},
        {"batch", 'b', MOTE_OPTION_INT, &s.batch, "N", "streams of text side by side (32)", .min = 1, .max = 4096},
        {"sequence", 0, MOTE_OPTION_INT, &s.sequence, "N",
         "tokens of back-propagation through time (64; a transformer's context)", .min = 2, .max = 4096},
        {"lr", 0, MOTE_OPTION_REAL, &t->rate, "X",
         "highest learning rate (1/dim, transformer 0.4/dim; ternary and binary half of it)", .min = 1e-7, .max = 1},
        {"warmup", 0, MOTE_OPTION_REAL, &t->warmup, "PART",
         "fraction of the training in which the learning rate rises (0.02)", .min = 0, .max = 0.5},
        {"decay", 0, MOTE_OPTION_REAL, &t->decay, "X",
         "weight decay of matrices other than tables, ternary and binary ones (0.01)", .min = 0, .max = 1},
        {"clip", 0, MOTE_OPTION_REAL, &t->clip, "X", "maximum norm of the gradient, 0 for no limit (1)", .min = 0,
         .max = 1e6},
        {"dropout", 0, MOTE_OPTION_REAL, &t->dropout, "P",
         "dropout on outputs of GRU layers or transformer branches (0)", .min = 0, .max = 0.9},
        {"ramp", 0, MOTE_OPTION_REAL, &t->ramp, "PART",
         "fraction of the training over which the quantizer is blended in (0.05)", .min = 0, .max = 0.95,
         .needs = "init weights"},
        {"teacher", 0, MOTE_OPTION_INPUT, &t->teacher, "MODEL", "a float model to distil from", .max = 0},
        {"teacher-weight", 0, MOTE_OPTION_REAL, &t->teacher_weight, "X", "the teacher's fraction of the loss (0.5)",
         .min = 0, .max = 1, .needs = "teacher"},
        {"temperature", 0, MOTE_OPTION_REAL, &t->temperature, "X", "temperature of the distillation (2)", .min = 0.1,
         .max = 100, .needs = "teacher"},
        {"valid", 0, MOTE_OPTION_REAL, &t->valid_fraction, "PART",
         "fraction at the end of the text for validation (0.1)", .min = 0, .max = 0.5},
        {"valid-text", 0, MOTE_OPTION_INPUT, &t->valid_text, "FILE", "text for validation", .excludes = "valid"},
        {"seed", 's', MOTE_OPTION_INT, &s.seed, "N", "seed of initial weights and dropout (1)", .min = 0, .max = 9e15},
        {"threads", 't', MOTE_OPTION_INT, &s.threads, "N",
         "threads; rounded down to a divisor of the batch (all cores)", .min = 1, .max = 64},
        {"init", 0, MOTE_OPTION_INPUT, &t->init, "MODEL",
         "start from this float model, of any shape; a pruned model keeps its masks", .excludes = "chip"},
        {"prune-to", 0, MOTE_OPTION_REAL, &s.prune_to, "S", "prune matrices to this sparsity while training", .min = 0,
         .max = 1, .needs = "prune-steps"},
        {"prune-granularity", 0, MOTE_OPTION_CHOICE, &s.granularity, "WHAT", "weights pruned together (weight)",
         .choices = granularity_names, .needs = "prune-to"},
        {"prune-method", 0, MOTE_OPTION_CHOICE, &s.method, "METHOD", "importance of a weight (magnitude)",
         .choices = mote_prune_method_names, .needs = "prune-to"},
        {"prune-schedule", 0, MOTE_OPTION_CHOICE, &s.course, "COURSE", "how the sparsity grows (cubic)",
         .choices = course_names, .needs = "prune-to"},
        {"prune-steps", 0, MOTE_OPTION_TEXT, &s.prune_steps, "A:B", "first and last step of the growth",
         .needs = "prune-to"},
        {"prune-gates", 0, MOTE_OPTION_TEXT, &s.prune_gates, "R,Z,N",
         "fractions of a GRU's recurrent gates to keep, instead of 1 - S", .needs = "prune-to"},
        {"prune-layers", 0, MOTE_OPTION_TEXT, &t->prune.layers, "PATTERN", "prune only the matrices whose names match",
         .needs = "prune-to"},
        {"resume", 0, MOTE_OPTION_FLAG, &t->resume, NULL,
         "continue from MODEL.resume after Ctrl-C or a crash, with the options of the first start",
         .excludes = "dry-run"},
        {"dry-run", 0, MOTE_OPTION_FLAG, &s.dry_run, NULL, "only print the memory that the model needs on each chip",
         .max = 0},
        {"json", 0, MOTE_OPTION_FLAG, &s.json, NULL, "print the result or the estimate as JSON", .max = 0},
        {NULL, 0, 0, NULL, NULL, NULL, .max = 0},
    };
    const mote_command command = {
        .name = "train",
        .operands = "TEXT... | DATA.npz --init MODEL -o MODEL",
        .summary = "Trains a tiny language model (GRU layers or a decoder transformer) on texts, or with --init any "
                   "network\n on arrays: the inputs by name, and \"targets\", classes or values.\n"
                   "Prints the loss in bits per byte and keeps the best model. A run that was stopped or killed "
                   "continues with --resume.",
        .options = options,
        .more = shape_options,
        .more_title = "The model's shape",
        .examples = "  mote train stories.txt -o stories.mote --weights ternary --minutes 2\n"
                    "  mote train shakespeare.txt -o s.mote --dim 256 --epochs 20 --dropout 0.1\n"
                    "  mote train stories.txt -o t.mote --arch transformer --dim 64 --layers 4 --context 128\n"
                    "  mote train --chip esp32c3 --hidden 128 --dry-run\n",
        .min_operands = 0,
        .max_operands = -1,
        .given = given,
    };
    char **operands;
    int count, exit_code;
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &exit_code))
        return exit_code;
    mote_error error;
    fill(&s, operands, count);
    list_given(&s, &command, given);
    if (!fill_pruning(&s, &error))
        return mote_report("train", &error);
    if (s.dry_run)
        return mote_estimate_show(t, s.json, &error) ? MOTE_OK : mote_report("train", &error);
    if (count == 0)
        mote_fail(&error, MOTE_E_USAGE, "missing argument; usage: mote train %s", command.operands);
    else if (!t->out)
        mote_fail(&error, MOTE_E_USAGE, "no output named; add -o MODEL");
    else
        return train(&s);
    return mote_report("train", &error);
}
