#!/bin/sh
# Quality per byte of file: compares a ternary GRU with the float model of its shape, with that model quantized after
# training, and with float and int8 models of the size of the ternary file. Every shape is trained for the same number
# of epochs on the first 90 % of the same text. The figure is `mote eval` of the files on the last 10 %.
# Prints Markdown. About a quarter of an hour on two cores. Usage: bench/quality.sh BUILD [TEXT]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mote=$1/mote
text=${2:-$root/../shared/data/tinyshakespeare.txt}
epochs=${EPOCHS:-16}
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

learn ternary --dim 256 --embed 16 --weights ternary --lr 0.00390625 --ramp 0.6
"$mote" quantize "$work/ternary.mote" --trits 5 -o "$work/ternary-5.mote" 2>/dev/null
"$mote" quantize "$work/ternary.mote" --trits 2 -o "$work/ternary-2.mote" 2>/dev/null
learn float --dim 256 --embed 16 --dropout 0.2
"$mote" quantize "$work/float.mote" --weights int8 -o "$work/int8-after.mote" 2>/dev/null
"$mote" quantize "$work/float.mote" --weights int8 --scale pow2 -o "$work/int8-pow2.mote" 2>/dev/null
"$mote" quantize "$work/float.mote" --weights ternary -o "$work/ternary-after.mote" 2>/dev/null
"$mote" quantize "$work/float.mote" --weights binary -o "$work/sign.mote" 2>/dev/null
learn float-57 --dim 57 --embed 24
learn float-58 --dim 58 --embed 24
learn float-54 --dim 54 --embed 32
learn int8-138 --dim 138 --embed 16 --weights int8
learn int8-134 --dim 134 --embed 24 --weights int8 --dropout 0.1
for name in int8-138 int8-134; do
    "$mote" quantize "$work/$name.mote" -o "$work/$name-packed.mote" 2>/dev/null
done

row() { # NAME TEXT
    bits=$("$mote" eval --json "$work/$1.mote" --text "$text" --from 0.9 | sed -n 's/.*"bits_per_byte": \([0-9.]*\).*/\1/p')
    bytes=$(stat -c %s "$work/$1.mote")
    [ "$1" = float ] && control=$bits
    [ "$1" = ternary-5 ] && ternary=$bits
    printf '%s\t%s\t%s\t%s\t%s\n' "$2" "$bytes" "$bits" "$control" "${ternary:-}" | awk -F'\t' '{
        printf "| %s | %d | %.4f | %+.2f %% | %s |\n", $1, $2, $3, ($3 / $4 - 1) * 100,
            $5 == "" ? "" : sprintf("%+.1f %%", ($5 / $3 - 1) * 100) }'
}
echo "$epochs epochs each."
echo
echo "| model | file bytes | bits per byte | to the float control | packed ternary to this |"
echo "| --- | --- | --- | --- | --- |"
row float "float, dim 256, embed 16, dropout 0.2 (the control)"
row int8-after "the control quantized afterwards: int8, a scale a row"
row int8-pow2 "the control quantized afterwards: int8, one power of two a matrix"
row ternary-after "the control quantized afterwards: ternary"
row sign "the control quantized afterwards: the sign times the mean, the naive baseline"
row ternary "ternary in the loop, dim 256, embed 16: the float file"
row ternary-5 "the same packed, 5 trits a byte"
row ternary-2 "the same packed, 2 bits a weight"
row float-57 "float of that size: dim 57, embed 24"
row float-58 "float, 32 bytes larger: dim 58, embed 24"
row float-54 "float of that size: dim 54, embed 32"
row int8-138-packed "int8 of that size: dim 138, embed 16"
row int8-134-packed "int8 of that size: dim 134, embed 24, dropout 0.1"
