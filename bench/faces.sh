#!/bin/sh
# Face detectors quantized from their float form: the faces that the float network finds and the integers find too, on the
# inputs that DATA has for each network. Prints Markdown. Usage: bench/faces.sh BUILD DATA
set -eu
mote=$(realpath "$1/mote")
data=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/tool.py" <<'END'
"""pictures FOLDER HEIGHT WIDTH ORDER OUT: arrays [1, 3, height, width] as PPM files; compare FLOAT.json OTHER.json: the
counts of faces, of those found, of new ones, and the mean overlap."""
import glob, json, os, sys
def pictures(folder, height, width, order, out):
    size = int(height) * int(width)
    os.makedirs(out)
    for path in glob.glob(folder + "/*.npy"):
        data = open(path, "rb").read()[-3 * size:]
        pixels = bytearray(3 * size)
        for channel, name in enumerate(order):
            at = "rgb".index(name)
            pixels[at::3] = data[channel * size:(channel + 1) * size]
        name = os.path.basename(path).split(".")[0]
        open("%s/%s.ppm" % (out, name), "wb").write(b"P6 %s %s 255\n" % (width.encode(), height.encode()) + pixels)
def overlap(a, b):
    width = min(a["right"], b["right"]) - max(a["left"], b["left"])
    height = min(a["bottom"], b["bottom"]) - max(a["top"], b["top"])
    both = max(width, 0) * max(height, 0)
    area = lambda x: (x["right"] - x["left"]) * (x["bottom"] - x["top"])
    return both / (area(a) + area(b) - both)
def compare(a, b):
    faces = new = 0
    overlaps = []
    for wanted, got in zip(json.load(open(a)), json.load(open(b)), strict=True):
        left = list(got["boxes"])
        for face in wanted["boxes"]:
            faces += 1
            best = max(left, key=lambda x: overlap(face, x), default=None)
            if best and overlap(face, best) >= 0.5:
                overlaps.append(overlap(face, best))
                left.remove(best)
        new += len(left)
    print("%d | %d | %d | %.3f" % (faces, len(overlaps), new, sum(overlaps) / len(overlaps)))
globals()[sys.argv[1]](*sys.argv[2:])
END
tool() { /usr/bin/python3 "$work/tool.py" "$@"; }

boxes_of() { # MODEL PICTURES OUT
    set -- "$1" "$3" "$2"/*.ppm
    model=$1 out=$2
    shift 2
    inputs=
    for picture; do
        inputs="$inputs --input $picture"
    done
    "$mote" run "$model" $inputs --json >"$out"
}

table() { # FOLDER HEIGHT WIDTH ORDER PREPROCESS BOXES
    tool pictures "$data/$1/in" "$2" "$3" "$4" "$work/$6"
    "$mote" import "$data/$1"/*.onnx --preprocess "$5" --boxes "$6" -o "$work/float.mote" >/dev/null 2>&1
    boxes_of "$work/float.mote" "$work/$6" "$work/float.json"
    for options in "" "--outputs int16" "--activations int16"; do
        "$mote" quantize "$work/float.mote" --calibrate "$work/$6" $options -o "$work/q.mote" 2>/dev/null
        boxes_of "$work/q.mote" "$work/$6" "$work/q.json"
        echo "| $1 | int8${options:+, \`$options\`} | $(tool compare "$work/float.json" "$work/q.json") |"
    done
}

echo "| network | | faces of float | found | new | mean overlap |"
echo "| --- | --- | --- | --- | --- | --- |"
table ultraface_slim_320 240 320 rgb 'rgb mean=127 std=128' ultraface
table yunet_s_320 320 320 bgr 'bgr mean=0 std=1' yunet
