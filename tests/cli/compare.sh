# Two networks beside each other: equal ones, a float one and its integers, arrays from elsewhere; what is refused. The
# second layer doubles what the first one adds up.
cat >n.json <<END
{"format": "mote-manifest", "version": 2, "packed": false,
 "tensors": [
  {"name": "x", "role": "input", "type": "f32", "shape": [2, 2, 1]},
  {"name": "flat", "role": "activation", "type": "f32", "shape": [4]},
  {"name": "w", "role": "constant", "type": "f32", "shape": [2, 4], "values": [1, 1, 0, 0, 0, 0, 1, 1]},
  {"name": "sums", "role": "activation", "type": "f32", "shape": [2]},
  {"name": "y", "role": "output", "type": "f32", "shape": [2]}],
 "operators": [
  {"name": "flat", "operator": "reshape", "inputs": {"x": "x"}, "outputs": {"y": "flat"},
   "params": {"dim0": 4, "dim1": 0, "dim2": 0, "dim3": 0, "dim4": 0, "dim5": 0}},
  {"name": "sums", "operator": "linear", "inputs": {"x": "flat", "weights": "w"}, "outputs": {"y": "sums"}, "params": {}},
  {"name": "y", "operator": "add", "inputs": {"a": "sums", "b": "sums"}, "outputs": {"y": "y"}, "params": {}}]}
END
sed 's/"values": .1, 1, 0, 0/"values": [1, 2, 0, 0/' n.json >other.json
sed 's/\[2, 4\], "values": .*/[3, 4], "values": [1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]},/; s/"sums", "role": "activation", "type": "f32", "shape": .2./"sums", "role": "activation", "type": "f32", "shape": [3]/
s/"y", "role": "output", "type": "f32", "shape": .2./"y", "role": "output", "type": "f32", "shape": [3]/; s/2, 2, 1/4/; s/flat", "role": "activation/flattened", "role": "activation/
s/"y": "flat"/"y": "flattened"/; s/"x": "flat"/"x": "flattened"/' n.json >shape.json
for model in n other shape; do
    "$MOTE" convert $model.json -o $model.mote
done
compare() {
    "$MOTE" compare "$@"
    code=$?
    [ $code = 0 ] || echo "exit code $code"
}
printf '1,2,3,4\n0.5,0,-1,0\n' >in.csv
"$MOTE" quantize n.mote --calibrate in.csv -o q.mote 2>/dev/null
echo "the same, and another weight:"
compare n.mote n.mote --input in.csv
compare n.mote other.mote --input in.csv
echo "integers:"
compare q.mote q.mote --input in.csv | tail -2
compare n.mote q.mote --input in.csv --json >json
/usr/bin/python3 -c "
import json
c = json.load(open('json'))
print(c['frames'], [(r['name'], r['compared'], r['snr_db'] is None or r['snr_db'] > 35) for r in c['results']])"
echo "arrays: of all frames, of the first one, of another size:"
/usr/bin/python3 - <<END
import struct, zipfile
def npy(shape, values):
    head = ("{'descr': '<f4', 'fortran_order': False, 'shape': %s, }" % (shape,)).ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + struct.pack("<%df" % len(values), *values)
def save(name, **arrays):
    with zipfile.ZipFile(name, "w") as z:
        for key, (shape, values) in arrays.items():
            z.writestr(key + ".npy", npy(shape, values))
save("all.npz", sums=((2, 2), [3, 7, 0.5, -1]), y=((2, 2), [6, 14, 1, -2.5]))
save("first.npz", sums=((2,), [3, 8]))
save("size.npz", sums=((3,), [3, 7, 0]))
END
for values in all first size; do
    compare $values.npz n.mote --input in.csv
done
echo "refused:"
compare n.mote shape.mote --input in.csv
compare n.mote n.mote
compare n.mote nowhere.mote --input in.csv
compare n.mote n.mote --input nowhere.csv
compare in.csv n.mote --input in.csv
