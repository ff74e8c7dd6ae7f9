#!/bin/sh
# The best model of at most 200,000 bytes for tiny Shakespeare: int4 in the loop, taught by a float model, then tuned at a
# low rate. The first 90 % of the text are for training, the loss is that of the last 10 %. Prints Markdown. About an hour
# on two cores.
# Usage: bench/best.sh BUILD [TEXT]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mote=$1/mote
text=${2:-$root/../shared/data/tinyshakespeare.txt}
[ -f "$text" ] || {
    echo "SKIPPED: $text not present; name a text of about 1 MB" >&2
    exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

learn() { # NAME OPTIONS...
    name=$1
    shift
    echo "$name: $*" >&2
    "$mote" train "$text" -o "$work/$name.mote" "$@" >/dev/null 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
}
row() { # FILE TEXT
    bits=$("$mote" eval --json "$work/$1.mote" --text "$text" --from 0.9 | sed -n 's/.*"bits_per_byte": \([0-9.]*\).*/\1/p')
    printf '| %s | %s | %.4f |\n' "$2" "$(stat -c %s "$work/$1.mote")" "$bits"
}

learn teacher --dim 512 --embed 32 --dropout 0.45 --epochs 18
learn student --dim 304 --embed 16 --weights int4 --dropout 0.2 --epochs 24 --teacher "$work/teacher.mote" \
    --teacher-weight 0.6
learn tuned --init "$work/student.mote" --weights int4 --dropout 0.15 --epochs 5 --lr 0.0012 --warmup 0.1 --ramp 0 \
    --teacher "$work/teacher.mote" --teacher-weight 0.6
"$mote" quantize "$work/student.mote" -o "$work/student-packed.mote" 2>/dev/null
"$mote" quantize "$work/tuned.mote" -o "$work/tuned-packed.mote" 2>/dev/null

echo "| model | file bytes | bits per byte |"
echo "| --- | --- | --- |"
row teacher "the teacher: float GRU, --dim 512 --embed 32 --dropout 0.45, 18 epochs"
row student-packed "GRU, --dim 304 --embed 16 --weights int4 --dropout 0.2, 24 epochs, --teacher-weight 0.6"
row tuned-packed "the same, 5 epochs more at --lr 0.0012 --dropout 0.15"
