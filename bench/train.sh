#!/bin/sh
# Training speed beside PyTorch's: the same model (embedding 64, one GRU layer, linear head), batch 32, sequence 64, AdamW
# and clipping, on the same text. PyTorch with its best thread setting of 1, 2 and all cores; Mote with all cores.
# Prints Markdown. Usage: bench/train.sh BUILD [TEXT]
set -eu
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
echo "$(nproc) cores of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), batch 32, sequence 64"
echo
echo "| dim | PyTorch tokens/s (threads) | Mote tokens/s | ratio | PyTorch peak MB | Mote peak MB |"
echo "| --- | --- | --- | --- | --- | --- |"
for dim in 64 128 256; do
    best="0 0"
    for threads in $(printf '%s\n' 1 2 "$(nproc)" | sort -nu); do
        run=$("$python" "$root/bench/train_torch.py" "$text" --dim $dim --threads "$threads" --seconds $seconds)
        best=$(printf '%s %s\n%s\n' "$run" "$threads" "$best" | sort -rn | head -1)
    done
    "$mote" train "$text" -o "$work/m.mote" --dim $dim --valid 0.1 --minutes 0.1 2>"$work/log" >"$work/out"
    mote_line=$(tr '\r' '\n' <"$work/log" | grep 'of memory')
    echo "$best|$mote_line" | awk -v dim=$dim -F'|' '{
        split($1, torch, " "); split($2, mote, " ")
        speed = mote[3]; sub("k", "", speed); speed *= 1000
        printf "| %d | %d (%d) | %d | %.1f | %d | %d |\n", dim, torch[1], torch[4], speed, speed / torch[1], torch[2], mote[5]
    }'
done
