#!/bin/sh
# Predicted and simulated costs of models on chips, with more and less SRAM. The models have typical shapes and a few
# steps of training, because speed does not depend on the weights. Prints Markdown.
# Usage: bench/placement.sh BUILD
set -eu
build=$1
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$build/stories" "$root/examples/stories/stories.txt" 200000 >"$work/text"
for dim in 128 256; do
    "$build/mote" train "$work/text" -o "$work/$dim.float" --steps 20 --dim $dim --embed 64 --layers $((dim / 128)) \
        >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    for weights in int8 ternary; do
        "$build/mote" quantize "$work/$dim.float" -o "$work/$weights-$dim.mote" --weights $weights >"$work/log" 2>&1
        "$build/mote" quantize "$work/$dim.float" -o "$work/$weights-$dim-lanes.mote" --weights $weights \
            --chip esp32s3 >"$work/log" 2>&1
    done
done

"$build/mote" train "$work/text" -o "$work/transformer.float" --arch transformer --dim 64 --layers 2 --heads 4 \
    --context 64 --sequence 64 --steps 5 >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
"$build/mote" quantize "$work/transformer.float" -o "$work/transformer-64.mote" --weights int8 >"$work/log" 2>&1
"$build/mote" quantize "$work/transformer.float" -o "$work/transformer-64-lanes.mote" --weights int8 --chip esp32s3 \
    >"$work/log" 2>&1

number() { # FILE KEY...
    /usr/bin/python3 -c 'import json, sys
v = json.load(open(sys.argv[1]))
for key in sys.argv[2:]: v = v[key]
print(round(v))' "$@"
}

echo "TinyLM, drawing by temperature alone, 100 tokens so that the first, which finds the caches empty, weighs little;"
echo "the ESP32-S3 in lanes. Cycles a token, on the ESP32-C3 instructions."
echo
echo "| model | chip | SRAM for the model, bytes | copied, bytes | predicted | simulated | difference |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
for model in ternary-128 int8-128 ternary-256 transformer-64; do
    for chip in esp32s3 esp32 esp32c3; do
        name=$model unit=cycles tokens=100
        [ $chip != esp32s3 ] || name=$model-lanes
        case $chip in esp32c*) unit=instructions tokens=20 ;; esac
        case $model in transformer*) tokens=800 ;; esac # its window of 64 is full most of the time
        for sram in flash stream 24576 65536 131072 all; do
            place=planned budget="--sram $sram"
            case $sram in
            flash) place=flash budget="" sram="none, flash alone" ;;
            stream) place=stream budget="" sram="none, the cache emptied before every token" ;;
            all) budget="" sram="what the chip leaves" ;;
            esac
            # shellcheck disable=SC2086 # lists of options
            "$build/mote" info "$work/$name.mote" --chip $chip $budget --json >"$work/info"
            # shellcheck disable=SC2086
            "$build/mote" sim "$work/$name.mote" --chip $chip $budget --weights $place --tokens $tokens --json \
                >"$work/sim" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
            predicted=$(number "$work/info" placement weights $place $unit)
            simulated=$(number "$work/sim" per_token)
            copied=$(number "$work/sim" placed_bytes)
            difference=$(echo "$predicted $simulated" | awk '{ printf "%+.1f %%", 100 * ($1 / $2 - 1) }')
            echo "| $model | $chip | $sram | $copied | $predicted | $simulated | $difference |"
        done
    done
done
