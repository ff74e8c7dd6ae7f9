# The arena over a run: what is in use at each operator, and a picture. x has 32 bytes, y 64, z 16: the convolution needs x
# and y together, the mean y and z.
cat >n.json <<END
{"format": "mote-manifest", "version": 2, "packed": false,
 "tensors": [
  {"name": "x", "role": "input", "type": "f32", "shape": [4, 4, 2]},
  {"name": "w", "role": "constant", "type": "f32", "shape": [4, 2], "values": [1, 2, 3, -1, 0.5, 1, 1, 1]},
  {"name": "y", "role": "activation", "type": "f32", "shape": [4, 4, 4]},
  {"name": "z", "role": "output", "type": "f32", "shape": [4]}],
 "operators": [
  {"name": "y", "operator": "conv", "inputs": {"x": "x", "weights": "w"}, "outputs": {"y": "y"}, "params":
   {"shift": 0, "gain": 0, "group": 0, "exponent": 0, "fraction": 0, "kernel_height": 1, "kernel_width": 1,
    "stride_height": 1, "stride_width": 1, "dilation_height": 1, "dilation_width": 1, "top": 0, "left": 0, "bottom": 0,
    "right": 0, "parts": 1, "low": 0, "high": 0, "rounding": 0}},
  {"name": "z", "operator": "reduce", "inputs": {"x": "y"}, "outputs": {"y": "z"},
   "params": {"kind": 0, "axes": 3, "multiplier": 0, "shift": 0, "low": 0, "high": 0, "rounding": 0}}]}
END
"$MOTE" convert n.json -o n.mote
seq -s, 1 32 >in.csv
"$MOTE" quantize n.mote --calibrate in.csv -o q.mote
"$MOTE" info q.mote --memory
"$MOTE" info q.mote --memory --json --picture arena.svg >json
/usr/bin/python3 -c "
import json, xml.etree.ElementTree as tree
m = json.load(open('json'))
print(m['peak'], [o['alive_bytes'] for o in m['operators']], sorted((t['name'], t['end'] - t['offset']) for t in m['tensors']))
print([e.text for e in tree.parse('arena.svg').iter('{http://www.w3.org/2000/svg}title')])"
echo "refused:"
for options in "n.mote --memory" "q.mote --picture a.svg" "--memory" "q.mote --memory --chip esp32" "q.mote --memory --picture q.mote"; do
    "$MOTE" info $options
    echo "exit code $?"
done
