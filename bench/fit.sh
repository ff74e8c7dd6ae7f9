#!/bin/sh
# The mixes of types that `mote quantize --fit esp32s3` finds for stories260K (llama2.c). Prints Markdown.
# Usage: bench/fit.sh BUILD [CHECKPOINT TOKENIZER]
set -eu
mote=$1/mote
data=$(cd "$(dirname "$0")/.." && pwd)/../shared/data
checkpoint=${2:-$data/stories260K.bin}
tokenizer=${3:-$data/tok512.bin}
[ -f "$checkpoint" ] || {
    echo "SKIPPED: $checkpoint not present; name a checkpoint and its tokenizer" >&2
    exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$mote" import "$checkpoint" --tokenizer "$tokenizer" -o "$work/story.mote" 2>/dev/null
"$mote" quantize "$work/story.mote" --context 256 --fit esp32s3 --json -o "$work/packed.mote" >"$work/json" 2>/dev/null
echo "| added loss, nats a token | of float | bytes | tokens/s |"
echo "| --- | --- | --- | --- |"
/usr/bin/python3 - "$work/json" <<'END'
import json
import sys

found = json.load(open(sys.argv[1]))
for mix in found["mixes"]:
    row = ["%+.4f" % mix["added_loss"], "%+.2f %%" % (100 * mix["added_loss"] / found["float_loss"]), str(mix["bytes"]),
           "%.0f" % mix["tokens_per_second"]]
    print("| " + " | ".join("**" + cell + "**" if mix["chosen"] else cell for cell in row) + " |")
END
