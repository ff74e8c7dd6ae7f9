/* Tests of BPE tokenizers: encoding against a simple encoder that searches the whole vocabulary by float scores, golden
 * token ids, and malicious sections. */
#include <math.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "compiler/token/encoder.h"
#include "compiler/token/token.h"
#include "compiler/token/words.h"
#include "compiler/train/corpus.h"
#include "runtime/tokenizer.h"
#include "tests/compiler/packed.h"

enum { MOST_TOKENS = 600, MOST_TEXT = 2000 };

static uint32_t rng = 7;

static uint32_t random_below(uint32_t n)
{
    rng = rng * 1664525u + 1013904223u;
    return (rng >> 8) % n;
}

/* The contents of a tokenizer.bin. */
typedef struct plain {
    uint32_t count;
    char texts[MOST_TOKENS][32];
    float scores[MOST_TOKENS];
} plain;

static void add(plain *p, float score, const char *text)
{
    p->scores[p->count] = score;
    snprintf(p->texts[p->count++], 32, "%s", text);
}

static int look_up(const plain *p, const char *text)
{
    for (uint32_t i = 0; i < p->count; i++)
        if (strcmp(p->texts[i], text) == 0)
            return (int)i;
    return -1;
}

static void add_specials(plain *p)
{
    p->count = 0;
    add(p, 0, "<unk>");
    add(p, 0, "\n<s>\n");
    add(p, 0, "\n</s>\n");
    for (int i = 0; i < 256; i++) {
        char name[8];
        snprintf(name, sizeof name, "<0x%02X>", i);
        add(p, 0, name);
    }
}

static void random_text(char *text, uint32_t length)
{
    static const char *const parts[] = {"a", "b", "c", " ", "é", "ß", "日", "\xff", "\x80", "😀", "\n", "'s", "7", ", "};
    text[0] = 0;
    while (strlen(text) < length)
        strcat(text, parts[random_below(random_below(3) ? 5 : 14)]);
}

/* Makes a vocabulary of letters and of pairs of earlier tokens, with many equal scores. */
static void random_vocabulary(plain *p)
{
    add_specials(p);
    static const char *const letters[] = {"a", "b", " ", "é", "日"};
    for (int i = 0; i < 5; i++)
        add(p, -50 - (float)random_below(5), letters[i]);
    const uint32_t wanted = 300 + random_below(80);
    for (int tries = 0; p->count < wanted && tries < 5000; tries++) {
        char pair[80];
        snprintf(pair, sizeof pair, "%s%s", p->texts[259 + random_below(p->count - 259)],
                 p->texts[259 + random_below(p->count - 259)]);
        if (strlen(pair) < 24 && look_up(p, pair) < 0)
            add(p, -(float)random_below(20), pair);
    }
}

static mote_bytes file_of(const plain *p)
{
    mote_bytes file = {malloc(4 + p->count * 40), 4};
    memset(file.data, 0, 4);
    for (uint32_t i = 0; i < p->count; i++) {
        const int32_t size = (int32_t)strlen(p->texts[i]);
        memcpy(file.data + file.size, &p->scores[i], 4);
        memcpy(file.data + file.size + 4, &size, 4);
        memcpy(file.data + file.size + 8, p->texts[i], (size_t)size);
        file.size += 8 + (size_t)size;
    }
    return file;
}

/* Encodes a text by the definition: characters, or else bytes; then merges the pair with the best float score, as long
 * as there is one. */
static int encode_plainly(const plain *p, const char *text, uint16_t *tokens)
{
    int count = 0;
    if (*text)
        tokens[count++] = (uint16_t)look_up(p, " ");
    while (*text) {
        char character[5] = {*text++};
        for (int n = 1; n < 4 && ((unsigned char)*text >> 6) == 2; n++)
            character[n] = *text++;
        const int id = look_up(p, character);
        for (const char *c = character; *c && id < 0; c++)
            tokens[count++] = (uint16_t)((unsigned char)*c + 3);
        if (id >= 0)
            tokens[count++] = (uint16_t)id;
    }
    for (;;) {
        float best = -1e10f;
        int best_id = -1, place = -1;
        for (int i = 0; i + 1 < count; i++) {
            char pair[80];
            snprintf(pair, sizeof pair, "%s%s", p->texts[tokens[i]], p->texts[tokens[i + 1]]);
            const int id = look_up(p, pair);
            if (id >= 0 && p->scores[id] > best)
                best = p->scores[id], best_id = id, place = i;
        }
        if (best_id < 0)
            return count;
        tokens[place] = (uint16_t)best_id;
        memmove(tokens + place + 1, tokens + place + 2, (size_t)(count - place - 2) * sizeof *tokens);
        count--;
    }
}

