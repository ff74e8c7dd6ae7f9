#!/bin/sh
# Output and speed of simulated chips: digests of 2,000 tokens compared with the PC's, and tokens per second. The models
# have typical shapes and a few steps of training, because neither depends on the weights. Prints Markdown.
# Usage: bench/sim.sh BUILD
set -eu
mote=$1/mote
stories=$1/stories
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tokens=${TOKENS:-2000}
sampling="--temperature 0.8 --top-k 40 --top-p 0.95 --seed 7" # the digest covers every part of the sampler

"$stories" "$root/examples/stories/stories.txt" 200000 >"$work/text"
learn() { # NAME TRAIN-OPTIONS...
    name=$1
    shift
    "$mote" train "$work/text" -o "$work/$name.float.mote" --steps 20 "$@" 2>"$work/log" >&2 ||
        { cat "$work/log" >&2; exit 1; }
}
pack() { # NAME FROM QUANTIZE-OPTIONS...
    name=$1 from=$2
    shift 2
    "$mote" quantize "$work/$from.float.mote" -o "$work/$name.mote" "$@" 2>"$work/log" >&2 ||
        { cat "$work/log" >&2; exit 1; }
}
learn small --dim 128 --embed 64
learn large --dim 256 --layers 2 --embed 64
for weights in int8 ternary int16; do
    pack $weights-128 small --weights $weights
    pack $weights-128-lanes small --weights $weights --chip esp32s3
done
pack ternary-256 large --weights ternary
pack ternary-256-lanes large --weights ternary --chip esp32s3

value() { # KEY...: values of the JSON on standard input; whole numbers
    /usr/bin/python3 -c 'import json, sys
v = json.load(sys.stdin)
for key in sys.argv[1:]: v = v[key]
print(v)' "$@"
}
simulate() { # MODEL CHIP OPTIONS...: writes JSON to $work/json; returns 1 if the chip or a tool refuses
    file=$work/$1.mote on=$2
    shift 2
    "$mote" sim "$file" --chip "$on" --prompt "Once " --json "$@" >"$work/json" \
        2>"$work/log" && return
    [ $? = 6 ] || { cat "$work/log" >&2; exit 1; }
    return 1
}

echo "Digest of all scores over the prompt and $tokens sampled tokens ($sampling)."
echo "Lanes: laid out by \`mote quantize --chip esp32s3\` for its vector unit."
echo
echo "| model | PC portable | PC vector | esp32 | esp32s2 | esp32s3 | esp32s3, lanes | esp32c3 | esp32c6 |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
for weights in int8 ternary int16; do
    line=""
    for run in esp32: esp32s2: esp32s3: esp32s3:-lanes esp32c3: esp32c6:; do
        # shellcheck disable=SC2086 # a list of options
        if simulate "$weights-128${run#*:}" "${run%:*}" --tokens "$tokens" $sampling; then
            line="$line | $(value digest <"$work/json")"
            pc=$(/usr/bin/python3 -c 'import json, sys
d = json.load(sys.stdin)["pc_digests"]
print(d["portable"], "|", *[f"{v} ({k})" for k, v in d.items() if k != "portable"])' <"$work/json")
        else
            line="$line | $(cut -c1-80 <"$work/log")"
        fi
    done
    echo "| TinyLM $weights, dim 128 | $pc$line |"
done

echo
echo "Tokens per second at the chip's clock, drawing 40 tokens by temperature alone. For the Xtensa chips from the cycles of the"
echo "emulator's timing model; for the RISC-V chips from QEMU's instructions, a cycle each, hence an upper bound."
echo "The ESP32-S3 runs the models in lanes. Flash: through a cache of 32 KB. Stream: the same with the cache emptied before"
echo "every token, so that each line comes from flash each time. Planned: what fits in SRAM is copied there."
echo
echo "| model | bytes | weights in | esp32 | esp32s2 | esp32s3 | esp32c3 | esp32c6 |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- |"
for model in int8-128 ternary-128 int16-128 ternary-256; do
    for place in flash stream planned; do
        line=""
        for chip in esp32 esp32s2 esp32s3 esp32c3 esp32c6; do
            name=$model
            [ $chip != esp32s3 ] || name=$model-lanes
            bound=""
            case $chip in esp32c*) bound="≤ " ;; esac
            if simulate $name $chip --tokens 40 --temperature 0.8 --weights $place; then
                line="$line | $bound$(value tokens_per_second <"$work/json" | cut -d. -f1)"
            else
                line="$line | does not fit"
            fi
        done
        echo "| TinyLM $model | $(wc -c <"$work/$model.mote") | $place$line |"
    done
done
