/* `mote sim`: runs a model on a simulated chip, and measures it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/json.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/sampling.h"
#include "cli/sim_inputs.h"
#include "cli/sim_report.h"
#include "cli/verbs.h"

#define LARGEST_FILE ((size_t)64 << 20)

enum { CHIP_DEFAULT = 2 };

static void show_progress(void *context, uint32_t fed)
{
    mote_progress_update(context, fed, "%u tokens", fed);
}

static bool run_on_pc(mote_sim_report *r, mote_error *error)
{
    const mote_kernels *kernels;
    for (int i = 0; i < MOTE_SIM_PC_KERNELS && (kernels = mote_kernels_at((uint32_t)i)); i++) {
        r->kernels[i] = kernels->name;
        if (!mote_sim_reference(kernels, r->file, r->path, r->options, &r->pc[i], error))
            return false;
        r->kernel_count = i + 1;
    }
    return true;
}

/* Checks that the model is a language model or has golden inputs. Leaves an invalid model for the chip to refuse. */
static bool has_inputs(const mote_sim_report *r, mote_error *error)
{
    mote_model model;
    if (mote_open(&model, r->file.data, r->file.size) != MOTE_SUCCESS || mote_is_language_model(&model) ||
        model.golden || r->options->inputs.size)
        return true;
    return mote_fail(error, MOTE_E_UNSUPPORTED,
                     "%s: not a language model, and it has no golden inputs to run; give inputs with --input FILE",
                     r->path);
}

/* Runs the chip first, so that the chip's own verification refuses a bad model. */
static bool simulate(mote_sim_report *r, mote_error *error)
{
    if (!mote_file_read(r->path, LARGEST_FILE, &r->file, error) || !has_inputs(r, error) ||
        !mote_sim_run(r->on, r->file, r->path, r->options, &r->chip, error) || !run_on_pc(r, error))
        return false;
    mote_open(&r->model, r->file.data, r->file.size);
    if (r->options->trace)
        r->difference = mote_sim_compare(&r->model, &r->chip, &r->pc[0]);
    return true;
}

static void close_report(mote_sim_report *r)
{
    mote_sim_result_free(&r->chip);
    for (int i = 0; i < r->kernel_count; i++)
        mote_sim_result_free(&r->pc[i]);
    free(r->file.data);
}

static void print_json(const mote_sim_report *reports, int count)
{
    json_t *all = count == 1 ? mote_sim_report_json(&reports[0]) : json_array();
    for (int i = 0; count > 1 && i < count; i++)
        json_array_append_new(all, mote_sim_report_json(&reports[i]));
    mote_json_print(all, JSON_INDENT(2) | JSON_REAL_PRECISION(8));
}

static int conclude(const mote_sim_report *reports, int count, bool json, mote_sim_inputs *inputs)
{
    mote_error error = {0};
    if (inputs->files.count && !json) {
        if (!mote_sim_inputs_take(inputs, &reports[0].chip, &error) ||
            !mote_frames_report_print(&inputs->report, &error))
            return mote_report("sim", &error);
        putchar('\n');
    }
    if (json)
        print_json(reports, count);
    else if (count == 2)
        mote_sim_report_print_beside(&reports[0], &reports[1]);
    else
        mote_sim_report_print(&reports[0]);
    int code = MOTE_OK;
    for (int i = 0; i < count; i++)
        if (!mote_sim_report_agrees(&reports[i])) {
            fprintf(stderr, "mote sim: the output of %s on %s differs from the output on this PC%s\n", reports[i].path,
                    reports[i].on->name, reports[i].options->trace ? "" : "; --verify shows the first difference");
            code = MOTE_E_MISMATCH;
        }
    return code;
}

static int run(char **paths, int count, const mote_sim_chip *on, const mote_sim_options *options, bool json,
               mote_sim_inputs *inputs)
{
    mote_sim_report reports[2] = {0};
    mote_error error = {0};
    bool ok = true;
    for (int i = 0; ok && i < count; i++) {
        reports[i] = (mote_sim_report){.path = paths[i], .on = on, .options = options};
        ok = simulate(&reports[i], &error);
    }
    mote_progress_end(options->context);
    const int code = ok ? conclude(reports, count, json, inputs) : mote_report("sim", &error);
    for (int i = 0; i < count; i++)
        close_report(&reports[i]);
    return code;
}