static mote_bytes section_of(const plain *p)
{
    mote_bytes file = file_of(p), section;
    mote_error error;
    if (!mote_llama2c_tokenizer_read(&file, &section, &error))
        fail_msg("%s", error.text);
    free(file.data);
    assert_true(mote_tokenizer_fits(section.data, (uint32_t)section.size));
    return section;
}

static void same_as_plain_search(void **state)
{
    (void)state;
    static plain p;
    for (int v = 0; v < 20; v++) {
        random_vocabulary(&p);
        mote_bytes section = section_of(&p);
        for (int i = 0; i < 10; i++) {
            char text[MOST_TEXT];
            uint16_t expected[MOST_TEXT], tokens[MOST_TEXT];
            random_text(text, random_below(60));
            const int count = encode_plainly(&p, text, expected);
            assert_int_equal(mote_tokenizer_encode((void *)section.data, (void *)text, strlen(text), tokens, MOST_TEXT),
                             count);
            assert_memory_equal(tokens, expected, (size_t)count * sizeof *tokens);
        }
        free(section.data);
    }
}

/* Compares the encoder for long texts with the one for little memory, with every flag of the tokenizer. */
static void long_texts_give_the_same(void **state)
{
    (void)state;
    static plain p;
    mote_error error;
    for (int v = 0; v < 40; v++) {
        random_vocabulary(&p);
        mote_bytes section = section_of(&p);
        const mote_tokenizer *t = (void *)section.data;
        if (v >= 4)
            ((mote_bpe_tokenizer *)(void *)section.data)->flags = (uint16_t)random_below(MOTE_TOKENIZER_FLAGS + 1);
        assert_true(mote_tokenizer_fits(section.data, (uint32_t)section.size));
        for (int i = 0; i < 40; i++) {
            char text[MOST_TEXT];
            uint16_t tokens[MOST_TEXT];
            mote_token_list list = {0};
            random_text(text, random_below(i ? 100 : MOST_TEXT - 10));
            const int32_t count = mote_tokenizer_encode(t, (void *)text, strlen(text), tokens, MOST_TEXT);
            assert_true(mote_encode_text(t, (void *)text, strlen(text), &list, &error));
            assert_int_equal(list.count, count);
            assert_true(!count || memcmp(list.tokens, tokens, (size_t)count * sizeof *tokens) == 0);
            free(list.tokens);
        }
        free(section.data);
    }
}

/* A text of 100,000 bytes that cannot be cut anywhere takes the device's encoder no time that grows with its square. */
static void long_texts_on_a_device(void **state)
{
    (void)state;
    enum { SIZE = 100000, SECONDS = 30 };
    static plain p;
    static char text[SIZE + 1];
    static uint16_t tokens[SIZE + 1];
    mote_error error;
    mote_token_list list = {0};
    random_vocabulary(&p);
    mote_bytes section = section_of(&p);
    for (int i = 0; i < SIZE; i++)
        text[i] = "ab "[random_below(3)];
    const clock_t begin = clock();
    const int32_t count = mote_tokenizer_encode((void *)section.data, (void *)text, SIZE, tokens, SIZE + 1);
    assert_true(clock() - begin < SECONDS * CLOCKS_PER_SEC);
    assert_true(mote_encode_text((void *)section.data, (void *)text, SIZE, &list, &error));
    assert_int_equal(list.count, count);
    assert_memory_equal(list.tokens, tokens, (size_t)count * sizeof *tokens);
    free(list.tokens);
    free(section.data);
}

