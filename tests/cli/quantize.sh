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

# Types by name and by size, methods, the tables; what makes no sense is refused.
"$MOTE" quantize float.mote --weights int5 --layer 'layer0.*=fp16' --layer 'head=int6:mse' -o packed.mote 2>/dev/null
"$MOTE" info packed.mote | awk '/weight/ { print $1, $3 }'
"$MOTE" verify packed.mote >/dev/null || echo "another output"
for more in "--method mse" "--method gptq" "--method gptq --group 16" "--method gptq --scale pow2-row --group 32" \
    "--method rtn --bias-correction"; do
    "$MOTE" quantize float.mote --weights int4 $more -o packed.mote 2>/dev/null || echo "quantising failed: $more"
    "$MOTE" verify packed.mote >/dev/null || echo "another output"
done
"$MOTE" train text -o wide.mote --dim 64 --embed 32 --steps 5 >/dev/null 2>&1 || echo "training failed"
"$MOTE" quantize wide.mote -o packed.mote 2>/dev/null
size=$(($(stat -c %s packed.mote) * 2 / 3))
"$MOTE" quantize wide.mote --size $size -o packed.mote >table 2>/dev/null || echo "quantising failed"
[ "$(stat -c %s packed.mote)" -le $size ] || echo "too large"
grep -c '\[' table
"$MOTE" quantize float.mote --report --json -o packed.mote 2>/dev/null | grep -c '"snr_db"'
"$MOTE" quantize float.mote --layer 'layer9*=int4' -o none.mote
"$MOTE" quantize float.mote --layer 'head=int3' -o none.mote
"$MOTE" quantize float.mote --size 1000 -o none.mote
"$MOTE" quantize float.mote --group 24 -o none.mote
ls none.mote 2>/dev/null
true
