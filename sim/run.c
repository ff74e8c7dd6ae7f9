#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/plan/placement.h"
#include "runtime/format.h"
#include "sim/backend.h"

_Static_assert(sizeof(mote_sim_box) <= MOTE_SIM_PROMPT, "the box ends before the prompt");
_Static_assert(MOTE_NO_INDEX * sizeof(uint16_t) <= MOTE_SIM_TOKENS - MOTE_SIM_PLACED, "all tensors can be placed");

static bool check_request(const mote_sim_options *o, mote_error *error)
{
    const size_t prompt = strlen(o->prompt);
    if (o->inputs.size > MOTE_SIM_MAX_DATA || o->outputs_size > MOTE_SIM_MAX_DATA - o->inputs.size)
        return mote_fail(
            error, MOTE_E_UNSUPPORTED,
            "%zu bytes of inputs and %zu of outputs; a simulation has room for %d together; take fewer frames",
            o->inputs.size, o->outputs_size, MOTE_SIM_MAX_DATA);
    if (prompt > MOTE_SIM_MAX_PROMPT)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "a prompt of %zu bytes; a simulation takes at most %d", prompt,
                         MOTE_SIM_MAX_PROMPT);
    const size_t room = MOTE_SIM_MAX_TOKENS - prompt - MOTE_TOKENS_BEFORE_TEXT;
    if (o->output_count > room)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         o->inputs.size ? "%u frames; a simulation runs at most %zu"
                                        : "%u tokens; a simulation draws at most %zu after this prompt",
                         o->output_count, room);
    return true;
}

bool mote_sim_prepare(const mote_sim_options *o, mote_sim_result *result, mote_error *error)
{
    memset(result, 0, sizeof *result);
    if (!check_request(o, error))
        return false;
    if (!(result->window = calloc(1, MOTE_SIM_WINDOW_SIZE)))
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for a simulation");
    mote_sim_box *box = (mote_sim_box *)result->window;
    box->request = (mote_sim_request){
        .prompt_size = (uint32_t)strlen(o->prompt),
        .output_count = o->output_count,
        .temperature = o->sampler.temperature,
        .top_k = o->sampler.top_k,
        .top_p = o->sampler.top_p,
        .rng = {(uint32_t)o->sampler.rng, (uint32_t)(o->sampler.rng >> 32)},
        .inputs_size = (uint32_t)o->inputs.size,
        .outputs_size = (uint32_t)o->outputs_size,
        .trace_size = o->trace ? MOTE_SIM_MAX_DATA - (uint32_t)(o->inputs.size + o->outputs_size) : 0,
    };
    if (o->inputs.size)
        memcpy(result->window + MOTE_SIM_DATA, o->inputs.data, o->inputs.size);
    memcpy(result->window + MOTE_SIM_PROMPT, o->prompt, box->request.prompt_size);
    result->box = box;
    result->tokens = (const uint16_t *)(result->window + MOTE_SIM_TOKENS);
    return true;
}

size_t mote_sim_prepared(const mote_sim_result *result)
{
    const uint32_t inputs = result->box->request.inputs_size;
    return inputs ? MOTE_SIM_DATA + (size_t)inputs : MOTE_SIM_TOKENS;
}

const uint8_t *mote_sim_outputs(const mote_sim_result *result)
{
    return result->window + MOTE_SIM_DATA + result->box->request.inputs_size;
}

const uint8_t *mote_sim_trace(const mote_sim_result *result)
{
    return mote_sim_outputs(result) + result->box->request.outputs_size;
}

mote_code mote_sim_code(mote_status status)
{
    return status == MOTE_NOT_PACKED || status == MOTE_NO_KERNEL ? MOTE_E_UNSUPPORTED : MOTE_E_FORMAT;
}

void mote_sim_result_free(mote_sim_result *result)
{
    free(result->window);
    memset(result, 0, sizeof *result);
}

static bool too_big(const mote_sim_chip *chip, mote_bytes file, const char *name, const mote_sim_box *box,
                    mote_error *error)
{
    mote_model model;
    char advice[MOTE_ADVICE] = "take a smaller model";
    if (mote_open(&model, file.data, file.size) == MOTE_SUCCESS)
        mote_smaller_context(&model, box->ram_size, advice);
    const uint64_t need = (uint64_t)box->arena_size + box->state_size + box->placed_size;
    return mote_fail(error, MOTE_E_UNSUPPORTED,
                     "%s: needs %llu bytes of SRAM on %s (arena %u, state %u, copies %u), which is %llu more than the "
                     "%u a model may have; %s",
                     name, (unsigned long long)need, chip->name, box->arena_size, box->state_size, box->placed_size,
                     (unsigned long long)(need - box->ram_size), box->ram_size,
                     box->placed_size ? "without --weights sram those that do not fit stay in flash" : advice);
}

