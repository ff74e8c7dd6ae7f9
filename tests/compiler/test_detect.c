/* Detectors: the boxes of published networks' raw outputs against those of the networks' own programs, small maps by
 * hand, outputs that do not fit, capacities. Needs ../shared for the networks. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <mote_detect.h>

#include "base/file.h"
#include "compiler/manifest/npy.h"
#include "runtime/detect/detect.h"

enum { MOST = 200, MOST_OUTPUTS = 13 };

#define NETWORKS MOTE_SHARED_DIR "/data/networks/onnx/"

static const char *const pictures[] = {"1", "3", "6", "11", "15", "16"};

/* A file of numbers as an output. Free its data. */
static mote_value output_of(const char *path, uint32_t dims[MOTE_RANK])
{
    mote_bytes file;
    mote_error error;
    mote_array a;
    mote_value v = {.type = MOTE_F32, .dims = dims, .scale = 1};
    size_t begin;
    if (!mote_file_read(path, 1 << 26, &file, &error) || !mote_npy_form(&a, &begin, file.data, file.size, path, &error))
        fail_msg("%s", error.text);
    a.data = malloc(mote_array_bytes(&a));
    memcpy(a.data, file.data + begin, mote_array_bytes(&a));
    free(file.data);
    assert_true(a.kind == 'f' && a.size == 4 && a.rank >= 2 && a.dims[0] == 1);
    v.rank = (uint32_t)a.rank - 1;
    for (uint32_t i = 0; i < v.rank; i++)
        dims[i] = a.dims[i + 1];
    v.data = a.data;
    v.stride = dims[v.rank - 1] * 4;
    v.size = mote_rows_of(&v) * v.stride;
    return v;
}

/* Reads the numbers of a list behind its key. Returns how many. */
static uint32_t read_list(const char *at, const char *key, double *numbers, uint32_t most)
{
    uint32_t count = 0;
    at = strstr(at, key);
    assert_non_null(at);
    at += strlen(key);
    for (const char *end = strchr(at, '"') ? strchr(at, '"') : at + strlen(at); at < end;) {
        char *next;
        const double v = strtod(at, &next);
        if (next == at) {
            at++;
            continue;
        }
        assert_true(count < most);
        numbers[count++] = v;
        at = next;
    }
    return count;
}

typedef struct network {
    const char *folder;
    const char *outputs[MOST_OUTPUTS];
    uint32_t width, height;
    bool letterbox;
    bool points;
} network;

/* Pixels of the original picture per unit of the box. */
static void scale_of(const network *n, const double size[2], double scale[2])
{
    scale[0] = size[0], scale[1] = size[1];
    if (!n->letterbox)
        return;
    const double ratio = size[1] / size[0];
    const double shown = ratio > 1 ? n->height : floor(n->width * ratio); /* rows that show the picture */
    scale[0] = n->width * size[1] / shown;
    scale[1] = n->height * size[1] / shown;
}

static void compare(const mote_box *b, const double *want, const double *points, const double scale[2])
{
    const double edges[] = {(double)b->left * scale[0], (double)b->top * scale[1], (double)b->right * scale[0],
                            (double)b->bottom * scale[1]};
    for (int i = 0; i < 4; i++)
        assert_true(fabs(edges[i] - want[i]) < 0.01);
    assert_true(fabs((double)b->score - want[4]) < 1e-4);
    for (uint32_t i = 0; i < 2 * b->point_count; i++)
        assert_true(fabs((double)b->points[i / 2][i % 2] * scale[i % 2] - points[i]) < 0.01);
}

static void check_picture(const network *n, const mote_detector *d, const char *json, const char *picture)
{
    static mote_box boxes[MOST];
    static double numbers[MOST * 5], points[MOST * 10];
    mote_value outputs[MOST_OUTPUTS];
    uint32_t dims[MOST_OUTPUTS][MOTE_RANK], count = 0;
    double size[2], scale[2];
    char path[512];
    for (; n->outputs[count]; count++) {
        snprintf(path, sizeof path, NETWORKS "%s/raw/%s_%s.npy", n->folder, picture, n->outputs[count]);
        outputs[count] = output_of(path, dims[count]);
    }
    snprintf(path, sizeof path, "\"%s.jpg\"", picture);
    const char *entry = strstr(json, path);
    assert_non_null(entry);
    read_list(entry, "\"width\":", &size[0], 1);
    read_list(entry, "\"height\":", &size[1], 1);
    const uint32_t want = read_list(entry, "\"boxes\":", numbers, MOST * 5) / 5;
    if (n->points)
        assert_int_equal(read_list(entry, "\"landmarks\":", points, MOST * 10), want * 10);
    const uint32_t got = mote_detect(d, outputs, count, boxes, MOST);
    assert_int_equal(got, want);
    scale_of(n, size, scale);
    for (uint32_t i = 0; i < got; i++)
        compare(&boxes[i], numbers + (size_t)i * 5, points + (size_t)i * 10, scale);
    print_message("%s, picture %s: %u boxes equal\n", n->folder, picture, got);
    for (uint32_t i = 0; i < count; i++)
        free(outputs[i].data);
}

