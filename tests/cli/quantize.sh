# Every type of weights by its name: what info then says of the matrices, and that the golden output replays.
yes 'the quick brown fox jumps over the lazy dog, ' | head -c 20000 >text
"$MOTE" train text -o float.mote --dim 16 --embed 16 --steps 5 >/dev/null 2>&1 || echo "training failed"
for type in int16 int8 int4 ternary binary; do
    "$MOTE" quantize float.mote --weights $type --head $type -o packed.mote 2>/dev/null || echo "quantising failed"
    "$MOTE" verify packed.mote >/dev/null || echo "another output"
    "$MOTE" info packed.mote | awk '/weight/ { print $1, $3 }'
done
"$MOTE" quantize float.mote --weights binary --embedding binary --head int4 -o packed.mote 2>/dev/null
"$MOTE" info packed.mote | awk '/weight/ { print $1, $3 }'
"$MOTE" verify packed.mote >/dev/null || echo "another output"
