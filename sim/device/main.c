/* The program that runs on the simulated chip: opens the model, generates, measures and reports. */
#include "generate.h"
#include "port.h"
#include "runtime/place.h"

extern uint32_t _stack_bottom[], _stack_top[];
extern uint8_t __heap_start[], __heap_end[];
extern const char _runtime_size[]; /* its address is a number of bytes */

void mote_program_start(void);

#define STACK_PAINT 0xa5c3e179u

static mote_sim_box *box(void)
{
    return (mote_sim_box *)MOTE_SIM_WINDOW;
}

static void *window(uint32_t offset)
{
    return (uint8_t *)MOTE_SIM_WINDOW + offset;
}

static uint32_t present_slot, entered_at;

void __attribute__((noinline)) mote_sim_enter(uint32_t slot)
{
    box()->spent[present_slot] += mote_sim_counter() - entered_at;
    present_slot = slot;
    entered_at = mote_sim_counter();
}

/* Fills the stack below the frame of this function with STACK_PAINT. */
static void __attribute__((noinline)) paint_stack(void)
{
    volatile uint32_t here = 0;
    (void)here;
    for (volatile uint32_t *p = _stack_bottom; (uintptr_t)p < (uintptr_t)&here - 64; p++)
        *p = STACK_PAINT;
}

static uint32_t bytes_between(const void *low, const void *high)
{
    return (uint32_t)((uintptr_t)high - (uintptr_t)low);
}

static uint32_t stack_peak(void)
{
    const uint32_t *p = _stack_bottom;
    uint32_t untouched = 0;
    const uint32_t words = bytes_between(_stack_bottom, _stack_top) / sizeof *p;
    while (untouched < words && p[untouched] == STACK_PAINT)
        untouched++;
    return (words - untouched) * (uint32_t)sizeof *p;
}

static int32_t start(mote_sim_box *b, mote_model *model, mote_session *s)
{
    uint8_t *ram = __heap_start;
    const uint16_t *placed = window(MOTE_SIM_PLACED);
    const uint32_t most = bytes_between(__heap_start, __heap_end);
    uint32_t left = b->ram_size = b->ram_limit < most ? b->ram_limit : most;
    const uint32_t copies = b->placed_size =
        b->place ? (uint32_t)mote_place_tensors_size(model, placed, b->placed_count) : 0;
    size_t used;
    const uint32_t arena = b->arena_size = (uint32_t)mote_arena_size(model);
    const uint32_t state = b->state_size = (uint32_t)mote_state_size(model);
    if (arena > left || state > left - arena || copies > left - arena - state)
        return MOTE_SIM_STATUS_RAM;
    const mote_status status =
        b->place ? mote_place_tensors(model, ram + arena + state, copies, placed, b->placed_count, &used)
                 : MOTE_SUCCESS;
    return status == MOTE_SUCCESS ? mote_start(s, model, ram, arena, ram + arena, state) : status;
}

static int32_t run(mote_sim_box *b)
{
    mote_model model;
    mote_session s;
    mote_sim_enter(MOTE_SIM_AT_OPEN);
    int32_t status = mote_open(&model, (const void *)(uintptr_t)b->model, b->model_size);
    if (status == MOTE_SUCCESS)
        status = start(b, &model, &s);
    mote_sim_enter(MOTE_SIM_AT_OTHER);
    if (status == MOTE_SUCCESS)
        mote_sim_generate(&s, &b->request, window(MOTE_SIM_PROMPT), &b->reply, window(MOTE_SIM_TOKENS),
                          window(MOTE_SIM_DATA));
    return status;
}

void mote_program_start(void)
{
    mote_sim_box *b = box();
    paint_stack();
    entered_at = mote_sim_counter();
    b->status = run(b);
    mote_sim_enter(MOTE_SIM_AT_OTHER);
    b->stack_peak = stack_peak();
    b->stack_size = bytes_between(_stack_bottom, _stack_top);
    b->code_size = (uint32_t)(uintptr_t)_runtime_size;
    b->done = 1;
    for (;;)
        mote_sim_exit();
}