static void check_network(const network *n, const mote_detector *d)
{
    mote_bytes json;
    mote_error error;
    char path[512];
    snprintf(path, sizeof path, NETWORKS "%s/boxes.json", n->folder);
    if (!mote_file_read(path, 1 << 24, &json, &error)) {
        print_message("SKIPPED: no %s\n", path);
        skip();
    }
    char *text = strndup((const char *)json.data, json.size);
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++)
        check_picture(n, d, text, pictures[i]);
    free(text);
    free(json.data);
}

static void test_ultraface(void **state)
{
    static const network n = {"ultraface_slim_320", {"boxes", "scores"}, 320, 240, false, false};
    const mote_detector d = mote_detector_ultraface(320, 240);
    (void)state;
    check_network(&n, &d);
}

static void test_yunet(void **state)
{
    static const network n = {"yunet_s_320",
                              {"cls_8", "cls_16", "cls_32", "obj_8", "obj_16", "obj_32", "bbox_8", "bbox_16", "bbox_32",
                               "kps_8", "kps_16", "kps_32"},
                              320,
                              320,
                              true,
                              true};
    const mote_detector d = mote_detector_yunet(320, 320);
    (void)state;
    check_network(&n, &d);
}

static void test_exp(void **state)
{
    (void)state;
    double worst = 0;
    for (int i = -400000; i <= 400000; i++) {
        const float x = (float)i * 1e-4f;
        worst = fmax(worst, fabs((double)mote_exp(x) / exp((double)x) - 1));
    }
    print_message("largest relative error of the exponential: %.2g\n", worst);
    assert_true(worst < 2e-7);
    assert_true(mote_exp(1e30f) == mote_exp(40) && mote_exp(-1e30f) == mote_exp(-40) && isnan(mote_exp(NAN)));
}

/* Cells of two classes on 4 by 5 cells: an L of class 1, which touches itself at a corner only, and a single cell of
 * class 2 beside it. */
static void test_fomo(void **state)
{
    static const char map[] = "..1.."
                              ".1..2"
                              ".11.."
                              ".....";
    static const uint32_t dims[] = {4, 5, 3};
    int8_t stored[60];
    mote_box boxes[8];
    (void)state;
    for (int i = 0; i < 20; i++)
        for (int c = 0; c < 3; c++)
            stored[3 * i + c] = map[i] == '0' + c || (c == 0 && map[i] == '.') ? (int8_t)(70 + i) : -100;
    const mote_value v = {.data = stored,
                          .dims = dims,
                          .rank = 3,
                          .size = 60,
                          .stride = 3,
                          .type = MOTE_I8,
                          .scale = 1.0f / 256,
                          .zero_point = -128};
    const mote_detector d = mote_detector_fomo(50, 40);
    assert_int_equal(mote_detect(&d, &v, 1, boxes, 8), 2);
    assert_int_equal(boxes[0].label, 1); /* its best cell is the later one */
    assert_int_equal(boxes[1].label, 2);
    const float want[] = {0.2f, 0, 0.6f, 0.75f, 0.8f, 0.25f, 1, 0.5f};
    for (int i = 0; i < 2; i++) {
        assert_true(fabsf(boxes[i].left - want[4 * i]) < 1e-6f && fabsf(boxes[i].top - want[4 * i + 1]) < 1e-6f);
        assert_true(fabsf(boxes[i].right - want[4 * i + 2]) < 1e-6f &&
                    fabsf(boxes[i].bottom - want[4 * i + 3]) < 1e-6f);
    }
    assert_true(fabsf(boxes[0].score - (82 + 128) / 256.0f) < 1e-6f);
    assert_int_equal(mote_detect(&d, &v, 1, boxes, 1), 1);
    assert_int_equal(mote_detect(&d, &v, 1, NULL, 0), 0);
}

