#!/bin/sh
# stories260K (llama2.c) on an ESP32-S3 beside published figures: loss, bytes and speed of Mote's int8, int4 and the mix of
# --fit, predicted for a token with a full window of 256 positions, and simulated over 1,200 tokens. Prints Markdown.
# Usage: bench/others.sh BUILD [CHECKPOINT TOKENIZER TEXT]
set -eu
mote=$1/mote
data=$(cd "$(dirname "$0")/.." && pwd)/../shared/data
checkpoint=${2:-$data/stories260K.bin}
tokenizer=${3:-$data/tok512.bin}
text=${4:-$data/tinystories-30k.txt}
[ -f "$checkpoint" ] || {
    echo "SKIPPED: $checkpoint not present; name a checkpoint, its tokenizer and a text" >&2
    exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$mote" import "$checkpoint" --tokenizer "$tokenizer" -o "$work/story.mote" 2>/dev/null
"$mote" import "$checkpoint" --tokenizer "$tokenizer" --context 256 -o "$work/float.mote" 2>/dev/null

value() { # PATTERN: the number after it in the JSON on standard input
    tr -d ' \n' | grep -o "$1[0-9.]*" | head -n 1 | grep -o '[0-9.]*$'
}
loss() { # MODEL
    "$mote" eval --json "$1" --text "$text" | value '"nats_per_token":'
}
float=$(loss "$work/float.mote")
cat <<END
| | weights | loss to float | bytes | tokens/s, window full | tokens/s, 1,200 tokens |
| --- | --- | --- | --- | --- | --- |
| esp32-llm and its forks, published, on boards, both cores | float | | | 19 to 33 | |
END
row() { # WHAT OPTIONS...
    what=$1
    shift
    "$mote" quantize "$work/story.mote" --context 256 "$@" -o "$work/packed.mote" >/dev/null 2>&1
    predicted=$("$mote" info "$work/packed.mote" --chip esp32s3 --json | value '"planned":{[^}]*"tokens_per_second":')
    simulated=$("$mote" sim "$work/packed.mote" --chip esp32s3 --tokens 1200 --json 2>/dev/null |
        value '"tokens_per_second":')
    awk -v w="$what" -v b="$(stat -c %s "$work/packed.mote")" -v l="$(loss "$work/packed.mote")" -v f="$float" \
        -v p="$predicted" -v s="$simulated" \
        'BEGIN { printf "| Mote, one core | %s | %+.2f %% | %d | %.0f predicted | %.0f simulated |\n", w, 100 * (l / f - 1), b, p, s }'
}
row int8 --chip esp32s3
row int4 --chip esp32s3 --weights int4
row 'chosen by `--fit esp32s3`' --fit esp32s3
