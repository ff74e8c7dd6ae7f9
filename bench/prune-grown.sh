#!/bin/sh
# Loss of pruning that increases during training: method × granularity × sparsity. Prints Markdown.
# Usage: bench/prune-grown.sh BUILD [TEXT]
set -eu
epochs=${EPOCHS:-8}
dim=${DIM:-128}
. "$(dirname "$0")/models"
steps=$(steps_of "$text" "$epochs")
methods="magnitude activation gradient mincut"

# Packs the model trained last as int8.
packed() {
    "$mote" quantize "$work/p.mote" -o "$work/q.mote" --chip esp32s3 2>/dev/null
    echo " $(bytes "$work/q.mote") | $(gru_cycles "$work/q.mote") |"
}

learn dense --dim "$dim" --embed 16 --epochs "$epochs"
cp "$work/dense.mote" "$work/p.mote"
base=$(bits "$work/dense.mote")
echo "GRU of dim $dim, embed 16, $epochs epochs, dense $base bits per byte. Every matrix but the table of tokens, weights and"
echo "blocks grown from a twentieth to three fifths of the steps, units taken half-way: bits per byte more. Bytes of the model"
echo "by magnitude packed as int8 for the ESP32-S3, and cycles of its GRU there; one seed."
echo
echo "| granularity | sparsity | magnitude | activation | gradient | mincut | bytes | cycles |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- |"
echo "| dense | | +0.00 % | | | |$(packed)"
for granularity in weight block block8x4 block16x16; do
    for sparsity in 0.25 0.5 0.75 0.9; do
        row="| $granularity | $sparsity |"
        for method in $methods; do
            learn p --dim "$dim" --embed 16 --epochs "$epochs" --prune-to $sparsity --prune-granularity $granularity \
                --prune-method $method --prune-steps $((steps / 20)):$((steps * 3 / 5))
            row="$row $(more "$(bits "$work/p.mote")" "$base") |"
            [ $method != magnitude ] || gained=$(packed)
        done
        echo "$row$gained"
    done
done
head -c 500000 "$text" >"$work/calibration"
learn begun --dim "$dim" --embed 16 --steps $((steps / 2))
for sparsity in 0.25 0.5 0.75 0.9; do
    row="| unit | $sparsity |"
    for method in $methods; do
        "$mote" prune "$work/begun.mote" -o "$work/less.mote" --method $method --granularity unit --sparsity $sparsity \
            --multiple 16 --calibrate "$work/calibration" >/dev/null
        learn p --init "$work/less.mote" --steps $((steps / 2))
        row="$row $(more "$(bits "$work/p.mote")" "$base") |"
        [ $method != magnitude ] || gained=$(packed)
    done
    echo "$row$gained"
done
for units in 96 64 32 16; do
    learn p --dim $units --embed 16 --epochs "$epochs"
    echo "| trained with $units units | | $(more "$(bits "$work/p.mote")" "$base") | | | |$(packed)"
done
