#!/bin/sh
# A GRU layer whose recurrent matrix is pruned while training: what it loses, and what the simulated ESP32-S3 gains by the
# blocks it skips. Prints Markdown. Usage: bench/prune-layer.sh BUILD [TEXT]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mote=$1/mote
text=${2:-$root/../shared/data/tinyshakespeare.txt}
epochs=${EPOCHS:-16}
dim=${DIM:-256}
[ -f "$text" ] || {
    echo "SKIPPED: $text not present; name a text of about 1 MB" >&2
    exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$root/bench/models"
steps=$(steps_of "$text" "$epochs")

# Parts of r, z and n that stay: the new state needs its weights most.
gates() { # SPARSITY
    case $1 in
    0.25) echo 0.6,0.7,0.95 ;;
    0.5) echo 0.3,0.4,0.8 ;;
    0.75) echo 0.1,0.15,0.5 ;;
    0.9) echo 0.05,0.05,0.2 ;;
    esac
}

row() { # WEIGHTS WHAT
    "$mote" quantize "$work/p.mote" -o "$work/q.mote" --chip esp32s3 2>/dev/null
    now=$(bits "$work/q.mote")
    cycles=$(gru_cycles "$work/q.mote")
    [ "$2" = dense ] && base=$now dense_cycles=$cycles
    echo "| $1 | $2 | $now | $(more "$now" "$base") | $(bytes "$work/q.mote") | $cycles | $(ratio "$dense_cycles" "$cycles") |"
}

echo "GRU of dim $dim, embed 16, $epochs epochs, packed for the ESP32-S3; the recurrent matrix alone is pruned, from step 100 to"
echo "a quarter of the steps, r, z and n with parts of their own. Cycles: the whole layer, gates included, out of SRAM."
echo "Dropout: 0.1, none from 75 % on and with ternary weights, whichever suits the dense model of that type better; one seed."
echo
echo "| weights | pruned | bits per byte | to dense | file | cycles | times faster |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
for weights in int8 ternary; do
    [ $weights = int8 ] && options= || options="--weights ternary"
    # shellcheck disable=SC2086 # a list of options
    learn p --dim "$dim" --embed 16 --epochs "$epochs" $options
    row $weights dense
    for granularity in block16x16 block; do
        for sparsity in 0.25 0.5 0.75 0.9; do
            # shellcheck disable=SC2086
            learn p --dim "$dim" --embed 16 --epochs "$epochs" $options --prune-to $sparsity \
                --prune-gates "$(gates $sparsity)" --prune-granularity $granularity \
                --prune-layers 'layer0.recurrent*' --prune-steps 100:$((steps / 4))
            row $weights "$sparsity $granularity"
        done
    done
done
