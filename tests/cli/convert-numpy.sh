# Every type and layout of weights as npz and JSON: NumPy reads the arrays, they are what docs/SPEC.md says of the
# model's bytes, decoded here anew, and the JSON lists the same; an archive that NumPy wrote from them is the same model.
python=/usr/bin/python3
$python -c 'import numpy' 2>/dev/null ||
    { echo "SKIPPED: no NumPy for $python; scripts/setup test installs it"; exit; }
yes 'the quick brown fox jumps over the lazy dog, ' | head -c 20000 >text
"$MOTE" train text -o float.mote --dim 136 --embed 20 --steps 5 >/dev/null 2>&1 || echo "training failed"
for type in int16 int8 int6 int5 int4 fp16 ternary binary; do
    "$MOTE" quantize float.mote --weights $type --head $type -o $type.mote 2>/dev/null || echo "quantizing failed"
done
"$MOTE" quantize float.mote --weights ternary --trits 5 -o trits.mote 2>/dev/null || echo "quantizing failed"
"$MOTE" quantize float.mote --weights int4 --head int6 --group 16 -o groups.mote 2>/dev/null || echo "quantizing failed"
"$MOTE" quantize float.mote --weights int8 --chip esp32s3 -o lanes.mote 2>/dev/null || echo "quantizing failed"
"$MOTE" prune float.mote --method magnitude --granularity block16x16 --sparsity 0.8 -o sparse.mote >/dev/null 2>&1 ||
    echo "pruning failed"
"$MOTE" quantize sparse.mote --weights int8 --chip esp32s3 -o tiles.mote 2>/dev/null || echo "quantizing failed"
cat >check.py <<'END'
import json, struct, sys, zipfile
import numpy as np

WHOLE = {0: "<f4", 1: "<i4", 2: "<i2", 3: "<i1", 4: "<u2", 11: "<f2"}
NAMES = {0: "f32", 1: "int32", 2: "int16", 3: "int8", 4: "ids", 5: "ternary", 6: "ternary/5", 7: "int4", 8: "binary",
         9: "int5", 10: "int6", 11: "fp16"}
LAYOUTS = ["rows", "lanes16", "tiles16"]

def constants(model):
    count, at = struct.unpack_from("<2I", model, 20)
    names = struct.unpack_from("<I", model, 60)[0]
    for i in range(count):
        name, dtype, role, rank, layout, *rest = struct.unpack_from("<I4B9I", model, at + 64 * i)
        if role == 0:
            text = model[names + name:model.index(b"\0", names + name)].decode()
            gaps = dtype == 3 and not layout and rest[6] != rest[rank - 1]
            yield text, dtype, layout, gaps, rest[:rank], model[rest[7]:rest[7] + rest[8]]

def plane(row, columns, bits):  # groups of 128 / bits columns in 16 bytes
    group = 128 // bits
    return [row[c // group * 16 + c % 16] >> (c % group // 16 * bits) & ((1 << bits) - 1) for c in range(columns)]

def plane_size(columns, bits):
    return -(-columns * bits // 128) * 16

def codes(dtype, row, columns):
    if dtype == 5:
        return [c - 1 for c in plane(row, columns, 2)]
    if dtype == 6:
        return [row[c // 5] // 3 ** (c % 5) % 3 - 1 for c in range(columns)]
    if dtype == 8:
        return [2 * c - 1 for c in plane(row, columns, 1)]
    low = plane(row, columns, 4)
    if dtype == 7:
        return [c - 8 for c in low]
    above = plane(row[plane_size(columns, 4):], columns, dtype - 8)  # one bit of int5, two of int6
    return [l + 16 * h - (16 if dtype == 9 else 32) for l, h in zip(low, above)]

def numbers(dtype, layout, shape, data):
    if layout:
        return np.frombuffer(data, "u1")
    if dtype in WHOLE:
        return np.frombuffer(data, WHOLE[dtype]).reshape(shape)
    size = len(data) // shape[0]
    return np.array([codes(dtype, data[r * size:(r + 1) * size], shape[1]) for r in range(shape[0])], "i1")

model, archive, text, again = sys.argv[1:]
arrays, seen = np.load(archive), json.load(open(text))
manifest = json.loads(arrays["manifest.json"])
listed = {t["name"]: t for t in seen["tensors"] if t["role"] == "constant"}
members = {t["name"]: t["array"][:-len(".npy")] for t in manifest["tensors"] if t["role"] == "constant"}
types = set()
for name, dtype, layout, gaps, shape, data in constants(open(model, "rb").read()):
    wanted, tensor = numbers(dtype, layout or gaps, shape, data), listed[name]
    got = arrays[members.pop(name)]
    assert got.dtype == wanted.dtype and np.array_equal(got, wanted), name
    assert np.array_equal(np.array(tensor["values"], wanted.dtype), wanted.flatten()), name
    assert tensor["type"] == NAMES[dtype] and tensor["shape"] == shape, name
    assert tensor.get("layout", "rows") == LAYOUTS[layout], name
    types.add(NAMES[dtype] + (" in " + LAYOUTS[layout] if layout else " with gaps" if gaps else ""))
    del listed[name]
assert not listed and not members
assert seen["totals"] == manifest["totals"] and seen["operators"] == manifest["operators"]
np.savez(again, **{n: arrays[n] for n in arrays.files if n != "manifest.json"})
with zipfile.ZipFile(again, "a") as z:
    z.writestr("manifest.json", arrays["manifest.json"])
print(model, sorted(types))
END
for model in float int16 int8 int6 int5 int4 fp16 ternary binary trits groups lanes tiles; do
    rm -f back.mote
    "$MOTE" convert $model.mote --to npz -o out.npz && "$MOTE" convert $model.mote --to json -o out.json
    $python check.py $model.mote out.npz out.json again.npz
    "$MOTE" convert again.npz -o back.mote && cmp $model.mote back.mote && echo "and back"
done
