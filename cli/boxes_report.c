#include "cli/boxes_report.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "cli/json.h"
#include "media/draw.h"

#define LARGEST_FILE ((size_t)1 << 30)

/* Decodes the file of the first input of a sequence if it is a picture; no pixels if it is none. */
static bool load_picture(const mote_frames_report *r, int s, mote_image *image, mote_error *error)
{
    const char *path = r->paths[s * r->inputs];
    mote_bytes file;
    *image = (mote_image){0};
    if (!mote_file_read(path, LARGEST_FILE, &file, error))
        return false;
    const bool done =
        !mote_is_image(file.data, file.size) || mote_image_decode(image, file.data, file.size, 3, path, error);
    free(file.data);
    return done;
}

/* The input shows all of the picture, or with bars a part of the input does. */
static void set_pixels(const mote_frames_report *r, const mote_image *image, double pixels[2])
{
    const mote_shown fit = mote_image_fit(image, r->detector.width, r->detector.height, r->preprocess.letterbox);
    pixels[0] = (double)image->width * r->detector.width / fit.width;
    pixels[1] = (double)image->height * r->detector.height / fit.height;
}

bool mote_find_boxes(const mote_frames_report *r, int s, size_t index, mote_found *found, mote_error *error)
{
    mote_image image;
    const uint8_t **frames = calloc((size_t)r->count + 1, sizeof *frames);
    *found = (mote_found){.pixels = {r->detector.width, r->detector.height}};
    if (!frames)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory to find boxes");
    for (int i = 0; i < r->count; i++)
        frames[i] = r->outputs[i].data + index * r->outputs[i].size;
    found->count = mote_detect_frame(&r->detector, r->ports, r->count, frames, found->boxes);
    free(frames);
    if (!load_picture(r, s, &image, error))
        return false;
    if (image.pixels)
        set_pixels(r, &image, found->pixels);
    mote_image_free(&image);
    return true;
}

static const char *label_of(const mote_frames_report *r, const mote_box *b, char *room, size_t size)
{
    if (b->label < r->labels.count)
        return r->labels.names[b->label];
    snprintf(room, size, "class %u", b->label);
    return room;
}

void mote_boxes_print(const mote_frames_report *r, const mote_found *found, const char *name)
{
    char room[24];
    if (!found->count)
        printf("%sno boxes\n", name);
    for (uint32_t i = 0; i < found->count; i++) {
        const mote_box *b = &found->boxes[i];
        printf("%s%s %.2f: %.0f,%.0f to %.0f,%.0f\n", name, label_of(r, b, room, sizeof room), (double)b->score,
               (double)b->left * found->pixels[0], (double)b->top * found->pixels[1],
               (double)b->right * found->pixels[0], (double)b->bottom * found->pixels[1]);
    }
}

json_t *mote_boxes_json(const mote_frames_report *r, const mote_found *found)
{
    json_t *list = json_array();
    char room[24];
    for (uint32_t i = 0; i < found->count; i++) {
        const mote_box *b = &found->boxes[i];
        const double *p = found->pixels;
        json_t *points = json_array();
        for (uint32_t k = 0; k < b->point_count; k++)
            json_array_append_new(points,
                                  json_pack("[f, f]", (double)b->points[k][0] * p[0], (double)b->points[k][1] * p[1]));
        json_array_append_new(list,
                              json_pack("{s:o, s:f, s:f, s:f, s:f, s:f, s:o}", "label",
                                        mote_json_text(label_of(r, b, room, sizeof room)), "score", (double)b->score,
                                        "left", (double)b->left * p[0], "top", (double)b->top * p[1], "right",
                                        (double)b->right * p[0], "bottom", (double)b->bottom * p[1], "points", points));
    }
    return list;
}

static void draw(const mote_found *found, mote_image *image)
{
    static const uint8_t of_points[] = {255, 255, 0};
    static const uint8_t colors[][3] = {{0, 200, 0}, {230, 60, 60}, {60, 110, 255}, {240, 180, 0}, {200, 60, 220}};
    const uint32_t width = mote_line_width(image);
    for (uint32_t i = 0; i < found->count; i++) {
        const mote_box *b = &found->boxes[i];
        const double *p = found->pixels;
        const uint8_t *color = colors[b->label % (sizeof colors / sizeof *colors)];
        mote_draw_box(image, (double)b->left * p[0], (double)b->top * p[1], (double)b->right * p[0],
                      (double)b->bottom * p[1], width, color);
        for (uint32_t k = 0; k < b->point_count; k++)
            mote_draw_point(image, (double)b->points[k][0] * p[0], (double)b->points[k][1] * p[1], width + 1,
                            of_points);
    }
}

bool mote_boxes_draw(const mote_frames_report *r, const char *path, mote_error *error)
{
    mote_image image;
    if (r->sequences != 1 || r->lengths[0] != 1)
        return mote_fail(error, MOTE_E_USAGE, "%s: one picture shows the boxes of one; give one --input", path);
    mote_found *found = malloc(sizeof *found);
    if (!found)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory to draw boxes");
    bool done = mote_find_boxes(r, 0, 0, found, error) && load_picture(r, 0, &image, error);
    if (done) {
        done = image.pixels || mote_fail(error, MOTE_E_USAGE, "%s is no picture to draw boxes on", r->paths[0]);
        if (done) {
            draw(found, &image);
            done = mote_image_save(&image, path, error);
        }
        mote_image_free(&image);
    }
    free(found);
    return done;
}
