# mote run on files: formats of inputs and outputs, and what is refused. y = w·x, where x is a picture of 2 by 2 pixels.
cat >n.json <<END
{"format": "mote-manifest", "version": 2, "packed": false,
 "tensors": [
  {"name": "x", "role": "input", "type": "f32", "shape": [2, 2, 1]},
  {"name": "flat", "role": "activation", "type": "f32", "shape": [4]},
  {"name": "w", "role": "constant", "type": "f32", "shape": [3, 4], "values": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1]},
  {"name": "y", "role": "output", "type": "f32", "shape": [3]}],
 "operators": [
  {"name": "flat", "operator": "reshape", "inputs": {"x": "x"}, "outputs": {"y": "flat"}, 
   "params": {"dim0": 4, "dim1": 0, "dim2": 0, "dim3": 0, "dim4": 0, "dim5": 0}},
  {"name": "y", "operator": "linear", "inputs": {"x": "flat", "weights": "w"}, "outputs": {"y": "y"}, "params": {}}]}
END
"$MOTE" convert n.json -o n.mote
run() {
    "$MOTE" run n.mote "$@"
    code=$?
    [ $code = 0 ] || echo "exit code $code"
}
echo "CSV, two frames:"
printf 'a,b,c,d\n1,2,3,4\n-1;-2;-3;0.5\n' >in.csv
run --input in.csv -o out.csv
cat out.csv
echo "raw values, there and back:"
printf '\0\0\200\77\0\0\0\100\0\0\100\100\0\0\200\100' >in.bin
run --input in.bin -o out.bin
od -An -tx1 out.bin
echo "a picture:"
printf 'P5 2 2 255\n\0\377\063\146' >in.pgm
run --input in.pgm
run --input in.pgm --preprocess 'mean=51 std=51'
echo "arrays, also with the channels first:"
/usr/bin/python3 - <<END
import struct
def npy(name, shape, values):
    head = ("{'descr': '<f4', 'fortran_order': False, 'shape': %s, }" % (shape,)).ljust(117) + "\n"
    open(name, "wb").write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode()
                           + struct.pack("<%df" % len(values), *values))
npy("last.npy", (2, 2, 2, 1), [1, 2, 3, 4, 5, 6, 7, 8])
npy("first.npy", (1, 2, 2), [1, 2, 3, 4])
npy("wrong.npy", (3, 2), [1, 2, 3, 4, 5, 6])
npy("nan.npy", (2, 2, 1), [1, 2, 3, float("nan")])
END
run --input last.npy
run --input first.npy
run --input last.npy --output out.npz >/dev/null
run --input last.npy --output out.npy >/dev/null
/usr/bin/python3 - <<END
import struct, zipfile
z = zipfile.ZipFile("out.npz")
for data in (z.read("y.npy"), open("out.npy", "rb").read()):
    print(z.namelist(), data[10:100].split(b"'shape':")[1].split(b"}")[0], struct.unpack("<6f", data[128:]))
END
echo "an output of six dimensions:"
sed 's/"name": "y", "role": "output", "type": "f32", "shape": .3./"name": "y", "role": "output", "type": "f32", "shape": [1, 1, 1, 2, 1, 2]/
s/"w", "role": "constant".*/"w", "role": "constant", "type": "f32", "shape": [1], "values": [1]},/
s/"operator": "linear", "inputs": .*/"operator": "reshape", "inputs": {"x": "flat"}, "outputs": {"y": "y"},\n   "params": {"dim0": 1, "dim1": 1, "dim2": 1, "dim3": 2, "dim4": 1, "dim5": 2}}]}/' n.json >six.json
"$MOTE" convert six.json -o six.mote
"$MOTE" run six.mote --input last.npy --output six.npy
/usr/bin/python3 -c "
import struct
data = open('six.npy', 'rb').read()
print(data[10:120].split(b\"'shape':\")[1].split(b'}')[0], struct.unpack('<8f', data[128:]))"
echo "labels, several files, JSON:"
printf 'cat\ndog\nfox\n' >labels
run --input in.pgm --input in.csv --labels labels
run --input in.bin --labels labels --json
echo "refused:"
printf 'cat\n' >few
run --input in.pgm --labels few
run --input wrong.npy
run --input nan.npy
printf '1,2,3\n' >short.csv
run --input short.csv
printf '1,2,3,4\n1,2,x,4\n' >word.csv
run --input word.csv
printf 'abc' >odd.bin
run --input odd.bin
printf 'P5 2 2 255\n\0' >cut.pgm
run --input cut.pgm
run --input in.txt
run --input in.csv --output in.csv
run --input in.csv --output out.txt
run --input in.pgm --preprocess 'upside-down'
run --input in.pgm --preprocess 'std=0'
run --prompt a --input in.csv
run --labels labels
printf 'ab\0cd' >binary
run --input in.csv --labels binary
: >empty
run --input in.csv --labels empty
/usr/bin/python3 -c "open('lines', 'wb').write(b'\r\n' * 500000)"
run --input in.csv --labels lines
printf '1,2,3,4\n\0\n5,6,7,8\n' >nul.csv
run --input nul.csv
run --input in.csv --output /dev/full
"$MOTE" quantize n.mote -o q.mote
echo "exit code $?"
ls
