#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/run_network.h"
#include "cli/sampling.h"
#include "cli/speaker.h"
#include "cli/verbs.h"

enum { LONGEST_PROMPT = 1 << 20 /* bytes read from standard input */ };

typedef struct talk {
    mote_speaker speaker;
    mote_sampler sampler;
    long tokens;   /* number of tokens to draw, 0 for no limit */
    bool terminal; /* standard output is one: it shows the prompt too, and the text ends with a newline */
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

/* Prints the text that follows `token` while it is generated. */
static void print_continuation(talk *t, uint32_t token)
{
    mote_speaker *s = &t->speaker;
    uint8_t last = 0;
    for (long i = 0; (t->tokens == 0 || i < t->tokens) && !interrupted && !ferror(stdout); i++) {
        const uint32_t previous = token;
        token = mote_speaker_next(s, previous, &t->sampler);
        if (mote_ends_text(&s->model, token))
            break;
        size_t size;
        const uint8_t *text = mote_decode(&s->model, previous, token, &size);
        fwrite(text, 1, size, stdout);
        fflush(stdout);
        last = size ? text[size - 1] : last;
    }
    if (t->terminal && last != '\n')
        putchar('\n');
}

static bool generate(talk *t, const char *prompt, size_t length, mote_error *error)
{
    mote_speaker *s = &t->speaker;
    mote_token_list tokens = {0};
    const bool encoded = mote_speaker_encode(s, prompt, length, &tokens, error);
    mote_speaker_reset(s);
    const uint32_t token = encoded ? feed_prompt(s, &tokens) : 0;
    free(tokens.tokens);
    if (!encoded)
        return false;
    if (t->terminal)
        fwrite(prompt, 1, length, stdout);
    print_continuation(t, token);
    return true;
}

/* Continues the text on standard input, without its last line break. */
static bool continue_input(talk *t, mote_error *error)
{
    char *prompt = malloc(LONGEST_PROMPT + 1);
    if (!prompt)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for a prompt");
    size_t length = fread(prompt, 1, LONGEST_PROMPT + 1, stdin);
    bool spoke = false;
    if (ferror(stdin))
        mote_fail(error, MOTE_E_INPUT, "cannot read the prompt from standard input; give it with --prompt");
    else if (length > LONGEST_PROMPT)
        mote_fail(error, MOTE_E_UNSUPPORTED, "the prompt on standard input is longer than %d bytes", LONGEST_PROMPT);
    else
        spoke = generate(t, prompt, length && prompt[length - 1] == '\n' ? length - 1 : length, error);
    free(prompt);
    return spoke;
}

static char *prompt_text(EditLine *editor)
{
    (void)editor;
    static char text[] = "> ";
    return text;
}

/* The line editor decodes what is typed as the locale says, and drops bytes that the locale does not have. */
static void use_utf8(void)
{
    if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
}

/* Returns the next line, or NULL at the end of the input. Ctrl-C discards the line typed so far. */
static const char *read_line(EditLine *editor, int *length)
{
    for (;;) {
        interrupted = 0;
        const char *line = el_gets(editor, length);
        if (line || !interrupted)
            return *length > 0 ? line : NULL;
        putchar('\n');
    }
}

static bool converse_with(talk *t, EditLine *editor, History *lines, mote_error *error)
{
    HistEvent event;
    history(lines, &event, H_SETSIZE, 100);
    el_set(editor, EL_PROMPT, prompt_text);
    el_set(editor, EL_EDITOR, "emacs");
    el_set(editor, EL_HIST, history, lines);
    el_set(editor, EL_SIGNAL, 1);
    fputs("Type the beginning of a text and press Enter. Ctrl-C stops the generation or discards the line, "
          "Ctrl-D exits.\n",
          stderr);
    signal(SIGINT, interrupt);
    int length;
    bool spoke = true;
    for (const char *line; spoke && (line = read_line(editor, &length));) {
        history(lines, &event, H_ENTER, line);
        spoke = generate(t, line, (size_t)(line[length - 1] == '\n' ? length - 1 : length), error);
    }
    fputc('\n', t->terminal ? stdout : stderr);
    return spoke;
}

/* Reads prompts line by line and continues each. */
static bool converse(talk *t, mote_error *error)
{
    use_utf8();
    EditLine *editor = el_init("mote", stdin, t->terminal ? stdout : stderr, stderr);
    History *lines = history_init();
    const bool spoke = editor && lines ? converse_with(t, editor, lines, error)
                                       : mote_fail(error, MOTE_E_INTERNAL, "no memory for a line to type in");
    if (lines)
        history_end(lines);
    if (editor)
        el_end(editor);
    return spoke;
}

int mote_cmd_run(int argc, char **argv)
{
    talk t = {.tokens = 256};
    const char *prompt = NULL;
    mote_run_files files = {0};
    mote_sampling sampling = MOTE_SAMPLING_DEFAULT;
    const mote_option options[] = {
        {.name = "prompt",
         .letter = 'p',
         .kind = MOTE_OPTION_TEXT,
         .target = &prompt,
         .argument = "TEXT",
         .help = "text that the model continues; default: asks for one on a terminal, else reads standard input"},
        {.name = "tokens",
         .letter = 'n',
         .kind = MOTE_OPTION_INT,
         .target = &t.tokens,
         .argument = "N",
         .min = 0,
         .max = 1e18,
         .help = "tokens to generate, 0 for no limit; default: 256"},
        MOTE_SAMPLING_OPTIONS(sampling),
        {.name = "input",
         .letter = 'i',
         .kind = MOTE_OPTION_INPUTS,
         .target = &files.inputs,
         .argument = "FILE",
         .excludes = "prompt tokens temperature top-k top-p seed",
         .help = "run any network on a file, in place of a language model on a prompt: .bin (stored values, frames one "
                 "after another), .npy, .npz, .csv, .png, .jpg, .pgm, .ppm, .wav, .flac, .ogg; again for each input of "
                 "the network, then for the next sequence"},
        {.name = "output",
         .letter = 'o',
         .kind = MOTE_OPTION_OUTPUT,
         .target = &files.output,
         .argument = "FILE",
         .needs = "input",
         .not_stdout = "the ending of its name decides the format",
         .help = "write the outputs of all frames: .bin, .npy, .npz (stored values) or .csv (real values); of a "
                 "detector .png: the picture with its boxes"},
        {.name = "real",
         .kind = MOTE_OPTION_FLAG,
         .target = &files.real,
         .needs = "output",
         .help = "write real values to .npy and .npz, in place of stored ones"},
        {.name = "labels",
         .kind = MOTE_OPTION_INPUT,
         .target = &files.labels,
         .argument = "FILE",
         .needs = "input",
         .help = "names of the classes, one a line; default: those of the model"},
        {.name = "preprocess",
         .kind = MOTE_OPTION_TEXT,
         .target = &files.preprocess,
         .argument = "WORDS",
         .needs = "input",
         .help = "how pictures become inputs: stretch or letterbox, rgb or bgr, mean=M and std=S with one number or "
                 "three; default: as the model says"},
        {.name = "boxes",
         .kind = MOTE_OPTION_TEXT,
         .target = &files.boxes,
         .argument = "WORDS",
         .needs = "input",
         .help =
             "take the outputs as boxes: ultraface, yunet, fomo or ssd, then threshold=S and overlap=P; default: as "
             "the model says"},
        {.name = "json", .kind = MOTE_OPTION_FLAG, .target = &files.json, .needs = "input", .help = "print JSON"},
        {0},
    };
    const mote_command command = {
        .name = "run",
        .operands = "MODEL [OPTIONS]",
        .summary =
            "Generates text with a language model, or runs any network on files; float or packed. A packed model gives "
            "the "
            "same bytes here as on a chip. A terminal shows the prompt and its continuation, a file or pipe gets the "
            "continuation.",
        .options = options,
        .examples = "  mote run story.mote --prompt 'Once' --tokens 600 --temperature 0.7\n"
                    "  echo Once | mote run story.mote\n"
                    "  mote run story.mote\n"
                    "  mote run person.mote --input picture.png\n"
                    "  mote run faces.mote --input picture.jpg -o boxes.png\n",
        .min_operands = 1,
        .max_operands = 1,
    };
    char **operands;
    int count, exit_code;
    if (!mote_options_parse(&command, argc, argv, &operands, &count, &exit_code))
        return exit_code;
    mote_error error = {0};
    if (files.inputs.count)
        return mote_run_network(operands[0], &files, &error) ? MOTE_OK : mote_report("run", &error);
    if (!mote_speaker_open(&t.speaker, operands[0], "mote run", 1, &error))
        return mote_report("run", &error);
    t.sampler = mote_sampler_of(&sampling);
    t.terminal = isatty(STDOUT_FILENO);
    const bool spoke = prompt                 ? generate(&t, prompt, strlen(prompt), &error)
                       : isatty(STDIN_FILENO) ? converse(&t, &error)
                                              : continue_input(&t, &error);
    mote_speaker_close(&t.speaker);
    return spoke ? MOTE_OK : mote_report("run", &error);
}
