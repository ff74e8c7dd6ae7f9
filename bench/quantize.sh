#!/bin/sh
# Loss of a public checkpoint, stories260K (llama2.c), quantized by `mote quantize` with its defaults and with other
# options (methods.sh has types by methods): integers only, on 30 KB of TinyStories in windows of 512 tokens, calibrated
# on text that the model generates.
# Prints Markdown. Usage: bench/quantize.sh BUILD [CHECKPOINT TOKENIZER TEXT]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mote=$1/mote
data=$root/../shared/data
checkpoint=${2:-$data/stories260K.bin}
tokenizer=${3:-$data/tok512.bin}
text=${4:-$data/tinystories-30k.txt}
[ -f "$checkpoint" ] || {
    echo "SKIPPED: $checkpoint not present; name a checkpoint, its tokenizer and a text" >&2
    exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$mote" import "$checkpoint" --tokenizer "$tokenizer" -o "$work/float.mote" 2>/dev/null

loss() { # MODEL
    "$mote" eval --json "$1" --window 512 --text "$text" | sed -n 's/.*"nats_per_token": \([0-9.]*\).*/\1/p'
}
float=$(loss "$work/float.mote")
echo "Float: $float nats a token, $(stat -c %s "$work/float.mote") bytes. Activations int8, a scale for each vector, unless said."
echo
echo "| mote quantize | file bytes | nats a token to float |"
echo "| --- | --- | --- |"
while read -r options; do
    # shellcheck disable=SC2086
    "$mote" quantize "$work/float.mote" $options -o "$work/packed.mote" 2>/dev/null
    awk -v o="$options" -v b="$(stat -c %s "$work/packed.mote")" -v l="$(loss "$work/packed.mote")" -v f="$float" \
        'BEGIN { printf "| `%s` | %d | %+.4f |\n", o, b, l - f }'
done <<'ROWS'
--weights int8
--weights int8 --chip esp32s3
--weights int8 --no-balance
--weights int8 --scale pow2
--weights int8 --activations int8-static
--weights int8 --activations int16 --cache int16
--weights int6
--weights int4
--weights int8 --context 256
ROWS
