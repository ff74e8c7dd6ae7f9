#!/bin/sh
# Compares a GRU and a transformer of equal size, trained on the same text: float, int8, int4, ternary. They are trained
# on the first 90 % of the text. The figure is `mote eval` on the last 10 %, read as one sequence with a sliding window,
# and for the transformer also in windows of its context, each with an empty cache.
# Prints Markdown. Minutes on two cores. Usage: bench/families.sh BUILD [TEXT]
set -eu
epochs=${EPOCHS:-12}
. "$(dirname "$0")/models"

gru="--dim 128 --embed 64 --epochs $epochs"
transformer="--arch transformer --dim 64 --layers 2 --heads 4 --hidden 88 --context 256 --batch 16 --epochs $epochs"
# shellcheck disable=SC2086 # lists of options
learn gru $gru --dropout 0.1
learn transformer $transformer
learn gru-loop $gru --weights ternary --lr 0.0078125 --ramp 0.6
learn transformer-loop $transformer --weights ternary
for name in gru transformer; do
    "$mote" quantize "$work/$name.mote" --weights int8 -o "$work/$name-int8.mote" 2>/dev/null
    "$mote" quantize "$work/$name.mote" --weights int4 --method gptq -o "$work/$name-int4.mote" 2>/dev/null
    "$mote" quantize "$work/$name-loop.mote" -o "$work/$name-ternary.mote" 2>/dev/null
done

row() { # TEXT SUFFIX
    printf '| %s | %d | %s | %d | %s | %s |\n' "$1" "$(bytes "$work/gru$2.mote")" "$(bits "$work/gru$2.mote")" \
        "$(bytes "$work/transformer$2.mote")" "$(bits "$work/transformer$2.mote")" "$(bits "$work/transformer$2.mote" --window 256)"
}
echo "GRU: $gru; transformer: $transformer."
echo
echo "| weights | GRU bytes | bits per byte | transformer bytes | sliding window | windows of 256 |"
echo "| --- | --- | --- | --- | --- | --- |"
row float ""
row "int8, afterwards" -int8
row "int4 by GPTQ, head int8, afterwards" -int4
row "ternary, in the loop" -ternary
