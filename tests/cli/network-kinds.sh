# A network that is no language model: each verb that reads text says what the network is; the others take it.
cat >plain.json <<END
{"format": "mote-manifest", "version": 2, "packed": false,
 "tensors": [
  {"name": "x", "role": "input", "type": "f32", "shape": [2]},
  {"name": "w", "role": "constant", "type": "f32", "shape": [3, 2], "values": [1, 2, 3, 4, 5, 6]},
  {"name": "y", "role": "output", "type": "f32", "shape": [3]}],
 "operators": [
  {"name": "y", "operator": "linear", "inputs": {"x": "x", "weights": "w"}, "outputs": {"y": "y"}, "params": {}}]}
END
i=0
while [ $i -lt 50 ]; do
    printf 'to be or not to be\n'
    i=$((i + 1))
done >text
"$MOTE" convert plain.json -o plain.mote
"$MOTE" verify plain.mote
"$MOTE" run plain.mote --prompt ab
echo "exit code $?"
"$MOTE" eval plain.mote --text text
echo "exit code $?"
"$MOTE" quantize plain.mote -o packed.mote --report
echo "exit code $?"
"$MOTE" train text -o new.mote --init plain.mote --steps 2 --batch 2 --sequence 8
echo "exit code $?"
"$MOTE" train text -o new.mote --teacher plain.mote --steps 2 --dim 8 --layers 1 --batch 2 --sequence 8
echo "exit code $?"
"$MOTE" prune plain.mote -o pruned.mote --sparsity 0.5 --calibrate text
echo "exit code $?"
"$MOTE" prune plain.mote -o pruned.mote --sparsity 0.5 >/dev/null
echo "exit code $?"
"$MOTE" export plain.mote -o plain.ruvm
echo "exit code $?"
# A packed language model where the float model is needed.
"$MOTE" train text -o m.mote --dim 8 --embed 8 --steps 2 --batch 2 --sequence 8 >/dev/null 2>&1
"$MOTE" quantize m.mote -o q.mote 2>/dev/null
for samples in self text; do
    "$MOTE" prune q.mote -o pruned.mote --sparsity 0.5 --method activation --calibrate $samples
    echo "exit code $?"
done
"$MOTE" quantize q.mote -o again.mote --calibrate self
echo "exit code $?"
for mask in q.mote m.mote; do
    "$MOTE" prune m.mote -o pruned.mote --mask $mask
    echo "exit code $?"
done
