/* Every verb of the command, in the order of `mote --help`: one file cli/cmd_NAME.c each, with a function
 * int mote_cmd_NAME(argc, argv) where argv[0] is the verb and the result is the exit code. */
#ifndef MOTE_CLI_VERBS_H
#define MOTE_CLI_VERBS_H

#define MOTE_VERBS(VERB)                                                                                               \
    VERB(train, "learn a tiny language model from a text")                                                             \
    VERB(import, "make a model of another program's file: llama2.c, safetensors, RUVM")                                \
    VERB(tokenizer, "learn the tokens of a text, convert and show tokenizers")                                         \
    VERB(prune, "take out the weights that matter least")                                                              \
    VERB(quantize, "make a model small: int8 or ternary weights, packed for a chip")                                   \
    VERB(run, "let a model speak")                                                                                     \
    VERB(eval, "measure models on a text, in bits per byte")                                                           \
    VERB(info, "what is in a model, and which chips it fits")                                                          \
    VERB(verify, "check a model file and replay its golden output")                                                    \
    VERB(sim, "run a model on a simulated chip: what it says, how fast, where the cycles go")                          \
    VERB(export, "write a model as a RUVM file")                                                                       \
    VERB(convert, "write a model as JSON or numpy arrays, and make it of them again")                                  \
    VERB(asm, "assemble Xtensa source")                                                                                \
    VERB(dis, "disassemble Xtensa code")                                                                               \
    VERB(emu, "run and debug an Xtensa program on this machine")

#define DECLARE(name, summary) int mote_cmd_##name(int argc, char **argv);
MOTE_VERBS(DECLARE)
#undef DECLARE

#endif
