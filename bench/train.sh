#!/bin/sh
# Training speed compared with PyTorch: the same model (embedding 64, one GRU layer, linear head; a transformer of 4
# layers, 4 heads, SwiGLU of 172), batch 32, AdamW and clipping, on the same text. PyTorch runs with the best of 1, 2
# and all cores, Mote with all cores. Prints Markdown. Usage: bench/train.sh BUILD [TEXT]
set -eu
# A forced core type would keep PyTorch from its best kernels.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
root=$(cd "$(dirname "$0")/.." && pwd)
mote=$1/mote
text=${2:-$root/../shared/data/tinyshakespeare.txt}
python=${PYTHON:-/usr/bin/python3}
seconds=6
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -f "$text" ] || {
    echo "SKIPPED: $text not present; name a text of about 1 MB" >&2
    exit 0
}
"$python" -c 'import torch' 2>/dev/null || {
    echo "SKIPPED: $python has no PyTorch (apt install python3-torch)" >&2
    exit 0
}

"$python" -c 'import torch; print("PyTorch", torch.__version__ + ",", end=" ")'
echo "$(nproc) cores of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), batch 32"
echo
echo "| model | sequence | PyTorch tokens/s (threads) | Mote tokens/s | ratio | PyTorch peak MB | Mote peak MB |"
echo "| --- | --- | --- | --- | --- | --- | --- |"

# compare NAME SEQUENCE DIM ARCHITECTURE [MOTE OPTIONS]
compare() {
    name=$1 sequence=$2 dim=$3 arch=$4
    shift 4
    best="0 0"
    for threads in $(printf '%s\n' 1 2 "$(nproc)" | sort -nu); do
        run=$("$python" "$root/bench/train_torch.py" "$text" --arch "$arch" --dim "$dim" --sequence "$sequence" \
            --threads "$threads" --seconds $seconds)
        best=$(printf '%s %s\n%s\n' "$run" "$threads" "$best" | sort -rn | head -1)
    done
    "$mote" train "$text" -o "$work/m.mote" --arch "$arch" --dim "$dim" --sequence "$sequence" "$@" --valid 0.1 \
        --minutes 0.1 2>"$work/log" >"$work/out"
    mote_line=$(tr '\r' '\n' <"$work/log" | grep 'of memory')
    echo "$best|$mote_line" | awk -v name="$name" -v sequence="$sequence" -F'|' '{
        split($1, torch, " "); split($2, mote, " ")
        speed = mote[3]; sub("k", "", speed); speed *= 1000
        printf "| %s | %d | %d (%d) | %d | %.1f | %d | %d |\n", name, sequence, torch[1], torch[4], speed,
               speed / torch[1], torch[2], mote[5]
    }'
}

for dim in 64 128 256; do
    compare "GRU $dim" 64 $dim gru
done
for sequence in 64 128; do
    compare "transformer 64" $sequence 64 transformer --layers 4 --heads 4 --hidden 172 --context $sequence
done
