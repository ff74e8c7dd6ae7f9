#include "cli/placement_report.h"

#include <stdio.h>

#include "cli/json.h"
#include "compiler/plan/placement.h"
#include "runtime/model.h"
#include "runtime/place.h"

static const char *name_of(const mote_placement_report *r, uint32_t tensor)
{
    const mote_header *h = mote_header_of(&r->model);
    return (const char *)r->model.file + h->string_offset + mote_record(&r->model, tensor)->name;
}

static uint64_t working_bytes(const mote_placement_report *r)
{
    return mote_arena_size(&r->model) + mote_state_size(&r->model);
}

static bool check_fit(const mote_placement_report *r, size_t file_size, const char *path, mote_error *error)
{
    const uint64_t flash = (uint64_t)r->chip->flash_kb << 10, working = working_bytes(r);
    char advice[MOTE_ADVICE];
    if (file_size > flash)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "%s: %zu bytes, which is %llu more than the %llu bytes of flash a model may have on %s; %s",
                         path, file_size, (unsigned long long)(file_size - flash), (unsigned long long)flash,
                         r->chip->name, mote_smaller_setting(&r->model, flash, advice));
    if (working > r->sram)
        return mote_fail(
            error, MOTE_E_UNSUPPORTED,
            "%s: arena %zu and state %zu bytes, which is %llu more than the %llu bytes of SRAM a model may "
            "have on %s; %s",
            path, mote_arena_size(&r->model), mote_state_size(&r->model), (unsigned long long)(working - r->sram),
            (unsigned long long)r->sram, r->chip->name, mote_smaller_context(&r->model, r->sram, advice));
    return true;
}

bool mote_placement_report_make(mote_placement_report *r, mote_bytes file, const char *path, const mote_chip *chip,
                                uint64_t sram, mote_error *error)
{
    *r = (mote_placement_report){.chip = chip, .sram = sram ? sram : (uint64_t)chip->ram_kb << 10};
    const mote_status status = mote_open(&r->model, file.data, file.size);
    if (status != MOTE_SUCCESS)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "%s: %s", path, mote_status_text(status));
    if (!check_fit(r, file.size, path, error))
        return false;
    for (int i = 0; i < MOTE_PLACES; i++) {
        if (!mote_plan_placement(&r->model, (mote_weights_in)i, r->sram - working_bytes(r), &r->places[i], error)) {
            mote_placement_report_free(r);
            return false;
        }
        r->predictions[i] = mote_predict(&r->model, chip, &r->places[i]);
    }
    return true;
}

void mote_placement_report_free(mote_placement_report *r)
{
    for (int i = 0; i < MOTE_PLACES; i++)
        mote_placement_free(&r->places[i]);
}

static bool fits(const mote_placement_report *r, int place)
{
    return r->places[place].bytes <= r->sram - working_bytes(r);
}

static double per_token(const mote_prediction *p)
{
    return p->work + p->memory;
}

static double per_second(const mote_placement_report *r, int place)
{
    return r->chip->mhz * 1e6 / per_token(&r->predictions[place]);
}

static void print_predictions(const mote_placement_report *r)
{
    const bool counted = r->predictions[0].counted;
    printf("\n  %-9s %12s %12s %14s %18s\n", "weights", "SRAM, bytes", counted ? "instructions" : "cycles",
           counted ? "" : "of them memory", "tokens/s");
    for (int i = 0; i < MOTE_PLACES; i++) {
        const mote_prediction *p = &r->predictions[i];
        printf("  %-9s %12llu ", mote_weights_in_names[i], (unsigned long long)r->places[i].bytes + working_bytes(r));
        if (!fits(r, i))
            printf(" more than fit\n");
        else if (!p->known)
            printf(" not known: one of its kernels was not measured on this chip\n");
        else if (counted)
            printf("%12.0f %14s %9s%9.0f\n", per_token(p), "", "at most ", per_second(r, i));
        else
            printf("%12.0f %14.0f %18.0f\n", per_token(p), p->memory, per_second(r, i));
    }
}

void mote_placement_report_print(const mote_placement_report *r)
{
    const mote_placement *plan = &r->places[MOTE_AS_PLANNED];
    printf("\n  Planned for %s: of %llu bytes of SRAM arena %zu, state %zu, tables and constants %llu\n\n",
           r->chip->name, (unsigned long long)r->sram, mote_arena_size(&r->model), mote_state_size(&r->model),
           (unsigned long long)plan->bytes);
    printf("  %-28s %9s %9s  %s\n", "constant", "bytes", "a token", "read from");
    printf("  %-28s %9zu %9s  %s\n", "(tables)", mote_place_tensors_size(&r->model, NULL, 0), "",
           plan->tables ? "SRAM" : "flash");
    for (uint32_t i = 0; i < mote_header_of(&r->model)->tensor_count; i++)
        if (mote_record(&r->model, i)->role == MOTE_CONSTANT)
            printf("  %-28s %9u %9llu  %s\n", name_of(r, i), mote_record(&r->model, i)->size,
                   (unsigned long long)mote_bytes_read(&r->model, i), mote_is_placed(plan, i) ? "SRAM" : "flash");
    print_predictions(r);
}

static json_t *json_of_place(const mote_placement_report *r, int place)
{
    const mote_prediction *p = &r->predictions[place];
    json_t *object =
        json_pack("{s:I, s:b}", "sram_bytes", (json_int_t)r->places[place].bytes + (json_int_t)working_bytes(r), "fits",
                  fits(r, place));
    if (p->known) {
        json_object_set_new(object, p->counted ? "instructions" : "cycles", json_real(per_token(p)));
        if (!p->counted)
            json_object_set_new(object, "memory_cycles", json_real(p->memory));
        json_object_set_new(object, "tokens_per_second", json_real(per_second(r, place)));
    }
    return object;
}

json_t *mote_placement_report_json(const mote_placement_report *r)
{
    const mote_placement *plan = &r->places[MOTE_AS_PLANNED];
    json_t *placed = json_array(), *weights = json_object();
    for (uint32_t i = 0; i < plan->count; i++)
        json_array_append_new(placed, json_pack("{s:i, s:o}", "tensor", (int)plan->tensors[i], "name",
                                                mote_json_text(name_of(r, plan->tensors[i]))));
    for (int i = 0; i < MOTE_PLACES; i++)
        json_object_set_new(weights, mote_weights_in_names[i], json_of_place(r, i));
    return json_pack("{s:s, s:I, s:b, s:o, s:o}", "chip", r->chip->name, "sram_bytes", (json_int_t)r->sram, "tables",
                     (int)plan->tables, "placed", placed, "weights", weights);
}
