# --json of every verb that prints numbers is valid JSON, for file names, tensor names and texts of any bytes too.
cat >check.py <<'P'
import json, sys
everything = json.loads(sys.stdin.buffer.read().decode("utf-8"))
value = everything
for key in sys.argv[1:]:
    value = value[int(key) if key.lstrip("-").isdigit() else key]
print(*sys.argv[1:], "=", json.dumps(value))
P
check() {
    python3 check.py "$@" || echo "not JSON"
}
# Every byte is a token of the model, and its bytes are drawn alike: text that is not UTF-8.
python3 -c 'import random; r = random.Random(1); open("text", "wb").write(bytes(r.randrange(128, 256) for _ in range(20000)))'
"$MOTE" train text -o float.mote --dim 16 --embed 16 --steps 5 --json 2>/dev/null >trained || echo "training failed"
for key in model unit steps; do
    check $key <trained
done

# A tensor and a key of the metadata with other bytes, as another program may write them.
odd=$(printf 'odd\377.mote')
python3 - "$odd" <<'P'
import os, struct, sys, zlib
data = bytearray(open("float.mote", "rb").read().replace(b"layer0.recurrent", b"layer\xff.recurrent"))
data[12:16] = struct.pack("<I", zlib.crc32(data[16:]))
open(os.fsencode(sys.argv[1]), "wb").write(data)
P
"$MOTE" quantize "$odd" -o packed.mote 2>/dev/null || echo "quantizing failed"
"$MOTE" info "$odd" --json | check model
"$MOTE" info "$odd" --json | check operators 2 inputs
"$MOTE" eval "$odd" packed.mote --text text --json 2>/dev/null | check models 0 model
"$MOTE" prune "$odd" -o "$odd.half" --sparsity 0.5 --json | check layers 1 name
"$MOTE" quantize "$odd" -o q.mote --report --json 2>/dev/null | check matrices 2 name
"$MOTE" verify "$odd" packed.mote absent.mote --json 2>/dev/null >verified
for key in model valid packed; do
    check 0 $key <verified
done
check 1 golden <verified
check 2 error <verified
"$MOTE" tokenizer text --vocab 140 -o "$odd.tok" --json | check tokenizer
"$MOTE" tokenizer "$odd.tok" --show --json | check tokens 3 bytes
"$MOTE" tokenizer "$odd.tok" --encode "$odd" --json >/dev/null || echo "not encoded"
