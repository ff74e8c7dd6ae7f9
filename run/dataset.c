#include "run/dataset.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "compiler/graph/cross_entropy.h"
#include "run/dataset_csv.h"

#define MOST_BYTES ((size_t)1 << 30)

/* The samples that are being read. */
typedef struct job {
    mote_dataset *d;
    const mote_graph *g;
    mote_port port;
    mote_preprocess preprocess;
    mote_labels labels; /* of the network */
    uint16_t *targets;
    size_t outputs, capacity;
    mote_error *error;
} job;

bool mote_is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

static bool make_shape(job *j)
{
    mote_graph_init(&j->d->shape);
    for (int i = 0; i < j->g->tensor_count; i++) {
        const mote_tensor *t = &j->g->tensors[i];
        if (t->role != MOTE_INPUT && t->role != MOTE_OUTPUT && t->role != MOTE_STATE)
            continue;
        const bool ids = t->dtype == MOTE_U16 && t->role == MOTE_INPUT;
        if (mote_graph_tensor(&j->d->shape, t->name, ids ? MOTE_U16 : MOTE_F32, t->role, t->rank, t->dims) < 0)
            return mote_fail(j->error, MOTE_E_INTERNAL, "no memory to read samples");
    }
    return true;
}

static mote_port port_of(const mote_tensor *t)
{
    const size_t count = mote_tensor_elements(t);
    return (mote_port){.name = t->name,
                       .dims = t->dims,
                       .rank = (uint32_t)t->rank,
                       .type = MOTE_F32,
                       .count = count,
                       .size = count * sizeof(float),
                       .scale = 1};
}

/* Prepares to append samples of the only input. */
static bool begin(job *j)
{
    mote_arrays *a = &j->d->arrays;
    const int input = mote_graph_of_role(&j->d->shape, MOTE_INPUT, 0);
    const int output = mote_graph_of_role(&j->d->shape, MOTE_OUTPUT, 0);
    if (input < 0 || output < 0 || mote_graph_of_role(&j->d->shape, MOTE_INPUT, 1) >= 0 ||
        j->d->shape.tensors[input].dtype != MOTE_F32)
        return mote_fail(j->error, MOTE_E_USAGE,
                         "files are samples of a network with one input of real values; for another give DATA.npz with "
                         "an array for each input");
    j->port = port_of(&j->d->shape.tensors[input]);
    j->outputs = mote_tensor_elements(&j->d->shape.tensors[output]);
    *a = (mote_arrays){.input_count = 1,
                       .sequence = 1,
                       .inputs = calloc(1, sizeof *a->inputs),
                       .input_size = calloc(1, sizeof *a->input_size)};
    if (!a->inputs || !a->input_size)
        return mote_fail(j->error, MOTE_E_INTERNAL, "no memory to read samples");
    a->input_size[0] = j->port.size;
    return mote_preprocess_of(&j->preprocess, j->g, j->error) && mote_labels_read(&j->labels, NULL, j->g, j->error);
}

/* Appends frames of one class, MOTE_NO_TARGET for none. */
static bool append(job *j, const mote_frames *f, uint16_t target)
{
    mote_arrays *a = &j->d->arrays;
    const size_t count = a->count + f->count;
    if (count > MOST_BYTES / (f->size + 1))
        return mote_fail(j->error, MOTE_E_UNSUPPORTED, "the samples have more than 1 GiB; take fewer");
    if (count > j->capacity) {
        j->capacity = 2 * count;
        uint8_t *data = realloc(a->inputs[0], j->capacity * f->size);
        a->inputs[0] = data ? data : a->inputs[0];
        uint16_t *targets = realloc(j->targets, j->capacity * sizeof *targets);
        j->targets = targets ? targets : j->targets;
        if (!data || !targets)
            return mote_fail(j->error, MOTE_E_INTERNAL, "no memory for %zu samples", count);
    }
    memcpy(a->inputs[0] + a->count * f->size, f->data, f->count * f->size);
    for (size_t i = a->count; i < count; i++)
        j->targets[i] = target;
    a->count = count;
    return true;
}

static bool append_file(job *j, const char *path, uint16_t target)
{
    mote_frames f;
    if (!mote_frames_read(&f, &j->port, &j->preprocess, path, j->error))
        return false;
    const bool done = append(j, &f, target);
    mote_frames_free(&f);
    return done;
}

/* --- folders --- */

