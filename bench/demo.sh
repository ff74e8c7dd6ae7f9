#!/bin/sh
# `make demo` in a built tree: its time, the bytes of the packed model, and its RAM. Prints Markdown.
# Usage: bench/demo.sh BUILD
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$1
begin=$(date +%s)
"$root/examples/stories/demo" "$build" >"$build/demo.log" 2>&1
end=$(date +%s)
model="$build/demo/story-ternary.mote"

echo "| what | measured | at most |"
echo "| --- | --- | --- |"
echo "| the whole demo on $(nproc) cores | $((end - begin)) s | 180 s |"
echo "| packed model | $(stat -c %s "$model") bytes | 200,000 bytes |"
"$build/mote" info --json "$model" | awk -F'[:,]' '
    /"(arena|state)_bytes"/ { sum += $2 }
    END { printf "| arena and state | %d bytes | 4,096 bytes |\n", sum }'
echo
"$build/mote" eval "$build/demo/story.mote" "$model" --text "$build/demo/stories.txt" --from 0.9 | sed 's/^/    /'