/* 512 by 512 pixels: many candidates, of which the best are kept, in time that does not depend on their order. */
static void test_capacity(void **state)
{
    enum { SIDE = 512, PRIORS = SIDE / 8 * (SIDE / 8) * 4 };
    static float scores[PRIORS][2], offsets[PRIORS][4];
    static mote_box boxes[64];
    static const uint32_t of_scores[] = {PRIORS, 2}, of_offsets[] = {PRIORS, 4};
    const mote_value outputs[] = {{.data = scores,
                                   .dims = of_scores,
                                   .rank = 2,
                                   .size = sizeof scores,
                                   .stride = 8,
                                   .type = MOTE_F32,
                                   .scale = 1},
                                  {.data = offsets,
                                   .dims = of_offsets,
                                   .rank = 2,
                                   .size = sizeof offsets,
                                   .stride = 16,
                                   .type = MOTE_F32,
                                   .scale = 1}};
    mote_detector d = {.kind = MOTE_DETECTOR_SSD,
                       .width = SIDE,
                       .height = SIDE,
                       .threshold = 0.1f,
                       .overlap = 2,
                       .strides = {8},
                       .sizes = {{8, 8, 8, 8}},
                       .center_variance = 0.1f,
                       .size_variance = 0.2f};
    (void)state;
    for (uint32_t i = 0; i < PRIORS; i++)
        scores[i][1] = 0.2f + 0.7f * (float)(i * 2654435761u % PRIORS) / PRIORS;
    assert_int_equal(mote_detect(&d, outputs, 2, boxes, 64), 64);
    for (int i = 1; i < 64; i++)
        assert_true(boxes[i - 1].score >= boxes[i].score);
    uint32_t better = 0;
    for (uint32_t i = 0; i < PRIORS; i++)
        better += scores[i][1] > boxes[63].score;
    assert_int_equal(better, 63);
    offsets[7][2] = NAN, offsets[8][0] = INFINITY, scores[9][1] = NAN;
    for (int i = 7; i < 9; i++)
        scores[i][1] = 1;
    assert_int_equal(mote_detect(&d, outputs, 2, boxes, 64), 64);
    for (int i = 0; i < 64; i++)
        assert_true(boxes[i].right > boxes[i].left && boxes[i].score < 1);
}

/* --- outputs that do not fit --- */

static void test_refused(void **state)
{
    static float data[4420 * 4];
    static const uint32_t of_scores[] = {4420, 2}, of_offsets[] = {4420, 4}, wrong[] = {4419, 4}, map[] = {4420, 1, 1};
    mote_box boxes[4];
    mote_value v[] = {
        {.data = data, .dims = of_scores, .rank = 2, .stride = 8, .type = MOTE_F32},
        {.data = data, .dims = of_offsets, .rank = 2, .stride = 16, .type = MOTE_F32},
    };
    mote_detector d = mote_detector_ultraface(320, 240), yunet = mote_detector_yunet(320, 240),
                  fomo = mote_detector_fomo(320, 240);
    (void)state;
    assert_true(mote_detector_fits(&d, v, 2));
    assert_int_equal(mote_detect(&d, v, 1, boxes, 4), 0);
    assert_int_equal(mote_detect(&d, v, 0, boxes, 4), 0);
    assert_false(mote_detector_fits(&yunet, v, 2));
    assert_false(mote_detector_fits(&fomo, v, 2));
    v[1].type = MOTE_I32;
    assert_false(mote_detector_fits(&d, v, 2));
    v[1].type = MOTE_F32, v[1].dims = wrong;
    assert_false(mote_detector_fits(&d, v, 2));
    v[1].dims = of_offsets, v[1].data = NULL;
    assert_false(mote_detector_fits(&d, v, 2));
    v[0].dims = map, v[0].rank = 3;
    assert_false(mote_detector_fits(&fomo, v, 1));
    d.width = 0;
    assert_false(mote_detector_fits(&d, v, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ultraface), cmocka_unit_test(test_yunet),    cmocka_unit_test(test_exp),
        cmocka_unit_test(test_fomo),      cmocka_unit_test(test_capacity), cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
