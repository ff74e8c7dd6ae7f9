/* The verbs of the command, in the order of `mote --help`. Each has a file cli/cmd_NAME.c with a function
 * int mote_cmd_NAME(argc, argv), where argv[0] is the verb and the result is the exit code. */
#ifndef MOTE_CLI_VERBS_H
#define MOTE_CLI_VERBS_H

#define MOTE_VERBS(VERB)                                                                                               \
    VERB(train, "train a tiny language model on a text")                                                               \
    VERB(import, "import a model: TensorFlow Lite, ONNX, llama2.c, ...")                                               \
    VERB(tokenizer, "train, convert and show tokenizers")                                                              \
    VERB(prune, "remove the least important weights")                                                                  \
    VERB(quantize, "quantize a model, int8 or ternary for example, and pack it for a chip")                            \
    VERB(run, "generate text with a model, or run a network on files")                                                 \
    VERB(eval, "measure models on a text, or networks on samples")                                                     \
    VERB(compare, "compare two networks, result by result")                                                            \
    VERB(info, "show the contents of a model, and the chips it fits")                                                  \
    VERB(verify, "check a model file and replay its golden output")                                                    \
    VERB(sim, "run a model on a simulated chip: text, speed, cycles per layer")                                        \
    VERB(export, "write a model for other programs: llama2.c, safetensors, RUVM")                                      \
    VERB(convert, "convert a model to JSON or numpy arrays, and back")                                                 \
    VERB(asm, "assemble Xtensa source")                                                                                \
    VERB(dis, "disassemble Xtensa code")                                                                               \
    VERB(emu, "run and debug an Xtensa program on this machine")

#define DECLARE(name, summary) int mote_cmd_##name(int argc, char **argv);
MOTE_VERBS(DECLARE)
#undef DECLARE

#endif
