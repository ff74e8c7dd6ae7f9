# Boxes of a detector: kept in a model or given, as text, JSON and a picture. The network's map is the picture: pixels
# above 127 are cells of an object.
cat >n.json <<END
{"format": "mote-manifest", "version": 2, "packed": false, "configuration": "labels=ground\tthing\nboxes=fomo\n",
 "tensors": [
  {"name": "x", "role": "input", "type": "f32", "shape": [4, 6, 1]},
  {"name": "w", "role": "constant", "type": "f32", "shape": [2, 1], "values": [-1, 1]},
  {"name": "b", "role": "constant", "type": "f32", "shape": [2], "values": [1, 0]},
  {"name": "y", "role": "output", "type": "f32", "shape": [4, 6, 2]}],
 "operators": [
  {"name": "y", "operator": "conv", "inputs": {"x": "x", "weights": "w", "bias": "b"}, "outputs": {"y": "y"}, "params":
   {"shift": 0, "gain": 0, "group": 0, "exponent": 0, "fraction": 0, "kernel_height": 1, "kernel_width": 1,
    "stride_height": 1, "stride_width": 1, "dilation_height": 1, "dilation_width": 1, "top": 0, "left": 0, "bottom": 0,
    "right": 0, "parts": 1, "low": 0, "high": 0, "rounding": 0}}]}
END
"$MOTE" convert n.json -o n.mote
run() {
    "$MOTE" run "$@"
    code=$?
    [ $code = 0 ] || echo "exit code $code"
}
/usr/bin/python3 - <<END
rows = ["......", ".##...", ".#...@", "......"]
level = {".": 10, "#": 200, "@": 250}
pixels = [level[c] for row in rows for c in row]
open("small.pgm", "wb").write(b"P5 6 4 255\n" + bytes(pixels))
large = [pixels[y // 10 * 6 + x // 10] for y in range(40) for x in range(60)]
open("large.pgm", "wb").write(b"P5 60 40 255\n" + bytes(large))
open("none.pgm", "wb").write(b"P5 6 4 255\n" + bytes(24))
open("values.csv", "w").write(",".join(str(p / 255) for p in pixels) + "\n")
END
for input in small.pgm large.pgm none.pgm values.csv; do
    run n.mote --input $input
done
echo "two files, another threshold, JSON:"
run n.mote --input small.pgm --input none.pgm
run n.mote --input small.pgm --boxes 'fomo threshold=0.9'
run n.mote --input small.pgm --boxes 'fomo threshold=0.9' --json
echo "packed, and on a simulated chip:"
"$MOTE" quantize n.mote --calibrate small.pgm -o q.mote
run q.mote --input large.pgm
"$MOTE" sim q.mote --chip esp32c3 --input small.pgm | head -2
echo "a picture of them:"
run n.mote --input large.pgm -o boxes.png
/usr/bin/python3 - <<END
import struct, zlib
data = open("boxes.png", "rb").read()
at, parts = 8, b""
while at < len(data):
    size, kind = struct.unpack(">I4s", data[at:at + 8])
    if kind == b"IHDR":
        width, height = struct.unpack(">II", data[at + 8:at + 16])
    parts += data[at + 8:at + 8 + size] if kind == b"IDAT" else b""
    at += size + 12
raw, stride, rows, last = zlib.decompress(parts), width * 3, [], bytes(width * 3)
for y in range(height):
    kind, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
    for i in range(stride):
        a, b, c = line[i - 3] if i > 2 else 0, last[i], last[i - 3] if i > 2 else 0
        p = a + b - c
        paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
        line[i] = (line[i] + [0, a, b, (a + b) // 2, paeth][kind]) % 256
    rows.append(line)
    last = line
for y in range(0, height, 1):
    print("".join("o" if rows[y][3 * x] != rows[y][3 * x + 1] else "#" if rows[y][3 * x] > 127 else "." for x in range(width)))
END
echo "refused:"
run n.mote --input values.csv -o values.png
run n.mote --input small.pgm --input none.pgm -o two.png
run n.mote --input small.pgm --boxes yunet
run n.mote --input small.pgm --boxes ultraface
for words in '' 'faces' 'fomo overlap=0.5' 'fomo threshold=x' 'fomo threshold=-1' 'ssd strides=0' 'ssd strides=8,300' 'ssd sizes=1,2,3,4,5' \
    'ssd variances=0.1' 'ssd sizes=8/16/' 'ssd sizes=8/16/32/64/1/2/3'; do
    run n.mote --input small.pgm --boxes "$words"
done
ls
