#!/bin/sh
# Time and memory of importing a model of 60 MB, as a llama2.c checkpoint and as safetensors: the best of three runs.
# Prints Markdown. Usage: bench/import.sh BUILD
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mote=$1/mote
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -x /usr/bin/time ] || {
    echo "bench/import.sh: needs the package time" >&2
    exit 6
}
python3 "$root/bench/import_files.py" "$work"

row() { # WHAT INPUT FILE
    size=$(stat -c %s "$3")
    : >"$work/times"
    for _ in 1 2 3; do
        /usr/bin/time -a -o "$work/times" -f '%e %U %S %M' "$mote" import "$2" -o "$work/out.mote" 2>"$work/log" ||
            { cat "$work/log" >&2; exit 1; }
    done
    sort -n "$work/times" | awk -v what="$1" -v size="$size" 'NR == 1 {
        printf "| %s | %d | %.2f | %.2f | %d | %.2f |\n", what, size, $1, $2 + $3, $4 * 1024, $4 * 1024 / size
    }'
}

echo "| file | bytes | seconds, at most 2 | of which processor | most memory, bytes | of the file, at most 1.2 |"
echo "| --- | --- | --- | --- | --- | --- |"
row "llama2.c, version 0" "$work/model.bin" "$work/model.bin"
row "safetensors, F32" "$work/folder" "$work/folder/model.safetensors"
