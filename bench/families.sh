#!/bin/sh
# A GRU and a transformer of equal bytes, learned from the same text: float, int8, int4, ternary. The first 90 % of the
# text are learned; the figure is `mote eval` on the last 10 %, read as one sequence, over which the transformer's window
# slides, and for the transformer also in windows of its context, each from an empty cache.
# Prints Markdown. Minutes on two cores. Usage: bench/families.sh BUILD [TEXT]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mote=$1/mote
text=${2:-$root/../shared/data/tinyshakespeare.txt}
epochs=${EPOCHS:-12}
[ -f "$text" ] || {
    echo "SKIPPED: $text not present; name a text of about 1 MB" >&2
    exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

learn() { # NAME OPTIONS...
    name=$1
    shift
    echo "$name: $*" >&2
    "$mote" train "$text" -o "$work/$name.mote" --epochs "$epochs" "$@" >/dev/null 2>"$work/log" ||
        { cat "$work/log" >&2; exit 1; }
    tail -2 "$work/log" >&2
}

gru="--dim 128 --embed 64"
transformer="--arch transformer --dim 64 --layers 2 --heads 4 --hidden 88 --context 256 --batch 16"
learn gru $gru --dropout 0.1
learn transformer $transformer
learn gru-loop $gru --weights ternary --lr 0.0078125 --ramp 0.6
learn transformer-loop $transformer --weights ternary
for name in gru transformer; do
    "$mote" quantize "$work/$name.mote" --weights int8 -o "$work/$name-int8.mote" 2>/dev/null
    "$mote" quantize "$work/$name.mote" --weights int4 --method gptq -o "$work/$name-int4.mote" 2>/dev/null
    "$mote" quantize "$work/$name-loop.mote" -o "$work/$name-ternary.mote" 2>/dev/null
done

bits() { # NAME OPTIONS: of mote eval
    name=$1
    shift
    "$mote" eval --json "$work/$name.mote" --text "$text" --from 0.9 "$@" | sed -n 's/.*"bits_per_byte": \([0-9.]*\).*/\1/p'
}
row() { # TEXT SUFFIX
    printf '| %s | %d | %.4f | %d | %.4f | %.4f |\n' "$1" "$(stat -c %s "$work/gru$2.mote")" "$(bits "gru$2")" \
        "$(stat -c %s "$work/transformer$2.mote")" "$(bits "transformer$2")" "$(bits "transformer$2" --window 256)"
}
echo "$epochs epochs each. GRU: $gru; transformer: $transformer."
echo
echo "| weights | GRU bytes | bits per byte | transformer bytes | sliding window | windows of 256 |"
echo "| --- | --- | --- | --- | --- | --- |"
row float ""
row "int8, afterwards" -int8
row "int4 by GPTQ, head int8, afterwards" -int4
row "ternary, in the loop" -ternary
