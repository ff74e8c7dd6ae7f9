# stories260K imported and run says what llama2.c made of it: 256 tokens, the prompt's included. Needs ../shared.
data=$SOURCE/../shared/data
[ -f "$data/stories260K.bin" ] || {
    echo "SKIPPED: no ../shared/data/stories260K.bin"
    exit 0
}
"$MOTE" import "$data/stories260K.bin" --tokenizer "$data/tok512.bin" -o story.mote
said() { # FILE TOKENS PROMPT
    (printf %s "$3" && "$MOTE" run story.mote --prompt "$3" --tokens "$2" --temperature 0 && echo) >said
    cmp said "$data/stories260K-golden/$1" && echo "the same: $1"
}
said greedy256_empty.txt 256 ''
said greedy256_once_upon_a_time.txt 252 'Once upon a time'
said greedy256_lily_and_ben.txt 248 'Lily and Ben went to the'
