#include <histedit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/sampling.h"
#include "cli/speaker.h"
#include "cli/verbs.h"

typedef struct talk {
    mote_speaker speaker;
    mote_sampler sampler;
    long tokens; /* number of tokens to draw, 0 for no limit */
} talk;

static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

/* Feeds all tokens of the prompt except the last, which it returns. */
static uint32_t feed_prompt(mote_speaker *s, const mote_token_list *prompt)
{
    for (size_t i = 0; i + 1 < prompt->count && !interrupted; i++)
        mote_speaker_feed(s, prompt->tokens + i, 1);
    return prompt->tokens[prompt->count - 1];
}

/* Prints the continuation of the prompt while it is generated. */
static bool generate(talk *t, const char *prompt, size_t length, mote_error *error)
{
    mote_speaker *s = &t->speaker;
    mote_token_list tokens = {0};
    if (!mote_speaker_encode(s, prompt, length, &tokens, error)) {
        free(tokens.tokens);
        return false;
    }
    mote_speaker_reset(s);
    uint32_t token = feed_prompt(s, &tokens);
    free(tokens.tokens);
    for (long i = 0; (t->tokens == 0 || i < t->tokens) && !interrupted && !ferror(stdout); i++) {
        const uint32_t previous = token;
        token = mote_speaker_next(s, previous, &t->sampler);
        if (mote_ends_text(&s->model, token))
            break;
        size_t size;
        const uint8_t *text = mote_decode(&s->model, previous, token, &size);
        fwrite(text, 1, size, stdout);
        fflush(stdout);
    }
    return true;
}

static char *prompt_text(EditLine *editor)
{
    (void)editor;
    static char text[] = "> ";
    return text;
}

/* Reads prompts line by line and continues each. Ctrl-C stops a generation, Ctrl-D ends the session. */
static bool converse(talk *t, mote_error *error)
{
    EditLine *editor = el_init("mote", stdin, stdout, stderr);
    History *lines = history_init();
    HistEvent event;
    if (!editor || !lines)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for a line to type in");
    history(lines, &event, H_SETSIZE, 100);
    el_set(editor, EL_PROMPT, prompt_text);
    el_set(editor, EL_EDITOR, "emacs");
    el_set(editor, EL_HIST, history, lines);
    el_set(editor, EL_SIGNAL, 1);
    fputs("Type the beginning of a text and press Enter. Ctrl-C stops the generation, Ctrl-D exits.\n", stderr);
    signal(SIGINT, interrupt);
    int length;
    bool spoke = true;
    for (const char *line; spoke && (line = el_gets(editor, &length)) && length > 0;) {
        history(lines, &event, H_ENTER, line);
        interrupted = 0;
        spoke = generate(t, line, (size_t)(line[length - 1] == '\n' ? length - 1 : length), error);
        putchar('\n');
    }
    history_end(lines);
    el_end(editor);
    putchar('\n');
    return spoke;
}

int mote_cmd_run(int argc, char **argv)
{
    talk t = {.tokens = 256};
    const char *prompt = NULL;
    mote_sampling sampling = MOTE_SAMPLING_DEFAULT;
    const mote_option options[] = {
        {.name = "prompt",
         .letter = 'p',
         .kind = MOTE_OPTION_TEXT,
         .target = &prompt,
         .argument = "TEXT",
         .help = "text that the model continues; default: on a terminal, asks for one, else empty"},
        {.name = "tokens",
         .letter = 'n',
         .kind = MOTE_OPTION_INT,
         .target = &t.tokens,
         .argument = "N",
         .min = 0,
         .max = 1e18,
         .help = "tokens to generate, 0 for no limit; default: 256"},
        MOTE_SAMPLING_OPTIONS(sampling),
        {0},
    };
    const mote_command command = {
        .name = "run",
        .operands = "MODEL [OPTIONS]",
        .summary = "Generates text with a language model, float or packed. A packed model generates the same text here "
                   "as on a chip.",
        .options = options,
        .examples = "  mote run story.mote --prompt 'Once ' --tokens 600 --temperature 0.7\n  mote run story.mote\n",
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int count, exit_code;
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &exit_code))
        return exit_code;
    mote_error error = {0};
    if (!mote_speaker_open(&t.speaker, operands[0], "mote run", 1, &error))
        return mote_report("run", &error);
    t.sampler = mote_sampler_of(&sampling);
    const bool spoke = !prompt && isatty(STDIN_FILENO)
                           ? converse(&t, &error)
                           : generate(&t, prompt ? prompt : "", prompt ? strlen(prompt) : 0, &error);
    mote_speaker_close(&t.speaker);
    return spoke ? MOTE_OK : mote_report("run", &error);
}
