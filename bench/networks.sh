#!/bin/sh
# Networks quantized from their float form: how far their outputs are from those of the float network, next to the int8
# file that its authors made of it with TensorFlow Lite. Both read the same inputs: those that TensorFlow Lite Micro's
# outputs are given for. Prints Markdown. Usage: bench/networks.sh BUILD DATA
set -eu
mote=$(realpath "$1/mote")
data=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/tool.py" <<'END'
"""npz OUT NAME SHAPE FILES: float inputs as an array; error FLOAT.csv OTHER.csv: mean squared difference."""
import struct, sys, zipfile
def npz(out, name, shape, *files):
    data = b"".join(open(f, "rb").read() for f in files)
    head = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %s), }" % (len(files), shape)
    head += " " * ((53 - len(head)) % 64) + "\n"
    with zipfile.ZipFile(out, "w") as z:
        z.writestr(name + ".npy", b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head.encode() + data)
def rows(path):
    return [[float(v) for v in line.split(",")] for line in open(path).read().split("\n")[1:] if line]
def error(a, b):
    pairs = [(x, y) for p, q in zip(rows(a), rows(b), strict=True) for x, y in zip(p, q, strict=True)]
    print(sum((x - y) ** 2 for x, y in pairs) / len(pairs))
globals()[sys.argv[1]](*sys.argv[2:])
END
tool() { /usr/bin/python3 "$work/tool.py" "$@"; }

# Prints the error of the model, which reads the inputs given after it.
error_of() {
    "$mote" run "$1" --input "$2" -o "$work/out.csv" >/dev/null
    tool error "$work/float.csv" "$work/out.csv"
}

# Prints the error of the network quantized with samples and options.
quantized() {
    samples=$1
    shift
    "$mote" quantize "$work/float.mote" --calibrate "$work/$samples.npz" -o "$work/q.mote" "$@" 2>/dev/null
    error_of "$work/q.mote" "$work/all.npz"
}

echo "| network | TensorFlow Lite int8 | int8 | int8, two samples | powers of two | int4 | int16 activations |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
for network in hello_world ad01 kws tinymaix_mnist_valid tinymaix_mnist_dw tinymaix_mnist_resnet tinymaix_cifar10 \
    tinymaix_mbnet96 tinymaix_vww96; do
    float=$data/${network}_float given=$data/$network
    "$mote" import "$float"/*.tflite -o "$work/float.mote" >/dev/null 2>&1
    "$mote" import "$given"/*.tflite -o "$work/given.mote" >/dev/null 2>&1
    name=$("$mote" info "$work/float.mote" | sed -n 's/^  \([^ ]*\) *input .*/\1/p')
    shape=$("$mote" info "$work/float.mote" | sed -n 's/^  [^ ]* *input *f32 *\([0-9x ]*[0-9]\)  *[0-9]*$/\1/p' | sed 's/ x /, /g')
    set -- "$float"/in_*.bin
    tool npz "$work/all.npz" "$name" "$shape" "$@"
    tool npz "$work/half.npz" "$name" "$shape" "$1" "$2"
    cat "$given"/in_*.bin >"$work/given.bin"
    "$mote" run "$work/float.mote" --input "$work/all.npz" -o "$work/float.csv" >/dev/null
    printf '| %s' "$network"
    for error in "$(error_of "$work/given.mote" "$work/given.bin")" "$(quantized all)" "$(quantized half)" \
        "$(quantized all --scale pow2-row)" "$(quantized all --weights int4)" \
        "$(quantized all --activations int16)"; do
        printf ' | %.3g' "$error"
    done
    echo ' |'
done