static int is_shown(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

/* Lists a folder by name. Returns the number of entries, −1 with a message. */
static int list(const char *path, struct dirent ***entries, mote_error *error)
{
    const int count = scandir(path, entries, is_shown, alphasort);
    if (count < 0)
        mote_fail(error, MOTE_E_INPUT, "%s: cannot be listed", path);
    if (count == 0) {
        free(*entries);
        mote_fail(error, MOTE_E_FORMAT, "%s: an empty folder", path);
    }
    return count > 0 ? count : -1;
}

static char *join(const char *folder, const char *name)
{
    char *start = mote_name(folder, "/"), *path = start ? mote_name(start, name) : NULL;
    free(start);
    return path;
}

static bool visit(job *j, const char *folder, bool (*each)(job *j, const char *path, const char *name, void *context),
                  void *context)
{
    struct dirent **entries;
    const int count = list(folder, &entries, j->error);
    bool done = count > 0;
    for (int i = 0; i < count; i++) {
        char *path = done ? join(folder, entries[i]->d_name) : NULL;
        done = done && (path ? each(j, path, entries[i]->d_name, context)
                             : mote_fail(j->error, MOTE_E_INTERNAL, "no memory to list %s", folder));
        free(path);
        free(entries[i]);
    }
    if (count > 0)
        free(entries);
    return done;
}

static bool each_file(job *j, const char *path, const char *name, void *context)
{
    (void)name;
    if (mote_is_folder(path))
        return mote_fail(j->error, MOTE_E_FORMAT, "%s: a folder among files of samples; remove it", path);
    return append_file(j, path, *(const uint16_t *)context);
}

/* The number of the class of a subfolder, by label, by number or by its place among the others. */
static bool class_of(job *j, const char *name, size_t place, uint16_t *target)
{
    size_t class = mote_class_of(&j->labels, name);
    class = class == SIZE_MAX && !j->labels.count ? place : class;
    *target = (uint16_t) class;
    if (class < j->outputs && class < MOTE_NO_TARGET)
        return true;
    return mote_fail(j->error, MOTE_E_MISMATCH, "the class %s is none of the %zu that the network tells apart%s", name,
                     j->outputs, j->labels.count ? "; a folder has the name of a label" : "");
}

static bool each_class(job *j, const char *path, const char *name, void *context)
{
    uint16_t target;
    size_t *place = context;
    if (!mote_is_folder(path))
        return mote_fail(j->error, MOTE_E_FORMAT, "%s: a file among the folders of classes; remove it", path);
    return class_of(j, name, (*place)++, &target) && visit(j, path, each_file, &target);
}

static bool find_folder(job *j, const char *path, const char *name, void *context)
{
    (void)j, (void)name;
    bool *any = context;
    *any = *any || mote_is_folder(path);
    return true;
}

static bool read_folder(job *j, const char *path)
{
    uint16_t none = MOTE_NO_TARGET;
    size_t place = 0;
    bool classes = false;
    return visit(j, path, find_folder, &classes) &&
           (classes ? visit(j, path, each_class, &place) : visit(j, path, each_file, &none));
}

/* --- all --- */

static bool read_csv(job *j, const char *path)
{
    mote_bytes file;
    if (!mote_file_read(path, MOST_BYTES, &file, j->error))
        return false;
    mote_frames f;
    uint16_t *targets;
    const mote_frame_source s = {.path = path, .data = file.data, .size = file.size, .port = &j->port};
    bool done = mote_samples_of_csv(&f, &targets, &s, &j->labels, j->outputs, j->error);
    free(file.data);
    if (!done)
        return false;
    done = append(j, &f, MOTE_NO_TARGET);
    if (done && targets)
        memcpy(j->targets, targets, f.count * sizeof *targets);
    mote_frames_free(&f);
    free(targets);
    return done;
}

/* Makes classes of the targets, if there are any. */
static void finish(job *j)
{
    mote_arrays *a = &j->d->arrays;
    bool any = false;
    for (size_t i = 0; i < a->count; i++)
        any = any || j->targets[i] != MOTE_NO_TARGET;
    if (!any)
        return;
    a->task = &mote_task_classification;
    a->target_size = sizeof *j->targets;
    a->targets = (uint8_t *)j->targets;
    j->targets = NULL;
}

static bool load(job *j, const char *path)
{
    if (access(path, R_OK) != 0)
        return mote_fail(j->error, MOTE_E_INPUT, "%s: %s", path, strerror(errno));
    if (!make_shape(j))
        return false;
    if (mote_names_arrays(path))
        return mote_arrays_load(&j->d->arrays, path, j->g->packed ? &j->d->shape : j->g, j->error) &&
               mote_labels_read(&j->d->classes, NULL, j->g, j->error);
    if (!begin(j))
        return false;
    const bool done = mote_is_folder(path)            ? read_folder(j, path)
                      : mote_has_ending(path, ".csv") ? read_csv(j, path)
                                                      : append_file(j, path, MOTE_NO_TARGET);
    if (done)
        finish(j);
    j->d->classes = j->labels;
    j->labels = (mote_labels){0};
    return done;
}

bool mote_dataset_load(mote_dataset *d, const char *path, const mote_graph *g, mote_error *error)
{
    *d = (mote_dataset){0};
    job j = {.d = d, .g = g, .error = error};
    const bool done = load(&j, path);
    mote_labels_free(&j.labels);
    free(j.targets);
    if (!done)
        mote_dataset_free(d);
    return done;
}

void mote_dataset_free(mote_dataset *d)
{
    mote_arrays_free(&d->arrays);
    mote_graph_free(&d->shape);
    mote_labels_free(&d->classes);
}