int mote_cmd_sim(int argc, char **argv)
{
    const char *chips[MOTE_SIM_CHIPS + 1] = {NULL};
    for (int i = 0; i < MOTE_SIM_CHIPS; i++)
        chips[i] = mote_sim_chips[i].name;
    mote_sim_options o = {.prompt = "", .timeout = 600};
    int chip = CHIP_DEFAULT, place = MOTE_AS_PLANNED;
    bool json = false, compare = false;
    mote_sampling sampling = MOTE_SAMPLING_DEFAULT;
    mote_sim_inputs inputs = {0};
    long tokens = 64, sram = 0;
    const mote_option options[] = {
        {.name = "chip",
         .letter = 'c',
         .kind = MOTE_OPTION_CHOICE,
         .target = &chip,
         .argument = "CHIP",
         .choices = chips,
         .help = "default: esp32s3"},
        {.name = "prompt",
         .letter = 'p',
         .kind = MOTE_OPTION_TEXT,
         .target = &o.prompt,
         .argument = "TEXT",
         .help = "text that the model continues; default: none"},
        {.name = "tokens",
         .letter = 'n',
         .kind = MOTE_OPTION_INT,
         .target = &tokens,
         .argument = "N",
         .min = 0,
         .max = (long)MOTE_SIM_MAX_TOKENS,
         .help = "tokens to generate; default: 64"},
        MOTE_SAMPLING_OPTIONS(sampling),
        {.name = "weights",
         .kind = MOTE_OPTION_CHOICE,
         .target = &place,
         .argument = "PLACE",
         .choices = mote_weights_in_names,
         .help = "where weights are read from: flash through its cache; stream: flash, with the cache emptied before "
                 "every token, on Xtensa chips; sram: a copy of all weights in SRAM; planned: SRAM for as many as fit "
                 "there, flash "
                 "for the rest; default: planned"},
        {.name = "sram",
         .kind = MOTE_OPTION_INT,
         .target = &sram,
         .argument = "BYTES",
         .min = 1,
         .max = 1L << 20,
         .help = "SRAM for the model; default: the part that the chip leaves for a model"},
        {.name = "verify",
         .kind = MOTE_OPTION_FLAG,
         .target = &o.trace,
         .help = "compare the output of every layer with this PC, and print the first value that differs"},
        {.name = "input",
         .letter = 'i',
         .kind = MOTE_OPTION_INPUTS,
         .target = &inputs.files,
         .argument = "FILE",
         .excludes = "prompt tokens temperature top-k top-p seed compare",
         .help =
             "inputs of any network, one file for each, of a format that mote run takes; default: the golden inputs"},
        {.name = "labels",
         .kind = MOTE_OPTION_INPUT,
         .target = &inputs.labels,
         .argument = "FILE",
         .needs = "input",
         .help = "names of the classes, one a line; default: those of the model"},
        {.name = "compare", .kind = MOTE_OPTION_FLAG, .target = &compare, .help = "two models side by side"},
        {.name = "timeout",
         .kind = MOTE_OPTION_REAL,
         .target = &o.timeout,
         .argument = "S",
         .min = 0.001,
         .max = 1e6,
         .help = "stop after S seconds; default: 600"},
        {.name = "json", .kind = MOTE_OPTION_FLAG, .target = &json, .help = "print JSON"},
        {0},
    };
    const mote_command command = {
        .name = "sim",
        .operands = "MODEL [MODEL] [OPTIONS]",
        .summary = "Runs the device runtime, compiled for a chip, on a packed model: Xtensa chips in the emulator, "
                   "RISC-V chips in QEMU. Shows the generated text or the outputs, and the time and memory of every "
                   "layer.",
        .options = options,
        .examples = "  mote sim story.mote --prompt 'Once' --chip esp32\n"
                    "  mote sim story.mote --chip esp32c3 --verify\n"
                    "  mote sim person.mote --input picture.png\n"
                    "  mote sim --compare int8.mote ternary.mote --tokens 200\n",
        .min_operands = 1,
        .max_operands = 2,
    };
    char **operands;
    int count, exit_code;
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &exit_code))
        return exit_code;
    mote_error error = {0};
    if (count != 1 + compare) {
        mote_fail(&error, MOTE_E_USAGE, compare ? "--compare needs two models" : "two models need --compare");
        return mote_report("sim", &error);
    }
    if (place == MOTE_STREAMED && !mote_sim_chips[chip].xtensa) {
        mote_fail(&error, MOTE_E_USAGE,
                  "--weights stream measures the flash cache, which is not simulated on %s; choose esp32, esp32s2 or "
                  "esp32s3, or leave it out",
                  mote_sim_chips[chip].name);
        return mote_report("sim", &error);
    }
    mote_progress progress = mote_progress_begin("sim", (uint64_t)(tokens + 1) + strlen(o.prompt));
    o.progress = show_progress;
    o.context = &progress;
    o.output_count = (uint32_t)tokens;
    o.weights = (mote_weights_in)place;
    o.sram = (uint32_t)sram;
    o.sampler = mote_sampler_of(&sampling);
    if (inputs.files.count && !mote_sim_inputs_begin(&inputs, operands[0], &o, &error))
        return mote_report("sim", &error);
    const int code = run(operands, count, &mote_sim_chips[chip], &o, json, &inputs);
    mote_sim_inputs_end(&inputs);
    return code;
}