/* Decoding gives the bytes of any text back, except for the space before it. */
static void decoding_undoes_encoding(void **state)
{
    (void)state;
    static plain p;
    random_vocabulary(&p);
    mote_bytes section = section_of(&p);
    const mote_tokenizer *t = (void *)section.data;
    for (int i = 0; i < 200; i++) {
        char text[MOST_TEXT], back[MOST_TEXT + 1];
        uint16_t tokens[MOST_TEXT];
        size_t length = 0;
        random_text(text, random_below(60));
        const int32_t count = mote_tokenizer_encode(t, (void *)text, strlen(text), tokens, MOST_TEXT);
        for (int32_t k = 0; k < count; k++) {
            size_t size;
            const uint8_t *part = mote_tokenizer_decode(t, k ? tokens[k - 1] : t->start, tokens[k], &size);
            memcpy(back + length, part, size);
            length += size;
        }
        back[length] = 0;
        assert_string_equal(back, text);
    }
    size_t size;
    mote_tokenizer_decode(t, 0, 0xffffffffu, &size);
    assert_int_equal(size, 0);
    assert_true(mote_tokenizer_ends_text(t, 1) && mote_tokenizer_ends_text(t, 2) && !mote_tokenizer_ends_text(t, 3));
    free(section.data);
}

static void room_is_never_passed(void **state)
{
    (void)state;
    static plain p;
    random_vocabulary(&p);
    mote_bytes section = section_of(&p);
    for (int i = 0; i < 200; i++) {
        char text[MOST_TEXT];
        random_text(text, random_below(30));
        const size_t capacity = random_below(40);
        uint16_t *tokens = exact_memory(capacity * sizeof *tokens), most[MOST_TEXT];
        const int32_t full = mote_tokenizer_encode((void *)section.data, (void *)text, strlen(text), most, MOST_TEXT);
        const int32_t count = mote_tokenizer_encode((void *)section.data, (void *)text, strlen(text), tokens, capacity);
        assert_true(count == full || (count == MOTE_TOO_SMALL && capacity < strlen(text) + 1));
        free(tokens);
    }
    free(section.data);
}

static bool golden_present(mote_bytes *section, char **golden)
{
    mote_error error;
    mote_bytes file;
    if (access(MOTE_SHARED_DIR "/data/tok512.bin", R_OK) != 0) {
        print_message("SKIPPED: %s not present\n", MOTE_SHARED_DIR "/data/tok512.bin");
        return false;
    }
    assert_true(mote_tokenizer_load(MOTE_SHARED_DIR "/data/tok512.bin", section, &error));
    assert_true(mote_file_read(MOTE_SHARED_DIR "/data/stories260K-golden/encode_bos.json", 1 << 20, &file, &error));
    *golden = calloc(1, file.size + 1);
    memcpy(*golden, file.data, file.size);
    free(file.data);
    return true;
}

static void golden_ids(void **state)
{
    (void)state;
    mote_bytes section;
    char *golden;
    if (!golden_present(&section, &golden))
        return;
    const mote_tokenizer *t = (void *)section.data;
    assert_int_equal(t->vocabulary, 512);
    mote_model model = {.tokenizer = t};
    int strings = 0;
    for (const char *at = golden; (at = strstr(at, "\"utf8_hex\"")); strings++) {
        uint8_t text[MOST_TEXT];
        uint16_t tokens[MOST_TEXT];
        size_t size = 0;
        unsigned byte;
        for (at = strchr(at + 10, '"') + 1; sscanf(at, "%2x", &byte) == 1 && *at != '"'; at += 2)
            text[size++] = (uint8_t)byte;
        const int32_t count = mote_encode_prompt(&model, text, size, tokens, MOST_TEXT);
        at = strchr(at, '[') + 1;
        for (int32_t i = 0; i < count; i++) {
            char *end;
            assert_int_equal(tokens[i], strtol(at, &end, 10));
            assert_ptr_not_equal(end, at);
            at = end + strspn(end, ", \n");
        }
        assert_int_equal(*at, ']');
    }
    assert_true(strings >= 9);
    free(golden);
    free(section.data);
}

/* Writing a tokenizer.bin and reading it again gives the same section. */
static void tokenizer_bin_comes_back(void **state)
{
    (void)state;
    static plain p;
    random_vocabulary(&p);
    mote_bytes section = section_of(&p), file, again;
    mote_error error;
    assert_true(mote_llama2c_tokenizer_write((void *)section.data, &file, &error));
    assert_true(mote_llama2c_tokenizer_read(&file, &again, &error));
    assert_int_equal(section.size, again.size);
    assert_memory_equal(section.data, again.data, again.size);
    free(section.data), free(file.data), free(again.data);
}

