#!/bin/sh
# What pruning costs and gains: method × granularity × sparsity in one shot, then sparsities grown in training with what
# the simulated ESP32-S3 makes of the recurrent layer, units beside models trained at their size, and stories260K without
# training. Prints Markdown. Usage: bench/prune.sh BUILD [TEXT]; EPOCHS=4 for a quick look, 16 for the page.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mote=$1/mote
data=$root/../shared/data
text=${2:-$data/tinyshakespeare.txt}
epochs=${EPOCHS:-16}
dim=${DIM:-256}
[ -f "$text" ] || {
    echo "SKIPPED: $text not present; name a text of about 1 MB" >&2
    exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
steps=$(awk -v bytes="$(stat -c %s "$text")" -v epochs="$epochs" 'BEGIN { print int(int(bytes * 0.9 / 2048) * epochs) }')

learn() { # NAME OPTIONS...
    name=$1
    shift
    echo "$name: $*" >&2
    "$mote" train "$text" -o "$work/$name.mote" --embed 16 --epochs "$epochs" "$@" >/dev/null 2>"$work/log" ||
        { cat "$work/log" >&2; exit 1; }
}

figure() { sed -n "s/.*\"$1\": \([0-9.]*\).*/\1/p" | head -1; }
bits() { "$mote" eval --json "$1" --text "$text" --from 0.9 | figure bits_per_byte; }
more() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%+.2f %%", (a / b - 1) * 100 }'; }

# Cycles of the recurrent layer, product and gates, everything in SRAM.
cycles() {
    "$mote" sim "$1" --chip esp32s3 --weights sram --sram 1000000 --tokens 50 2>/dev/null | awk '$2 == "gru" { print $3; exit }'
}

learn dense --dim "$dim" --dropout 0.1
head -c 500000 "$text" >"$work/calibration"
base=$(bits "$work/dense.mote")
echo "GRU of dim $dim, embed 16, $epochs epochs, dense $base bits per byte. One shot, no training after, every matrix but the"
echo "table: bits per byte more."
echo
echo "| method | granularity | 25 % | 50 % | 75 % | 90 % |"
echo "| --- | --- | --- | --- | --- | --- |"
for granularity in weight block block8x4 block16x16 unit; do
    for method in magnitude activation gradient mincut "activation --compensate" "activation --global"; do
        case $granularity-$method in unit-*--*) continue ;; esac
        row="| $method | $granularity |"
        for sparsity in 0.25 0.5 0.75 0.9; do
            # shellcheck disable=SC2086 # an option behind the method
            "$mote" prune "$work/dense.mote" -o "$work/p.mote" --method $method --granularity $granularity \
                --sparsity $sparsity --calibrate "$work/calibration" >/dev/null 2>&1
            row="$row $(more "$(bits "$work/p.mote")" "$base") |"
        done
        echo "$row"
    done
done

echo
echo "Grown in training, the recurrent matrix alone, from a twentieth to three fifths of the steps; float, then ternary in the"
echo "loop and packed for the ESP32-S3. Cycles are those of the layer, gates included, out of SRAM."
echo
echo "| weights | granularity | sparsity | bits per byte | to dense | packed bytes | cycles | times faster |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- |"
for weights in f32 ternary; do
    learn "dense-$weights" --dim "$dim" --dropout 0.1 --weights $weights
    base=$(bits "$work/dense-$weights.mote")
    for granularity in dense weight block block8x4 block16x16; do
        for sparsity in 0.25 0.5 0.75 0.9; do
            name=$granularity-$sparsity-$weights
            if [ $granularity = dense ]; then
                [ $sparsity = 0.25 ] || continue
                name=dense-$weights
            else
                learn "$name" --dim "$dim" --dropout 0.1 --weights $weights --prune-to $sparsity \
                    --prune-granularity $granularity --prune-layers 'layer0.recurrent*' \
                    --prune-steps $((steps / 20)):$((steps * 3 / 5))
            fi
            now=$(bits "$work/$name.mote")
            line="| $weights | $granularity | $sparsity | $now | $(more "$now" "$base") |"
            if [ $weights = ternary ]; then
                "$mote" quantize "$work/$name.mote" -o "$work/q.mote" --chip esp32s3 2>/dev/null
                spent=$(cycles "$work/q.mote")
                [ $granularity = dense ] && dense_cycles=$spent
                line="$line $(stat -c %s "$work/q.mote") | $spent | $(awk -v a="$dense_cycles" -v b="$spent" \
                    'BEGIN { printf "%.2f", a / b }') |"
            else
                line="$line | | |"
            fi
            echo "$line"
        done
    done
done

half=$((dim / 2))
"$mote" prune "$work/dense.mote" -o "$work/half.mote" --method activation --granularity unit --sparsity 0.5 --multiple 16 \
    --calibrate "$work/calibration" >/dev/null
learn tuned --init "$work/half.mote" --dropout 0.1 --lr 0.002
learn small --dim $half
echo
echo "Half the units: pruned and trained on for as many epochs, $(bits "$work/tuned.mote") bits per byte; a model of dim $half"
echo "trained from scratch, $(bits "$work/small.mote")."

[ -f "$data/stories260K.bin" ] || exit 0
"$mote" import "$data/stories260K.bin" --tokenizer "$data/tok512.bin" -o "$work/stories.mote" >/dev/null 2>&1
nats() { "$mote" eval --json "$1" --text "$data/tinystories-30k.txt" | figure nats_per_token; }
base=$(nats "$work/stories.mote")
echo
echo "stories260K ($base nats a token of tinystories-30k.txt), one shot, embeddings kept, calibrated on its own text: nats a"
echo "token more."
echo
echo "| method | granularity | 25 % | 50 % | 75 % | 90 % |"
echo "| --- | --- | --- | --- | --- | --- |"
for granularity in weight block block8x4 block16x16; do
    for method in magnitude activation gradient mincut "activation --compensate" "activation --global"; do
        row="| $method | $granularity |"
        for sparsity in 0.25 0.5 0.75 0.9; do
            # shellcheck disable=SC2086
            "$mote" prune "$work/stories.mote" -o "$work/p.mote" --method $method --granularity $granularity \
                --sparsity $sparsity --calibrate self >/dev/null 2>&1
            row="$row $(awk -v a="$(nats "$work/p.mote")" -v b="$base" 'BEGIN { printf "%+.3f", a - b }') |"
        done
        echo "$row"
    done
done
