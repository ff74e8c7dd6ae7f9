#include <ctype.h>
#include <histedit.h>
#include <stdlib.h>
#include <string.h>

#include "xtensa/debug/debugger_data.h"

enum { REMEMBERED = 1000, LINE_LIMIT = 512 };

struct mote_xt_prompt {
    mote_xt_debugger *debugger;
    EditLine *editor; /* NULL when the input is no terminal */
    History *history;
    char line[LINE_LIMIT];
};

/* Candidates for the completion of a word: their number and their common prefix. */
typedef struct completion {
    const char *word;
    size_t length;
    size_t count;
    char common[128];
    FILE *list; /* stream that lists them; NULL: only count */
} completion;

static void offer(completion *c, const char *candidate)
{
    if (strncmp(candidate, c->word, c->length) != 0 || !*candidate)
        return;
    for (const char *s = candidate; *s; s++)
        if (!isgraph((unsigned char)*s))
            return;
    if (c->list)
        fprintf(c->list, "%s%s", c->count % 6 ? "  " : "\n", candidate);
    if (c->count++ == 0)
        snprintf(c->common, sizeof c->common, "%s", candidate);
    size_t same = 0;
    while (c->common[same] && c->common[same] == candidate[same])
        same++;
    c->common[same] = '\0';
}

static void offer_all(completion *c, const mote_xt_debugger *d, bool first_word)
{
    if (first_word) {
        for (const mote_xt_debugger_command *k = mote_xt_debugger_commands; k->name; k++)
            offer(c, k->name);
        for (size_t i = 0; i < mote_xt_count(); i++)
            offer(c, mote_xt_at(i)->mnemonic);
        return;
    }
    const mote_xt_register *r;
    for (size_t i = 0; (r = mote_xt_register_at(i)); i++)
        offer(c, r->name);
    for (size_t i = 0; i < d->program->elf.symbol_count; i++)
        offer(c, d->program->elf.symbols[i].name);
}

static unsigned char complete(EditLine *editor, int key)
{
    enum { MOST_LISTED = 100 };
    mote_xt_prompt *p = NULL;
    const LineInfo *line = el_line(editor);
    const char *start = line->cursor;
    char word[128];
    (void)key;
    el_get(editor, EL_CLIENTDATA, &p);
    while (start > line->buffer && !isspace((unsigned char)start[-1]) && start[-1] != ',')
        start--;
    size_t length = (size_t)(line->cursor - start);
    if (!p || length >= sizeof word)
        return CC_ERROR;
    memcpy(word, start, length);
    word[length] = '\0';
    completion c = {.word = word, .length = length};
    offer_all(&c, p->debugger, start == line->buffer);
    if (c.count == 0)
        return CC_ERROR;
    if (strlen(c.common) > length) {
        el_insertstr(editor, c.common + length);
        return CC_REFRESH;
    }
    if (c.count == 1 || c.count > MOST_LISTED)
        return CC_REFRESH_BEEP;
    completion list = {.word = word, .length = length, .list = p->debugger->options.out};
    offer_all(&list, p->debugger, start == line->buffer);
    fputc('\n', list.list);
    return CC_REDISPLAY;
}

static const char *prompt_text(EditLine *editor)
{
    (void)editor;
    return "(mote) ";
}

static bool open_editor(mote_xt_prompt *p)
{
    HistEvent event;
    const mote_xt_debugger_options *o = &p->debugger->options;
    p->editor = el_init("mote", o->in, o->out, stderr);
    p->history = history_init();
    if (!p->editor || !p->history)
        return false;
    history(p->history, &event, H_SETSIZE, REMEMBERED);
    el_set(p->editor, EL_CLIENTDATA, p);
    el_set(p->editor, EL_PROMPT, prompt_text);
    el_set(p->editor, EL_EDITOR, "emacs");
    el_set(p->editor, EL_SIGNAL, 1);
    el_set(p->editor, EL_HIST, history, p->history);
    el_set(p->editor, EL_ADDFN, "complete", "complete a command, register or symbol", complete);
    el_set(p->editor, EL_BIND, "\t", "complete", NULL);
    return true;
}

mote_xt_prompt *mote_xt_prompt_open(mote_xt_debugger *d)
{
    mote_xt_prompt *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->debugger = d;
    if (d->options.terminal && !open_editor(p)) {
        mote_xt_prompt_close(p);
        return NULL;
    }
    return p;
}

void mote_xt_prompt_close(mote_xt_prompt *p)
{
    if (p->history)
        history_end(p->history);
    if (p->editor)
        el_end(p->editor);
    free(p);
}

/* Reads one line, without its newline. Drops the rest of a line that is too long. */
static const char *plain_line(mote_xt_prompt *p)
{
    FILE *in = p->debugger->options.in;
    if (!fgets(p->line, sizeof p->line, in))
        return NULL;
    size_t length = strcspn(p->line, "\n");
    if (p->line[length] == '\0')
        for (int c = getc(in); c != '\n' && c != EOF; c = getc(in))
            ;
    p->line[length] = '\0';
    return p->line;
}

const char *mote_xt_prompt_line(mote_xt_prompt *p)
{
    int length = 0;
    HistEvent event;
    if (!p->editor)
        return plain_line(p);
    const char *line = el_gets(p->editor, &length);
    if (!line || length <= 0)
        return NULL;
    size_t text = strcspn(line, "\n");
    if (text == 0)
        return p->line;
    snprintf(p->line, sizeof p->line, "%.*s", (int)text, line);
    history(p->history, &event, H_ENTER, p->line);
    return p->line;
}