/* A tokenizer.bin of characters without byte tokens: each byte of an unknown character becomes <unk>. */
static void tokenizer_bin_without_bytes(void **state)
{
    (void)state;
    static plain p;
    static const char *const texts[] = {"<unk>", "\n<s>\n", "\n</s>\n", "\n", " ", "a", "b", "ab", "水", "火", "水火"};
    p = (plain){0};
    for (; p.count < sizeof texts / sizeof *texts; p.count++) {
        strcpy(p.texts[p.count], texts[p.count]);
        p.scores[p.count] = -(float)p.count;
    }
    mote_bytes section = section_of(&p), file, again;
    mote_error error;
    uint16_t tokens[16];
    const mote_tokenizer *t = (void *)section.data;
    assert_int_equal(t->vocabulary, 11);
    assert_int_equal(t->unknown, 0);
    static const struct {
        const char *text;
        int count;
        uint16_t tokens[8];
    } cases[] = {
        {"ab", 2, {4, 7}},             /* the space first, then a and b merged */
        {"火水火b", 4, {4, 9, 10, 6}}, /* the later pair is the only one */
        {"a~b", 4, {4, 5, 0, 6}},      /* ~ is unknown */
        {"é", 3, {4, 0, 0}},           /* unknown, of two bytes */
        {"\xff\n", 3, {4, 0, 3}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t size = strlen(cases[i].text);
        assert_int_equal(mote_tokenizer_encode(t, (const uint8_t *)cases[i].text, size, tokens, 16), cases[i].count);
        assert_memory_equal(tokens, cases[i].tokens, (size_t)cases[i].count * sizeof *tokens);
        mote_token_list list = {0};
        assert_true(mote_encode_text(t, (const uint8_t *)cases[i].text, size, &list, &error));
        assert_int_equal(list.count, cases[i].count);
        assert_memory_equal(list.tokens, cases[i].tokens, list.count * sizeof *tokens);
        free(list.tokens);
    }
    assert_true(mote_llama2c_tokenizer_write(t, &file, &error));
    assert_true(mote_llama2c_tokenizer_read(&file, &again, &error));
    assert_int_equal(section.size, again.size);
    assert_memory_equal(section.data, again.data, again.size);
    free(section.data), free(file.data), free(again.data);
}

static void refused(const plain *p, size_t size, const char *why)
{
    mote_bytes file = file_of(p), section;
    mote_error error;
    if (size)
        file.size = size;
    assert_false(mote_llama2c_tokenizer_read(&file, &section, &error));
    if (!strstr(error.text, why))
        fail_msg("\"%s\" does not say \"%s\"", error.text, why);
    free(file.data);
}

static void bad_tokenizer_bins(void **state)
{
    (void)state;
    static plain good, p;
    random_vocabulary(&good);
    mote_bytes file = file_of(&good), section;
    mote_error error;
    const size_t whole = file.size;
    size_t sound = 0;
    for (file.size = 0; file.size < whole; file.size++)
        if (mote_llama2c_tokenizer_read(&file, &section, &error)) {
            sound++;
            free(section.data);
        }
    assert_int_equal(sound, good.count - 259); /* cut off between two tokens */
    const int32_t huge[] = {-1, INT32_MIN, INT32_MAX, 1 << 20};
    for (int i = 0; i < 4; i++) {
        file.size = whole;
        memcpy(file.data + 8, &huge[i], 4);
        assert_false(mote_llama2c_tokenizer_read(&file, &section, &error));
        assert_non_null(strstr(error.text, "token 0 has"));
    }
    free(file.data);
    refused(&good, whole - 1, "not in the file");
    p = good, p.scores[270] = NAN;
    refused(&p, 0, "token 270 has the score nan");
    p = good, p.scores[271] = INFINITY;
    refused(&p, 0, "token 271 has the score inf");
    p = good, strcpy(p.texts[280], p.texts[265]);
    refused(&p, 0, "tokens 265 and 280");
    p = good, strcpy(p.texts[68], "A");
    refused(&p, 0, "token 68 is not <0x41>");
    p = good, p.count = 258;
    refused(&p, 0, "258 tokens are fewer");
    p = good, p.count = 3;
    refused(&p, 0, "3 tokens are fewer");
}

/* A section that is truncated anywhere, or has any bit flipped, is refused or harmless. Its memory has exactly its
 * size. */
static void hostile_sections(void **state)
{
    (void)state;
    static plain p;
    random_vocabulary(&p);
    mote_bytes section = section_of(&p);
    for (uint32_t size = 0; size < section.size; size++) {
        uint8_t *cut = exact_memory(size);
        memcpy(cut, section.data, size);
        assert_false(mote_tokenizer_fits(cut, size));
        free(cut);
    }
    uint8_t *copy = exact_memory(section.size);
    memcpy(copy, section.data, section.size);
    int harmless = 0;
    for (size_t bit = 0; bit < 8 * section.size; bit++) {
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (mote_tokenizer_fits(copy, (uint32_t)section.size)) {
            const mote_tokenizer *t = (void *)copy;
            uint16_t tokens[64];
            size_t length;
            const int32_t count = mote_tokenizer_encode(t,
                                                        (const uint8_t *)"abé 日\xff\x80"
                                                                         "ba",
                                                        13, tokens, 64);
            for (int32_t i = 0; i < count; i++) {
                assert_true(tokens[i] < t->vocabulary);
                mote_tokenizer_decode(t, t->start, tokens[i], &length);
                assert_true(length <= MOTE_TOKEN_SIZE);
            }
            harmless++;
        }
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(harmless > 1000);
    free(copy);
    free(section.data);
}

static void words_are_cut(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t sizes[6];
    } cases[] = {
        {"To be, or", {2, 3, 1, 3}},
        {"a  b", {1, 1, 2}},
        {"x\n\n y", {1, 2, 2}},
        {" 12ab!!", {3, 2, 2}},
        {"   ", {3}},
        {"\t\n", {1, 1}},
        {"né.", {3, 1}},
        {" \n", {1, 1}},
        {"it's", {2, 1, 1}},
        {"  \n", {2, 1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const uint8_t *text = (const uint8_t *)cases[i].text;
        size_t at = 0, size = strlen(cases[i].text);
        for (int k = 0; at < size; k++) {
            assert_int_equal(mote_word_size(text + at, size - at), cases[i].sizes[k]);
            at += cases[i].sizes[k];
        }
    }
}

enum { LEARNED = 50, LONGEST = 256 };

typedef struct slow_learner {
    char texts[LEARNED][LONGEST];
    int count;
    int tokens[MOST_TEXT]; /* −1 between words */
    int length;
} slow_learner;

static void spell(slow_learner *l, const char *text)
{
    bool occurs[256] = {false};
    for (const char *c = text; *c; c++)
        occurs[(uint8_t)*c] = true;
    int of_byte[256] = {0};
    for (int i = 0; i < 256; i++)
        if (occurs[i])
            of_byte[i] = l->count, l->texts[l->count++][0] = (char)i;
    l->texts[l->count++][0] = '?';
    for (size_t at = 0, size = strlen(text), n; at < size; at += n) {
        n = mote_word_size((const uint8_t *)text + at, size - at);
        for (size_t i = 0; i < n; i++)
            l->tokens[l->length++] = of_byte[(uint8_t)text[at + i]];
        l->tokens[l->length++] = -1;
    }
}

/* Learns tokens by counting all pairs again for every token. */
static void learn_slowly(slow_learner *l, int wanted)
{
    while (l->count < wanted) {
        static int counts[LEARNED][LEARNED];
        memset(counts, 0, sizeof counts);
        int a = 0, b = 0, to = 0;
        for (int i = 0; i + 1 < l->length; i++)
            if (l->tokens[i] >= 0 && l->tokens[i + 1] >= 0)
                counts[l->tokens[i]][l->tokens[i + 1]]++;
        for (int i = 0; i < LEARNED * LEARNED; i++)
            if (counts[i / LEARNED][i % LEARNED] > counts[a][b])
                a = i / LEARNED, b = i % LEARNED;
        char joined[LONGEST];
        snprintf(joined, LONGEST, "%.127s%.127s", l->texts[a], l->texts[b]);
        memcpy(l->texts[l->count], joined, LONGEST);
        int merged = 0;
        while (strcmp(l->texts[merged], l->texts[l->count]) != 0)
            merged++;
        l->count += merged == l->count;
        for (int i = 0; i < l->length; to++) {
            const bool here = i + 1 < l->length && l->tokens[i] == a && l->tokens[i + 1] == b;
            l->tokens[to] = here ? merged : l->tokens[i];
            i += here ? 2 : 1;
        }
        l->length = to;
    }
}

static void learned_like_slowly(void **state)
{
    (void)state;
    for (int trial = 0; trial < 20; trial++) {
        char text[MOST_TEXT / 2] = "";
        while (strlen(text) < 900) {
            static const char *const parts[] = {"a", "b", "aa", "ab", "é", " ", "\n", "c", "1", "the", "!"};
            strcat(text, parts[random_below(trial % 2 ? 6 : 11)]);
        }
        static slow_learner slow;
        memset(&slow, 0, sizeof slow);
        spell(&slow, text);
        const uint32_t wanted = trial % 2 ? 30 : LEARNED;
        learn_slowly(&slow, (int)wanted);
        mote_bytes section;
        mote_error error;
        if (!mote_bpe_learn((uint8_t *)text, strlen(text), &(mote_learn_options){.vocabulary = wanted}, &section,
                            &error))
            fail_msg("%s", error.text);
        assert_true(mote_tokenizer_fits(section.data, (uint32_t)section.size));
        const mote_bpe b = mote_bpe_of(section.data);
        for (uint32_t i = 0; i < wanted; i++) {
            uint32_t size;
            const uint8_t *learned = mote_bpe_text(&b, i, &size);
            assert_int_equal(size, strlen(slow.texts[i]));
            assert_memory_equal(learned, slow.texts[i], size);
        }
        free(section.data);
    }
}

static void refuses_to_learn(const char *text, uint32_t vocabulary, bool all_bytes, const char *why)
{
    mote_bytes section;
    mote_error error;
    const mote_learn_options options = {.vocabulary = vocabulary, .all_bytes = all_bytes};
    assert_false(mote_bpe_learn((const uint8_t *)text, strlen(text), &options, &section, &error));
    if (!strstr(error.text, why))
        fail_msg("\"%s\" does not say \"%s\"", error.text, why);
}

static void what_cannot_be_learned(void **state)
{
    (void)state;
    refuses_to_learn("", 10, false, "0 bytes");
    refuses_to_learn("abcabc", 3, false, "no room for the 4 bytes");
    refuses_to_learn("abcabc", 255, true, "no room for the 256 bytes");
    refuses_to_learn("abc abc", 100, false, "for 7 tokens and no more");
    refuses_to_learn("abc", 65535, false, "1 to 65534");
    mote_bytes section;
    mote_error error;
    const mote_learn_options options = {.vocabulary = 258, .all_bytes = true};
    assert_true(mote_bpe_learn((const uint8_t *)"abc abc", 7, &options, &section, &error));
    const mote_tokenizer *t = (void *)section.data;
    assert_int_equal(t->unknown, MOTE_NO_INDEX);
    assert_int_equal(t->start, '\n');
    free(section.data);
}

/* Damaged sections in a packed model with a valid checksum: a model that opens encodes, runs and decodes within its
 * bounds. */
static void hostile_models(void **state)
{
    (void)state;
    static const char text[] = "abc abd abc ab\n";
    const mote_tinylm_shape shape = {9, 12, 16, 1, false};
    const mote_quantize_options options = {.weights = MOTE_SCHEME_TERNARY, .granularity = MOTE_PER_ROW};
    mote_graph g, packed;
    mote_bytes section;
    mote_error error;
    assert_true(
        mote_bpe_learn((const uint8_t *)text, strlen(text), &(mote_learn_options){.vocabulary = 9}, &section, &error));
    float_model(&g, &shape);
    assert_true(mote_graph_set_tokenizer(&g, section.data, (uint32_t)section.size));
    assert_true(mote_graph_quantize(&g, &options, &packed, &error));
    mote_bytes file = encoded(&packed);
    uint8_t *copy = exact_memory(file.size), *at = NULL;
    memcpy(copy, file.data, file.size);
    for (size_t i = 0; i + section.size <= file.size && !at; i += 16)
        if (memcmp(copy + i, section.data, section.size) == 0)
            at = copy + i;
    assert_non_null(at);
    int opened_count = 0;
    for (size_t bit = 0; bit < 8 * section.size; bit++) {
        at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        seal(copy, file.size);
        opened o;
        if (mote_open(&o.model, copy, file.size) == MOTE_SUCCESS) {
            uint16_t tokens[24];
            const int32_t count = mote_encode_prompt(&o.model, text, strlen(text), tokens, 24);
            assert_in_range(count, 1, 17);
            start_exactly(&o);
            for (int32_t i = 0; i < count; i++) {
                size_t size;
                mote_step(&o.session, tokens[i]);
                mote_decode(&o.model, mote_start_token(&o.model), tokens[i], &size);
            }
            stop(&o);
            opened_count++;
        }
        at[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(opened_count > 100);
    mote_graph_free(&g), mote_graph_free(&packed);
    free(copy), free(file.data), free(section.data);
}

/* Corpora have the encoded tokens, those of bytes as in its table, and a validation part for both kinds. */
static void corpora(void **state)
{
    (void)state;
    char path[] = "/tmp/mote-token-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0 && write(file, "the cat the hat the bat THE", 27) == 27 && close(file) == 0);
    const char *texts[] = {path};
    mote_corpus c;
    mote_error error;
    assert_true(mote_corpus_load(&c, &(mote_corpus_options){texts, 1, NULL, 0.12, NULL, 0}, &error));
    assert_int_equal(c.train_count, 24);
    assert_int_equal(c.valid_count, 3);
    const mote_byte_tokenizer *bytes = (const void *)c.tokenizer;
    assert_int_equal(c.train[4], bytes->to_token['c']);
    assert_int_equal(c.valid[2], bytes->unknown);
    assert_true(c.tokens_per_byte == 1 && fabs(c.unknown_bits - log2(257 - bytes->vocabulary)) < 1e-12);
    mote_corpus_free(&c);
    assert_true(mote_corpus_load(&c, &(mote_corpus_options){texts, 1, NULL, 0.12, NULL, 11}, &error));
    assert_int_equal(c.tokenizer->vocabulary, 11);
    assert_int_equal(c.train_bytes, 24);
    assert_true(c.train_count < 24 && c.valid_count == 3);
    uint16_t tokens[32];
    assert_int_equal(mote_tokenizer_encode(c.tokenizer, (const uint8_t *)"the cat the hat the bat ", 24, tokens, 32),
                     c.train_count);
    assert_memory_equal(tokens, c.train, c.train_count * sizeof *tokens);
    mote_corpus_free(&c);
    assert_false(mote_corpus_load(&c, &(mote_corpus_options){texts, 1, NULL, 0.1, path, 0}, &error));
    assert_false(mote_corpus_load(&c, &(mote_corpus_options){texts, 1, NULL, 0.1, path, 9}, &error));
    assert_int_equal(error.code, MOTE_E_USAGE);
    unlink(path);
}

/* The text has the number of tokens of the golden loss. */
static void golden_count(void **state)
{
    (void)state;
    mote_bytes section, text;
    char *golden;
    mote_error error;
    mote_token_list list = {0};
    if (!golden_present(&section, &golden))
        return;
    assert_true(mote_file_read(MOTE_SHARED_DIR "/data/tinystories-30k.txt", 1 << 20, &text, &error));
    assert_true(mote_encode_text((void *)section.data, text.data, text.size, &list, &error));
    assert_int_equal(list.count, 15536);
    uint16_t *tokens = exact_memory((text.size + 1) * sizeof *tokens);
    assert_int_equal(mote_tokenizer_encode((void *)section.data, text.data, text.size, tokens, text.size + 1), 15536);
    assert_memory_equal(tokens, list.tokens, 15536 * sizeof *tokens);
    free(tokens), free(list.tokens), free(text.data), free(section.data), free(golden);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_plain_search),
        cmocka_unit_test(long_texts_give_the_same),
        cmocka_unit_test(long_texts_on_a_device),
        cmocka_unit_test(decoding_undoes_encoding),
        cmocka_unit_test(room_is_never_passed),
        cmocka_unit_test(golden_ids),
        cmocka_unit_test(tokenizer_bin_comes_back),
        cmocka_unit_test(tokenizer_bin_without_bytes),
        cmocka_unit_test(bad_tokenizer_bins),
        cmocka_unit_test(hostile_sections),
        cmocka_unit_test(golden_count),
        cmocka_unit_test(words_are_cut),
        cmocka_unit_test(learned_like_slowly),
        cmocka_unit_test(what_cannot_be_learned),
        cmocka_unit_test(hostile_models),
        cmocka_unit_test(corpora),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
