/* Writes small stories drawn from the tables of stories.txt, which explains its own form.
 *
 *     stories TABLES BYTES [SEED] > text
 *
 * The same seed gives the same text. No story is written twice. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TABLES = 64, MAX_FIELDS = 8, MAX_RECORDS = 64, MAX_STORY = 4096, MAX_DEPTH = 8, SEEN_SLOTS = 1 << 16 };

typedef struct table {
    char *name;
    char *fields[MAX_FIELDS];
    char *records[MAX_RECORDS][MAX_FIELDS];
    int field_count, record_count;
    int chosen; /* in the present story; -1 before the first use */
} table;

typedef struct world {
    table tables[MAX_TABLES];
    int count;
    uint64_t random;
    const char *mistake; /* the first, or NULL */
    char text[MAX_STORY];
    size_t length;
} world;

/* SplitMix64 (Steele, Lea and Flood, 2014). */
static uint32_t draw(world *w, uint32_t below)
{
    uint64_t z = w->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)(((z ^ (z >> 31)) >> 32) * below >> 32);
}

/* Splits `line` in place at `separator`; returns the number of parts, at most MAX_FIELDS. */
static int split(char *line, const char *separator, char **parts)
{
    int n = 0;
    while (n < MAX_FIELDS) {
        parts[n++] = line;
        line = strstr(line, separator);
        if (!line)
            break;
        *line = 0;
        line += strlen(separator);
    }
    return n;
}

static bool add_table(world *w, char *line)
{
    char *close = strchr(line, ']');
    if (!close || w->count == MAX_TABLES)
        return false;
    *close = 0;
    table *t = &w->tables[w->count++];
    char *words[MAX_FIELDS];
    int n = split(line + 1, " ", words);
    t->name = words[0];
    for (int i = 1; i < n; i++)
        t->fields[t->field_count++] = words[i];
    return true;
}

static bool add_record(world *w, char *line)
{
    if (w->count == 0)
        return false;
    table *t = &w->tables[w->count - 1];
    if (t->record_count == MAX_RECORDS)
        return false;
    int n = split(line, " | ", t->records[t->record_count++]);
    return n == (t->field_count ? t->field_count : 1);
}

static bool read_world(world *w, char *text)
{
    int number = 1;
    for (char *line = text; line; number++) {
        char *end = strchr(line, '\n');
        if (end)
            *end = 0;
        bool good = *line == 0 || *line == '#' || (*line == '[' ? add_table(w, line) : add_record(w, line));
        if (!good) {
            fprintf(stderr, "stories: line %d is neither a table nor a record of one: %s\n", number, line);
            return false;
        }
        line = end ? end + 1 : NULL;
    }
    return true;
}

static void put(world *w, const char *text, size_t n)
{
    if (w->length + n >= MAX_STORY) {
        w->mistake = "a story is too long";
        return;
    }
    memcpy(w->text + w->length, text, n);
    w->length += n;
}

/* The text that {reference} stands for, drawing a record where the story has none yet. */
static const char *resolve(world *w, const char *reference, size_t n)
{
    bool afresh = *reference == '*';
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)(n - afresh), reference + afresh);
    char *field = strchr(name, '.');
    if (field)
        *field++ = 0;
    for (table *t = w->tables; t < w->tables + w->count; t++) {
        if (strcmp(t->name, name) != 0 || t->record_count == 0)
            continue;
        if (afresh || t->chosen < 0)
            t->chosen = (int)draw(w, (uint32_t)t->record_count);
        if (!field)
            return t->records[t->chosen][0];
        for (int i = 0; i < t->field_count; i++)
            if (strcmp(t->fields[i], field) == 0)
                return t->records[t->chosen][i];
    }
    w->mistake = "a text names a table or a field that is not there";
    return "";
}

static void expand(world *w, const char *text, int depth)
{
    if (depth > MAX_DEPTH)
        w->mistake = "texts name each other without end";
    while (*text && !w->mistake) {
        size_t plain = strcspn(text, "{");
        put(w, text, plain);
        text += plain;
        size_t n = strcspn(text, "}");
        if (*text == '{' && text[n] == '}') {
            expand(w, resolve(w, text + 1, n - 1), depth + 1);
            text += n + 1;
        } else if (*text) {
            w->mistake = "a brace is not closed";
        }
    }
}

/* Sentences begin with a capital, whichever field they begin with; what follows a closing quote goes on. */
static void capitalise(char *text)
{
    bool begins = true;
    for (char *c = text; *c; c++) {
        if (begins && isalpha((unsigned char)*c))
            *c = (char)toupper((unsigned char)*c);
        bool opens = *c == '"' && (c == text || c[-1] == ' ');
        begins = *c == '.' || *c == '?' || (begins && (*c == ' ' || opens));
    }
}

static uint64_t hash(const char *text)
{
    uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */
    for (; *text; text++)
        h = (h ^ (uint8_t)*text) * 0x100000001b3u;
    return h ? h : 1;
}

/* True the first time; an open-addressed set that is never more than half full. */
static bool is_new(uint64_t *seen, uint64_t h)
{
    for (size_t i = h % SEEN_SLOTS;; i = (i + 1) % SEEN_SLOTS) {
        if (seen[i] == h)
            return false;
        if (seen[i] == 0) {
            seen[i] = h;
            return true;
        }
    }
}

static bool write_stories(world *w, size_t bytes)
{
    static uint64_t seen[SEEN_SLOTS];
    size_t written = 0;
    for (int stories = 0; written < bytes && stories < SEEN_SLOTS / 2; stories++) {
        for (int i = 0; i < w->count; i++)
            w->tables[i].chosen = -1;
        w->length = 0;
        expand(w, "{story}", 0);
        if (w->mistake) {
            fprintf(stderr, "stories: %s\n", w->mistake);
            return false;
        }
        w->text[w->length] = 0;
        capitalise(w->text);
        if (is_new(seen, hash(w->text)))
            written += (size_t)printf("%s\n\n", w->text);
    }
    return fflush(stdout) == 0;
}

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0) {
        fprintf(stderr, "stories: %s: %s\n", path, strerror(errno));
        return NULL;
    }
    long size = ftell(f);
    rewind(f);
    char *text = size >= 0 && size < 1 << 20 ? calloc(1, (size_t)size + 1) : NULL;
    if (text && fread(text, 1, (size_t)size, f) != (size_t)size) {
        free(text);
        text = NULL;
    }
    fclose(f);
    if (!text)
        fprintf(stderr, "stories: %s: cannot be read\n", path);
    return text;
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 4) {
        fputs("usage: stories TABLES BYTES [SEED] > text\n", stderr);
        return 2;
    }
    char *text = read_file(argv[1]);
    world *w = calloc(1, sizeof *w);
    bool ok = text && w && read_world(w, text);
    if (ok) {
        w->random = argc == 4 ? strtoull(argv[3], NULL, 10) : 1;
        ok = write_stories(w, strtoull(argv[2], NULL, 10));
    }
    free(w);
    free(text);
    return ok ? 0 : 1;
}