static bool judge(const mote_sim_chip *chip, mote_bytes file, const char *name, mote_sim_result *result,
                  mote_error *error)
{
    const mote_sim_box *box = result->box;
    if (!box->done)
        return mote_fail(error, MOTE_E_MISMATCH, "%s: the program on %s crashed before its end", name, chip->name);
    if (box->status == MOTE_SIM_STATUS_RAM)
        return too_big(chip, file, name, box, error);
    if (box->status != MOTE_SUCCESS)
        return mote_fail(error, mote_sim_code((mote_status)box->status), "%s: refused on %s: %s", name, chip->name,
                         mote_status_text((mote_status)box->status));
    if (box->stack_peak >= box->stack_size)
        return mote_fail(error, MOTE_E_MISMATCH, "%s: the stack of %u bytes was not enough on %s", name,
                         box->stack_size, chip->name);
    const uint32_t prompt = box->reply.prompt_count;
    if (prompt > box->request.prompt_size + MOTE_TOKENS_BEFORE_TEXT ||
        box->reply.fed > prompt + box->request.output_count || box->reply.trace_used > box->request.trace_size)
        return mote_fail(error, MOTE_E_INTERNAL, "the program for %s is not one of this version of Mote", chip->name);
    result->token_count = box->reply.fed;
    for (int i = 0; i < MOTE_SIM_SLOTS; i++)
        result->cost[i].spent = box->spent[i];
    return true;
}

/* Plans the placement and stores it in the mailbox. A model that mote_open refuses is left for the chip to refuse. */
static bool place(const mote_chip *about, mote_bytes file, const mote_sim_options *o, uint8_t *window,
                  mote_error *error)
{
    mote_sim_box *box = (mote_sim_box *)window;
    mote_model model;
    mote_placement placement;
    box->ram_limit = o->sram ? o->sram : about->ram_kb << 10;
    if (mote_open(&model, file.data, file.size) != MOTE_SUCCESS)
        return true;
    const uint64_t working = mote_arena_size(&model) + mote_state_size(&model);
    const uint64_t budget = working < box->ram_limit ? box->ram_limit - working : 0;
    if (!mote_plan_placement(&model, o->weights, budget, &placement, error))
        return false;
    box->place = placement.tables;
    box->placed_count = placement.count;
    if (placement.count)
        memcpy(window + MOTE_SIM_PLACED, placement.tensors, placement.count * sizeof *placement.tensors);
    mote_placement_free(&placement);
    return true;
}

static const char *smaller_setting(mote_bytes file, uint64_t limit, char advice[MOTE_ADVICE])
{
    mote_model model;
    return mote_open(&model, file.data, file.size) == MOTE_SUCCESS ? mote_smaller_setting(&model, limit, advice)
                                                                   : "quantize it smaller";
}

bool mote_sim_run(const mote_sim_chip *chip, mote_bytes model, const char *name, const mote_sim_options *o,
                  mote_sim_result *result, mote_error *error)
{
    const mote_chip *about = mote_sim_about(chip);
    const size_t flash = (size_t)about->flash_kb << 10;
    char program[MOTE_SIM_PATH], advice[MOTE_ADVICE];
    if (model.size > flash)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "%s: %zu bytes, which is %zu more than the %zu bytes of flash a model may have on %s; %s",
                         name, model.size, model.size - flash, flash, chip->name,
                         smaller_setting(model, flash, advice));
    if (!mote_sim_find_program(chip, program, error) || !mote_sim_prepare(o, result, error))
        return false;
    mote_sim_box *box = (mote_sim_box *)result->window;
    box->model = chip->flash;
    box->model_size = (uint32_t)model.size;
    mote_sim_backend *run = chip->xtensa ? mote_sim_on_xtensa : mote_sim_on_qemu;
    if (place(about, model, o, result->window, error) && run(chip, program, model, o, result, error) &&
        judge(chip, model, name, result, error))
        return true;
    mote_sim_result_free(result);
    return false;
}
