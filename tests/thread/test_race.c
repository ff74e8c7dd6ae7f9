/* Training under ThreadSanitizer: short runs of every kind of work that workers share. `test_race control` instead
 * shares a counter without a lock; the sanitizer must report it, or it does not watch the workers. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "compiler/graph/team.h"
#include "compiler/train/train.h"

enum { WORKERS = 4, TEXT = 3000 };

static char folder[32], text[64], out[64], teacher[64];

static int make_text(void **state)
{
    (void)state;
    char bytes[TEXT];
    strcpy(folder, "/tmp/mote-race-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(text, sizeof text, "%s/text", folder);
    snprintf(out, sizeof out, "%s/out.mote", folder);
    snprintf(teacher, sizeof teacher, "%s/teacher.mote", folder);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = "the cat sat on the mat.\n"[i * i % 61 % 24];
    return mote_file_write(text, bytes, sizeof bytes, NULL) ? 0 : -1;
}

static int remove_text(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static mote_train_options run_of(mote_architecture architecture, mote_dtype weights)
{
    static const char *texts[] = {text};
    mote_train_options o = mote_train_defaults();
    o.texts = texts, o.text_count = 1, o.out = out;
    o.architecture = architecture;
    o.weights = weights;
    o.shape = (mote_tinylm_shape){.embed = 6, .dim = 12, .layers = 2};
    o.transformer.dim = 12, o.transformer.layers = 2, o.transformer.hidden = 20, o.transformer.context = 12;
    o.transformer.heads = 3, o.transformer.kv_heads = 1;
    o.batch = 8, o.sequence = 12, o.threads = WORKERS;
    o.steps = 30;
    o.ramp = 0.5;
    o.dropout = 0.1;
    return o;
}

static void train(const mote_train_options *o, const mote_train_watch *watch)
{
    mote_train_result result;
    mote_error error = {0};
    if (!mote_train(o, watch, &result, &error))
        fail_msg("%s", error.text);
    assert_int_equal(result.step, watch ? 10 : o->steps);
}

static void test_gru(void **state)
{
    (void)state;
    mote_train_options o = run_of(MOTE_ARCH_GRU, MOTE_TERNARY2);
    train(&o, NULL);
}

static void test_transformer(void **state)
{
    (void)state;
    mote_train_options o = run_of(MOTE_ARCH_TRANSFORMER, MOTE_I8);
    train(&o, NULL);
    o.transformer.layer_norm = o.transformer.gelu = o.transformer.biased = o.transformer.learned_positions = true;
    train(&o, NULL);
}

static void test_teacher(void **state)
{
    (void)state;
    mote_train_options o = run_of(MOTE_ARCH_GRU, MOTE_F32);
    o.out = teacher;
    train(&o, NULL);
    o = run_of(MOTE_ARCH_TRANSFORMER, MOTE_F32);
    o.teacher = teacher;
    train(&o, NULL);
}

static void test_pruning(void **state)
{
    (void)state;
    mote_train_options o = run_of(MOTE_ARCH_GRU, MOTE_F32);
    o.prune = (mote_prune_schedule){
        .to = 0.5, .granularity = MOTE_PRUNED_WEIGHTS, .method = MOTE_PRUNE_MAGNITUDE, .begin = 5, .end = 20};
    train(&o, NULL);
}

static bool stop_at(void *context)
{
    return --*(int *)context == 0;
}

static void test_stopped_and_resumed(void **state)
{
    (void)state;
    mote_train_options o = run_of(MOTE_ARCH_GRU, MOTE_F32);
    int left = 10;
    train(&o, &(mote_train_watch){.context = &left, .stop = stop_at});
    o.resume = true;
    train(&o, NULL);
}

typedef struct shared {
    atomic_int arrived;
    volatile int count;
} shared;

/* All workers count at once. They signal their arrival in relaxed order, which orders no other accesses. */
static void count_up(void *context, uint32_t worker)
{
    (void)worker;
    shared *s = context;
    atomic_fetch_add_explicit(&s->arrived, 1, memory_order_relaxed);
    while (atomic_load_explicit(&s->arrived, memory_order_relaxed) < WORKERS)
        sched_yield();
    for (int i = 0; i < 1000; i++)
        ++s->count;
}

static int control(void)
{
    shared s = {0};
    mote_team *team = mote_team_new(WORKERS, NULL);
    if (!team)
        return 1;
    mote_team_run(team, count_up, &s);
    mote_team_free(team);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "control") == 0)
        return control();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gru),     cmocka_unit_test(test_transformer),         cmocka_unit_test(test_teacher),
        cmocka_unit_test(test_pruning), cmocka_unit_test(test_stopped_and_resumed),
    };
    return cmocka_run_group_tests(tests, make_text, remove_text);
}
