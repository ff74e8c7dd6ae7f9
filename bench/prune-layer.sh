#!/bin/sh
# A GRU layer whose recurrent matrix is pruned during training: its loss, and the speed that the simulated ESP32-S3
# gains by skipping blocks. Prints Markdown. Usage: bench/prune-layer.sh BUILD [TEXT]
set -eu
. "$(dirname "$0")/models"

steps=$(steps_of "$text" 16)

# Fractions of r, z and n to keep: the new state n needs its weights most.
gates() { # SPARSITY
    case $1 in
    0.25) echo 0.6,0.7,0.95 ;;
    0.5) echo 0.3,0.4,0.8 ;;
    0.75) echo 0.1,0.15,0.5 ;;
    0.9) echo 0.05,0.05,0.2 ;;
    esac
}

row() { # WEIGHTS WHAT CHIP
    "$mote" quantize "$work/p.mote" -o "$work/q.mote" --chip "$3" 2>/dev/null
    now=$(bits "$work/q.mote")
    cycles=$(gru_cycles "$work/q.mote")
    if [ "$2" = dense ]; then
        base=$now dense_cycles=$cycles
    fi
    layout=$("$mote" info "$work/q.mote" | awk '/layer0.recurrent.weight/ { print $8 }' | tr -d ,)
    echo "| $1 | $2 | ${layout:-rows} | $now | $(more "$now" "$base") | $(bytes "$work/q.mote") | $cycles | $(ratio "$dense_cycles" "$cycles") |"
}

echo "GRU of dim 256, embed 16, 16 epochs, packed for the ESP32-S3; the recurrent matrix alone is pruned, from step 100 to a"
echo "quarter of the steps, r, z and n with parts of their own. Cycles: the whole layer, gates included, out of SRAM, beside the"
echo "dense one as --chip esp32s3 lays it out; one seed."
echo
echo "| weights | pruned | layout | bits per byte | to dense | file | cycles | times faster |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- |"

series() { # WEIGHTS OPTIONS GRANULARITY:SPARSITY...
    weights=$1 options="--dim 256 --embed 16 --epochs 16${2:+ $2}"
    shift 2
    # shellcheck disable=SC2086 # a list of options
    learn p $options
    row "$weights" dense any
    row "$weights" dense esp32s3
    for pruned in "$@"; do
        granularity=${pruned%:*} sparsity=${pruned#*:}
        # shellcheck disable=SC2086
        learn p $options --prune-to "$sparsity" --prune-gates "$(gates "$sparsity")" \
            --prune-granularity "$granularity" --prune-layers 'layer0.recurrent*' --prune-steps 100:$((steps / 4))
        row "$weights" "$sparsity $granularity" esp32s3
    done
}

series int8 "" block16x16:0.25 block16x16:0.5 block16x16:0.75 block16x16:0.9 block:0.75 block:0.9
series "int8, dropout 0.1" "--dropout 0.1" block16x16:0.5 block16x16:0.75
series ternary "--weights ternary" block16x16:0.25 block16x16:0.5 block16x16:0.75 block:0.75
