# Samples from folders, CSV files and pictures: to measure float and packed networks, and to calibrate. The network sums
# the upper and the lower half of a picture of 2 by 2 pixels; the larger one is the class.
cat >n.json <<END
{"format": "mote-manifest", "version": 2, "packed": false, "configuration": "labels=up\tdown\n",
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
  {"name": "y", "operator": "softmax", "inputs": {"x": "sums"}, "outputs": {"y": "y"}, "params": {"logarithm": 0}}]}
END
"$MOTE" convert n.json -o n.mote
measure() {
    "$MOTE" eval "$@"
    code=$?
    [ $code = 0 ] || echo "exit code $code"
}
pgm() { printf "P5 2 2 255\n$2" >"$1"; }
mkdir -p set/up set/down none empty mixed/up strange/left
pgm set/up/a.pgm '\377\310\0\0'
pgm set/up/b.pgm '\144\144\0\1'
pgm set/up/wrong.pgm '\0\0\62\62'
pgm set/down/c.pgm '\0\0\377\377'
cp set/up/a.pgm set/down/c.pgm none
cp set/up/a.pgm mixed/up
cp set/up/a.pgm mixed
cp set/up/a.pgm strange/left
printf 'a,b,c,d,class\n1,0.8,0,0,up\n0.4,0.4,0,0,0\r\n0,0,0.2,0.2,up\n0,0,1,1,down\n' >set.csv
echo "three of four are right; the mean of the losses by hand:"
measure n.mote --data set
/usr/bin/python3 -c "
import math
loss = lambda right, wrong: math.log(1 + math.exp(wrong - right))
print('%.6f' % (sum([loss(455 / 255, 0), loss(200 / 255, 1 / 255), loss(0, 100 / 255), loss(2, 0)]) / 4))
print('%.6f' % (sum([loss(1.8, 0), loss(0.8, 0), loss(0, 0.4), loss(2, 0)]) / 4))"
echo "the same samples as text, and packed:"
measure n.mote --data set.csv | head -2
for calibration in set none set.csv set/up/a.pgm; do
    "$MOTE" quantize n.mote --calibrate $calibration -o q.mote 2>/dev/null || echo "quantize failed"
done
"$MOTE" quantize n.mote --calibrate set -o q.mote
"$MOTE" run q.mote --input set/down/c.pgm
measure n.mote q.mote --data set --json >two.json
/usr/bin/python3 -c "
import json
a, b = json.load(open('two.json'))['models']
print(a['accuracy'], b['accuracy'], abs(a['loss'] - b['loss']) < 2e-3, b['confusion'])"
echo "refused:"
printf '1,2,3,4,sideways\n' >name.csv
printf '1,2,3,4,2\n' >number.csv
printf '1,2,3,4,up\n1,2,3,4\n' >some.csv
printf '1,2,3,4,up,down\n' >more.csv
printf '1,2,3\n' >few.csv
for data in none empty mixed strange nowhere name.csv number.csv some.csv more.csv few.csv set/up/a.pgm; do
    measure n.mote --data $data
done
measure n.mote --data set --text set.csv
for options in "--fit esp32s3" "--size 500" "--bias-correction" "--report" "--group 16" "--no-balance" "--context 5"; do
    "$MOTE" quantize n.mote --calibrate set -o refused.mote $options
    echo "exit code $?"
done
"$MOTE" quantize n.mote -o refused.mote
echo "exit code $?"
ls
