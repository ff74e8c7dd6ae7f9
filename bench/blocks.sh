#!/bin/sh
# Cycles per call of products of 768 x 256 weights with pruned blocks of 1 x 16, in the layouts of rows, lanes and
# blocks. Prints Markdown.
# Usage: bench/blocks.sh BUILD
set -eu
build=$1
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2046 # words
cc -O2 -std=c11 -D_GNU_SOURCE -I"$root" -I"$root/include" "$root/scripts/lay_out.c" -o "$work/lay_out" "$build/compiler/libmote_compiler.a" \
    "$build/runtime/libmote_runtime.a" "$build/base/libmote_base.a" $(pkg-config --libs openblas jansson) -lm -lpthread

"$build/stories" "$root/examples/stories/stories.txt" 20000 >"$work/text"
"$build/mote" train "$work/text" -o "$work/float" --dim 256 --embed 256 --steps 1 >"$work/log" 2>&1
"$build/mote" prune "$work/float" -o "$work/0" --granularity block --sparsity 0 >"$work/log"
for gone in 50 75 90; do
    "$build/mote" prune "$work/float" -o "$work/$gone" --granularity block --sparsity 0.$gone >"$work/log"
done

calls() { # LAYOUT CHIP WEIGHTS: cycles of the input's product, the only large one
    /usr/bin/python3 -c 'import json, sys
run = json.load(sys.stdin)
print(*(round(o[run["counted"]]) for o in run["operators"] if o["layer"] == "layer0.input"))' <<END
$("$build/mote" sim "$work/$1.mote" --chip "$2" --weights "$3" --sram 1000000 --tokens 3 --json 2>"$work/log")
END
}

echo "Cycles a call, on the ESP32-C3 instructions; the weights in SRAM or, where it says flash, read from there each time."
echo "A dash: the rows of random int8 weights are beyond the bound of lanes."
echo
echo "| weights | blocks gone | bytes in rows | in blocks | S3 rows | S3 lanes | S3 blocks | S3 flash, rows | S3 flash, blocks | ESP32 rows | ESP32 blocks | C3 rows | C3 blocks |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
for weights in int8 ternary; do
    for gone in 0 50 75 90; do
        "$build/mote" quantize "$work/$gone" -o "$work/rows.mote" --weights binary --embedding binary \
            --layer "layer0.input=$weights,head=binary" >"$work/log" 2>&1
        line="| $weights | $gone %"
        for layout in lanes16 blocks16; do
            "$work/lay_out" "$work/rows.mote" $layout "$work/$layout.mote"
        done
        for layout in rows blocks16; do
            line="$line | $("$build/mote" info "$work/$layout.mote" | awk '$1 == "layer0.input.weight" { print $7 }')"
        done
        lanes=$(calls lanes16 esp32s3 sram)
        "$build/mote" info "$work/lanes16.mote" | grep -q "lanes16," || lanes=-
        line="$line | $(calls rows esp32s3 sram) | $lanes | $(calls blocks16 esp32s3 sram)"
        line="$line | $(calls rows esp32s3 stream) | $(calls blocks16 esp32s3 stream)"
        for chip in esp32 esp32c3; do
            line="$line | $(calls rows $chip sram) | $(calls blocks16 $chip sram)"
        done
        echo "$line |"
    done
done
