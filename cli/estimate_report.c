#include "cli/estimate_report.h"

#include <stdio.h>

#include "cli/json.h"
#include "cli/shape_options.h"
#include "compiler/plan/estimate.h"

static void print(const mote_estimate *e, const char *shape)
{
    if (shape)
        printf("%s\n", shape);
    printf("%llu parameters; packed about %llu bytes of file, %llu of arena, %llu of state\n\n",
           (unsigned long long)e->parameters, (unsigned long long)e->file, (unsigned long long)e->arena,
           (unsigned long long)e->state);
    printf("  %-9s %-26s %s\n", "chip", "flash: file of KB", "RAM: arena and state of KB");
    for (int i = 0; i < mote_chip_count; i++) {
        const mote_chip *c = &mote_chips[i];
        const mote_fit fit = mote_chip_fit(c, e->file, e->arena, e->state);
        char flash[40];
        snprintf(flash, sizeof flash, "%s %.1f of %u", fit.flash ? "fits" : "NO  ", (double)e->file / 1024,
                 c->flash_kb);
        printf("  %-9s %-26s %s %.1f of %u%s\n", c->name, flash, fit.ram ? "fits" : "NO  ",
               (double)(e->arena + e->state) / 1024, c->ram_kb, fit.all_ram ? ", the file too" : "");
    }
}

static void print_json(const mote_estimate *e, const char *shape)
{
    json_t *chips = json_array();
    for (int i = 0; i < mote_chip_count; i++) {
        const mote_fit fit = mote_chip_fit(&mote_chips[i], e->file, e->arena, e->state);
        json_array_append_new(chips, json_pack("{s:s, s:b, s:b, s:b}", "name", mote_chips[i].name, "fits_flash",
                                               fit.flash, "fits_ram", fit.ram, "fits_ram_with_file", fit.all_ram));
    }
    json_t *all = json_pack("{s:I, s:I, s:I, s:I, s:o}", "parameters", (json_int_t)e->parameters, "file_bytes",
                            (json_int_t)e->file, "arena_bytes", (json_int_t)e->arena, "state_bytes",
                            (json_int_t)e->state, "chips", chips);
    if (shape)
        json_object_set_new(all, "shape", json_string(shape));
    mote_json_print(all, JSON_INDENT(2));
}

bool mote_estimate_show(const mote_train_options *options, bool json, mote_error *error)
{
    mote_graph g;
    mote_estimate e;
    char shape[256];
    mote_shape_print(options, shape, sizeof shape);
    if (!mote_train_model(options, &g, error))
        return false;
    const bool done = mote_estimate_packed(&g, &e, error);
    if (!g.tokenizer) /* without texts no tokenizer was trained: adds its estimated size */
        e.file += mote_estimate_tokenizer(options->vocabulary) - mote_estimate_tokenizer(0);
    mote_graph_free(&g);
    if (done)
        (json ? print_json : print)(&e, options->init ? NULL : shape); /* --init has a shape of its own */
    if (done && !json && !options->text_count && !options->vocabulary)
        printf("\nThe estimate counts all 256 bytes as tokens; a text with fewer distinct bytes needs less.\n");
    return done;
}
