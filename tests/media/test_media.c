/* Pictures and recordings: values that are known, and damaged files. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/image.h"
#include "media/sound.h"

static void decode(mote_image *image, const void *data, size_t size, uint32_t channels)
{
    mote_error error = {0};
    if (!mote_image_decode(image, data, size, channels, "picture", &error))
        fail_msg("%s", error.text);
}

static mote_bytes png_of(const mote_image *image)
{
    mote_error error = {0};
    mote_bytes file;
    assert_true(mote_image_save(image, "test_media.png", &error));
    assert_true(mote_file_read("test_media.png", 1 << 20, &file, &error));
    unlink("test_media.png");
    return file;
}

static void test_pnm(void **state)
{
    (void)state;
    mote_image image;
    decode(&image, "P5 2 1 255\n\x10\xff", 13, 1);
    assert_int_equal(image.width, 2);
    assert_int_equal(image.height, 1);
    assert_memory_equal(image.pixels, "\x10\xff", 2);
    mote_image_free(&image);
    decode(&image, "P6 1 1 255\n\xff\x00\x80", 14, 1);
    assert_int_equal(image.pixels[0], 91); /* 0.299 · 255 + 0.114 · 128 = 90.8 */
    mote_image_free(&image);
    decode(&image, "P5 1 1 255\n\x42", 12, 3);
    assert_memory_equal(image.pixels, "\x42\x42\x42", 3);
    mote_image_free(&image);
}

static void test_png(void **state)
{
    (void)state;
    uint8_t pixels[5 * 3 * 3];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 37);
    const mote_image image = {.width = 5, .height = 3, .channels = 3, .pixels = pixels};
    mote_bytes file = png_of(&image);
    mote_image again;
    decode(&again, file.data, file.size, 3);
    assert_int_equal(again.width, 5);
    assert_int_equal(again.height, 3);
    assert_memory_equal(again.pixels, pixels, sizeof pixels);
    mote_image_free(&again);
    free(file.data);
}

/* Files of every length, and with every bit flipped, are refused or give a picture. */
static void test_damaged(void **state)
{
    (void)state;
    uint8_t pixels[4 * 4];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * i);
    const mote_image image = {.width = 4, .height = 4, .channels = 1, .pixels = pixels};
    mote_bytes file = png_of(&image);
    mote_error error;
    mote_image again;
    size_t refused = 0;
    for (size_t size = 0; size < file.size; size++)
        if (mote_image_decode(&again, file.data, size, 1, "cut", &error))
            mote_image_free(&again);
        else
            refused++;
    assert_true(refused >= file.size - 16); /* the end of a PNG file says nothing */
    for (size_t bit = 0; bit < 8 * file.size; bit++) {
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (mote_image_decode(&again, file.data, file.size, 1, "flipped", &error))
            mote_image_free(&again);
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_false(mote_image_decode(&again, (const uint8_t *)"P5 99999999 99999999 255\n", 25, 1, "huge", &error));
    assert_false(mote_image_decode(&again, (const uint8_t *)"text", 4, 1, "text", &error));
    free(file.data);
}

static void test_scale(void **state)
{
    (void)state;
    uint8_t pixels[] = {0, 100, 200, 250};
    const mote_image image = {.width = 4, .height = 1, .channels = 1, .pixels = pixels};
    mote_error error;
    mote_image to;
    mote_shown shown;
    assert_true(mote_image_scale(&image, 4, 1, false, &to, &shown, &error));
    assert_memory_equal(to.pixels, pixels, 4);
    mote_image_free(&to);
    assert_true(mote_image_scale(&image, 2, 1, false, &to, NULL, &error));
    assert_in_range(to.pixels[0], 49, 51); /* between the first two */
    assert_in_range(to.pixels[1], 224, 226);
    mote_image_free(&to);
    assert_true(mote_image_scale(&image, 8, 8, true, &to, &shown, &error));
    assert_int_equal(shown.width, 8);
    assert_int_equal(shown.height, 2);
    assert_int_equal(to.pixels[8 * 8 - 1], 0);
    mote_image_free(&to);
}

static void put(uint8_t *to, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

/* Writes a WAV file of `bits` per sample. */
static void write_wav(uint32_t channels, uint32_t bits, const uint8_t *data, uint32_t size)
{
    uint8_t head[44];
    memcpy(head, "RIFF____WAVEfmt ", 16);
    put(head + 4, 36 + size, 4);
    put(head + 16, 16, 4);
    put(head + 20, 1, 2);
    put(head + 22, channels, 2);
    put(head + 24, 16000, 4);
    put(head + 28, 16000 * channels * bits / 8, 4);
    put(head + 32, channels * bits / 8, 2);
    put(head + 34, bits, 2);
    memcpy(head + 36, "data", 4);
    put(head + 40, size, 4);
    FILE *file = fopen("test_media.wav", "wb");
    assert_non_null(file);
    fwrite(head, 1, sizeof head, file);
    fwrite(data, 1, size, file);
    fclose(file);
}

static void test_sound(void **state)
{
    (void)state;
    mote_error error = {0};
    mote_sound sound;
    write_wav(1, 16, (const uint8_t *)"\x01\x00\xff\xff\x00\x80", 6);
    assert_true(mote_sound_load(&sound, "test_media.wav", &error));
    assert_int_equal(sound.rate, 16000);
    assert_int_equal(sound.count, 3);
    assert_int_equal(sound.samples[0], 1);
    assert_int_equal(sound.samples[1], -1);
    assert_int_equal(sound.samples[2], -32768);
    mote_sound_free(&sound);
    write_wav(1, 24, (const uint8_t *)"\x00\x00\x40\x00\x00\xc0", 6); /* 24 bits: ±1/2 */
    assert_true(mote_sound_load(&sound, "test_media.wav", &error));
    assert_int_equal(sound.count, 2);
    assert_int_equal(sound.samples[0], 16384);
    assert_int_equal(sound.samples[1], -16384);
    mote_sound_free(&sound);
    write_wav(2, 16, (const uint8_t *)"\x64\x00\xc8\x00", 4); /* channels are averaged */
    assert_true(mote_sound_load(&sound, "test_media.wav", &error));
    assert_int_equal(sound.count, 1);
    assert_int_equal(sound.samples[0], 150);
    mote_sound_free(&sound);
    unlink("test_media.wav");
    assert_false(mote_sound_load(&sound, "absent.wav", &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pnm),   cmocka_unit_test(test_png),   cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_scale), cmocka_unit_test(test_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
