#!/bin/sh
# Loss of pruning without training afterwards: method × granularity × sparsity, for a GRU and for stories260K.
# Prints Markdown. Usage: bench/prune.sh BUILD [TEXT]
set -eu
epochs=${EPOCHS:-16}
dim=${DIM:-256}
. "$(dirname "$0")/models"

# Prints one row per method and granularity. LOSS is a function that prints the loss of a pruned model.
table() { # MODEL CALIBRATION LOSS GRANULARITY...
    model=$1 calibration=$2 loss=$3
    shift 3
    echo "| method | granularity | 25 % | 50 % | 75 % | 90 % |"
    echo "| --- | --- | --- | --- | --- | --- |"
    for granularity in "$@"; do
        for method in magnitude activation gradient mincut "activation --compensate" "activation --global"; do
            case $granularity-$method in unit-*--*) continue ;; esac
            row="| $method | $granularity |"
            for sparsity in 0.25 0.5 0.75 0.9; do
                # shellcheck disable=SC2086 # the method may include an option
                "$mote" prune "$model" -o "$work/p.mote" --method $method --granularity $granularity \
                    --sparsity $sparsity --calibrate "$calibration" >/dev/null 2>&1
                row="$row $($loss "$work/p.mote") |"
            done
            echo "$row"
        done
    done
}

learn dense --dim "$dim" --embed 16 --dropout 0.1 --epochs "$epochs"
head -c 500000 "$text" >"$work/calibration"
base=$(bits "$work/dense.mote")
bits_more() { more "$(bits "$1")" "$base"; }
echo "GRU of dim $dim, embed 16, $epochs epochs, dense $base bits per byte. Every matrix but the table of tokens, at once, no training"
echo "after: bits per byte more."
echo
table "$work/dense.mote" "$work/calibration" bits_more weight block block8x4 block16x16 unit

[ -f "$data/stories260K.bin" ] || exit 0
"$mote" import "$data/stories260K.bin" --tokenizer "$data/tok512.bin" -o "$work/stories.mote" >/dev/null 2>&1
nats() {
    "$mote" eval --json "$1" --text "$data/tinystories-30k.txt" | figure nats_per_token | awk '{ printf "%.4f", $1 }'
}
whole=$(nats "$work/stories.mote")
nats_more() { awk -v a="$(nats "$1")" -v b="$whole" 'BEGIN { printf "%+.3f", a - b }'; }
echo
echo "stories260K ($whole nats a token of tinystories-30k.txt), embeddings kept, calibrated on its own text: nats a token more."
echo
table "$work/stories.mote" self nats_more weight block block8x4 block16x16
