# Networks of arrays at their edges: samples without time train one that attends, a loss beyond a float's range ends the
# training, two tables share one input of ids, and a run takes work in proportion to the file.
python=/usr/bin/python3
$python -c 'import numpy' 2>/dev/null ||
    { echo "SKIPPED: no NumPy for $python; scripts/setup test installs it"; exit; }
cat >make.py <<'END'
import json
import numpy as np

r = np.random.default_rng(7)
def tensor(name, role, shape, type="f32", **more):
    return {"name": name, "role": role, "type": type, "shape": shape, **more}
def constant(name, shape):
    return tensor(name, "constant", shape, values=r.uniform(-1, 1, int(np.prod(shape))).tolist())
def operator(name, kind, inputs, **params):
    return {"name": name, "operator": kind, "inputs": inputs, "outputs": {"y": name}, "params": params}
def network(path, tensors, operators):
    json.dump({"format": "mote-manifest", "version": 2, "packed": False, "tensors": tensors, "operators": operators},
              open(path, "w"))

d = 4
network("attends.json",
        [tensor("x", "input", [d])] + [constant(n + ".w", [d, d]) for n in "qkv"] +
        [tensor(n, "activation", [d]) for n in "qkv"] +
        [tensor(n, "state", [8, d]) for n in ("keys", "values")] + [tensor("y", "output", [d])],
        [operator(n, "linear", {"x": "x", "weights": n + ".w"}) for n in "qkv"] +
        [operator("y", "attention", {n: n for n in ("q", "k", "v", "keys", "values")}, heads=2, kv_heads=2)])
np.savez("attends.npz", x=r.uniform(-1, 1, (200, d)), targets=r.integers(0, d, 200))
network("one.json", [tensor("x", "input", [2]), constant("w", [1, 2]), tensor("y", "output", [1])],
        [operator("y", "linear", {"x": "x", "weights": "w"})])
np.savez("huge.npz", x=r.uniform(-1, 1, (100, 2)), targets=np.full((100, 1), 1e30))
network("two.json",
        [tensor("id", "input", [1], "ids"), constant("t", [5, d]), constant("u", [5, d]),
         tensor("a", "activation", [d]), tensor("b", "activation", [d]), tensor("y", "output", [d])],
        [operator(n, "embedding", {"ids": "id", "table": t}) for n, t in (("a", "t"), ("b", "u"))] +
        [operator("y", "add", {"a": "a", "b": "b"})])
np.savez("ids.npz", id=r.integers(0, 5, (50, 1)))
END
$python make.py
for name in attends one two; do
    "$MOTE" convert $name.json -o $name.mote 2>&1 >/dev/null
done
for sequence in 2 4; do
    "$MOTE" train attends.npz --init attends.mote -o t.mote --steps 3 -b 4 --sequence $sequence >/dev/null 2>&1
    echo "attends: $?"
done
(ulimit -f 2000; timeout 60 "$MOTE" train huge.npz --init one.mote -o t.mote --steps 3 -b 4 2>&1 | tail -1)
"$MOTE" quantize two.mote -o q.mote --calibrate ids.npz >/dev/null 2>&1
echo "two tables: $?"
"$MOTE" verify q.mote | head -1
"$MOTE" quantize attends.mote -o a.mote --calibrate attends.npz >/dev/null 2>&1
"$MOTE" convert a.mote --to json -o a.json >/dev/null 2>&1
$python -c 'import json; m = json.load(open("a.json")); del m["golden"]; json.dump(m, open("bare.json", "w"))'
"$MOTE" convert bare.json -o bare.mote >/dev/null 2>&1
"$MOTE" sim bare.mote --chip esp32s3
echo "$?"
cat >adds.py <<'END'
import json, sys
count, n = int(sys.argv[1]), int(sys.argv[2])
def tensor(name, role, size, offset):
    return {"name": name, "role": role, "type": "int16", "shape": [size], "offset": offset}
json.dump({"format": "mote-manifest", "version": 2, "packed": True, "arena_bytes": 4 * n + 16, "state_bytes": 0,
           "tensors": [tensor("in", "input", 8, 0), tensor("x", "activation", n, 16),
                       tensor("y", "output", n, 16 + 2 * n)],
           "operators": [{"name": f"a{i}", "operator": "add", "inputs": {"a": "x", "b": "x"}, "outputs": {"y": "y"},
                          "params": {}} for i in range(count)]}, open("adds.json", "w"))
END
for size in "1 8192" "2000 65536"; do
    $python adds.py $size
    "$MOTE" convert adds.json -o adds.mote && "$MOTE" verify adds.mote
done
