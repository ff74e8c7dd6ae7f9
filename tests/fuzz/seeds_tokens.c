/* Writes small tokenizers of every foreign format to a folder, as seeds of the fuzzer, as fuzz_tokens.c reads them.
 * Usage: seeds FOLDER */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char text[] = "ab a 'tis 12 \xc3\xa9\n\xff";

static void write_seed(const char *folder, const char *name, int kind, const void *data, size_t size)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    if (!f || fputc(kind, f) == EOF || fputc(sizeof text - 1, f) == EOF || fwrite(data, 1, size, f) != size ||
        fwrite(text, 1, sizeof text - 1, f) != sizeof text - 1 || fclose(f) != 0)
        exit(1);
}

/* As SentencePiece makes it: marks of spaces, bytes where no character is known. */
static const char marks_json[] =
    "{\"added_tokens\": [{\"id\": 1, \"content\": \"<s>\", \"special\": true}],"
    "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"Prepend\", \"prepend\": \"\xe2\x96\x81\"},"
    "{\"type\": \"Replace\", \"pattern\": {\"String\": \" \"}, \"content\": \"\xe2\x96\x81\"}]},"
    "\"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"<s>\"}},"
    "{\"Sequence\": {\"id\": \"A\"}}]}, \"model\": {\"type\": \"BPE\", \"unk_token\": \"<unk>\","
    "\"byte_fallback\": true, \"vocab\": {\"<unk>\": 0, \"<s>\": 1, \"<0x0A>\": 2, \"a\": 3, \"b\": 4,"
    "\"\xe2\x96\x81\": 5, \"\xe2\x96\x81"
    "a\": 6, \"ab\": 7, \"\xe2\x96\x81"
    "ab\": 8}, \"merges\": [\"\xe2\x96\x81 a\", [\"a\", \"b\"], \"\xe2\x96\x81"
    "a b\"]}}";

/* As GPT-2 makes it: bytes as printable characters, words, digits alone. The bytes of the text are the vocabulary. */
static const char bytes_json[] =
    "{\"added_tokens\": [{\"id\": 0, \"content\": \"<|endoftext|>\", \"special\": true}], \"normalizer\": null,"
    "\"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Digits\", \"individual_digits\": "
    "true},"
    "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"use_regex\": true}]}, \"decoder\": {\"type\": "
    "\"ByteLevel\"},"
    "\"model\": {\"type\": \"BPE\", \"unk_token\": \"<|endoftext|>\", \"vocab\": {\"<|endoftext|>\": 0, \"a\": 1, "
    "\"b\": 2, \"\xc4\xa0\": 3, "
    "\"\xc4\x8a\": 4,"
    "\"ab\": 5, \"\xc4\xa0"
    "a\": 6, \"1\": 7, \"2\": 8}, \"merges\": [\"a b\", \"\xc4\xa0 a\"]}}";

static const uint8_t model[] = "\n\x09\n\5<unk>\x18\2"
                               "\n\7\n\3<s>\x18\3"
                               "\n\x08\n\4</s>\x18\3"
                               "\n\x0a\n\3\xe2\x96\x81\x15\0\0\x80\xbf"
                               "\n\x08\n\1"
                               "a\x15\0\0\0\xc0"
                               "\n\x0b\n\4\xe2\x96\x81"
                               "a\x15\0\0\0\0"
                               "\n\x0a\n\6<0x0A>\x18\6"
                               "\x12\2\x18\2"
                               "\x1a\2\x18\1";

static size_t add(uint8_t *to, float score, const char *token)
{
    const int32_t size = (int32_t)strlen(token);
    memcpy(to, &score, 4);
    memcpy(to + 4, &size, 4);
    memcpy(to + 8, token, (size_t)size);
    return 8 + (size_t)size;
}

/* A tokenizer.bin with the 256 byte tokens, or without. */
static void write_llama2c(const char *folder, const char *name, int bytes)
{
    static const char *const words[] = {"a", "b", " ", "ab", " a", "\n"};
    uint8_t file[8192];
    const int32_t longest = 7;
    size_t at = 4;
    memcpy(file, &longest, 4);
    at += add(file + at, 0, "<unk>");
    at += add(file + at, 0, "\n<s>\n");
    at += add(file + at, 0, "\n</s>\n");
    for (int i = 0; bytes && i < 256; i++) {
        char token[8];
        snprintf(token, sizeof token, "<0x%02X>", (unsigned)i & 255);
        at += add(file + at, 0, token);
    }
    for (int i = 0; i < 6; i++)
        at += add(file + at, (float)-i, words[i]);
    write_seed(folder, name, 2, file, at);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    write_seed(argv[1], "marks", 0, marks_json, sizeof marks_json - 1);
    write_seed(argv[1], "bytes", 0, bytes_json, sizeof bytes_json - 1);
    write_seed(argv[1], "model", 1, model, sizeof model - 1);
    write_llama2c(argv[1], "llama2c", 1);
    write_llama2c(argv[1], "short", 0);
    return 0;
}
