# A network that is no language model: measured, trained, pruned and calibrated on arrays that NumPy wrote; what NumPy
# says of its outputs is what eval prints; what does not fit is refused by name.
python=/usr/bin/python3
$python -c 'import numpy' 2>/dev/null ||
    { echo "SKIPPED: no NumPy for $python; scripts/setup test installs it"; exit; }
cat >make.py <<'END'
import json, sys
import numpy as np

r = np.random.default_rng(1)
weights = {"first.weight": (8, 4), "first.bias": (8,), "last.weight": (3, 8), "last.bias": (3,)}
weights = {name: r.uniform(-1, 1, shape).astype(np.float32) for name, shape in weights.items()}
def tensor(name, role, shape, **more):
    return {"name": name, "role": role, "type": "f32", "shape": shape, "scale": 0, "offset": 0, **more}
tensors = [tensor("x", "input", [4]), tensor("h", "activation", [8]), tensor("s", "activation", [8]),
           tensor("scores", "output", [3])]
for name, w in weights.items():
    t = tensor(name, "constant", list(w.shape), values=[float(v) for v in w.ravel()])
    del t["offset"]
    tensors.append(t)
operators = [
    {"name": "first", "operator": "linear", "inputs": {"x": "x", "weights": "first.weight", "bias": "first.bias"},
     "outputs": {"y": "h"}, "params": {}},
    {"name": "curve", "operator": "silu", "inputs": {"x": "h"}, "outputs": {"y": "s"}, "params": {}},
    {"name": "last", "operator": "linear", "inputs": {"x": "s", "weights": "last.weight", "bias": "last.bias"},
     "outputs": {"y": "scores"}, "params": {}}]
json.dump({"format": "mote-manifest", "version": 2, "packed": False, "arena_bytes": 0, "state_bytes": 0,
           "configuration": "", "tensors": tensors, "operators": operators}, open("m.json", "w"))

x = r.uniform(-1, 1, (600, 4))
right = x[:, :3].argmax(1)
np.savez("data.npz", x=x, targets=right)
np.savez("values.npz", x=x.astype(np.float32), scores=np.tile([1.0, 2, 3], (600, 1)))
np.savez("inputs.npz", x=x)
np.savez("narrow.npz", x=x[:, :3], targets=right)
np.savez("words.npz", x=x, targets=np.array(["a"] * 600))
np.savez("nobody.npz", targets=right)
np.savez("beyond.npz", x=x, targets=right + 1)
np.savez_compressed("small.npz", x=x, targets=right)

h = x @ weights["first.weight"].T + weights["first.bias"]
y = h / (1 + np.exp(-h)) @ weights["last.weight"].T + weights["last.bias"]
nats = np.log(np.exp(y).sum(1)) - y[np.arange(600), right]
confusion = np.zeros((3, 3), int)
np.add.at(confusion, (right, y.argmax(1)), 1)
json.dump({"nats": nats.mean(), "accuracy": (y.argmax(1) == right).mean(), "confusion": confusion.tolist(),
           "squares": ((y - [1, 2, 3]) ** 2).mean()}, open("numpy.json", "w"))
END
$python make.py
"$MOTE" convert m.json -o m.mote || echo "convert failed"
"$MOTE" eval m.mote data.npz --json >nats.json || echo "eval failed"
"$MOTE" eval m.mote values.npz --json >squares.json || echo "eval failed"
cat >compare.py <<'END'
import json
numpy, nats, squares = json.load(open("numpy.json")), json.load(open("nats.json")), json.load(open("squares.json"))
nats, squares = nats["models"][0], squares["models"][0]
print(nats["task"], nats["samples"], abs(nats["loss"] - numpy["nats"]) < 1e-6, nats["confusion"] == numpy["confusion"],
      abs(nats["accuracy"] - numpy["accuracy"]) < 1e-9)
print(squares["task"], squares["samples"], abs(squares["loss"] - numpy["squares"]) < 1e-5)
END
$python compare.py
"$MOTE" train data.npz --init m.mote -o t.mote --epochs 60 --lr 0.02 >/dev/null 2>&1 || echo "training failed"
"$MOTE" eval t.mote data.npz --json >t.json
$python -c 'import json; print("learned", json.load(open("t.json"))["models"][0]["accuracy"] > 0.9)'
for method in magnitude activation gradient mincut; do
    "$MOTE" prune t.mote -o p.mote --sparsity 0.25 --method $method --compensate --calibrate data.npz >pruned 2>/dev/null ||
        echo "pruning by $method failed"
    grep -c 'nats/sample of the calibration samples' pruned
done
for data in inputs narrow words nobody beyond small; do
    "$MOTE" eval m.mote $data.npz
done 2>&1
"$MOTE" eval m.mote 2>&1
"$MOTE" eval data.npz 2>&1
"$MOTE" eval m.mote --text make.py 2>&1
"$MOTE" run m.mote 2>&1
"$MOTE" train data.npz -o x.mote 2>&1
"$MOTE" train inputs.npz --init m.mote -o x.mote 2>&1
"$MOTE" prune m.mote -o x.mote --sparsity 0.5 --method gradient --calibrate inputs.npz 2>&1
"$MOTE" prune m.mote -o x.mote --sparsity 0.5 --method activation --calibrate self 2>&1
"$MOTE" prune m.mote -o x.mote --sparsity 0.5 --method activation --calibrate make.py 2>&1
"$MOTE" quantize m.mote -o x.mote 2>&1
:
