# Every type of weights by its name: what info then says of the matrices, and that the golden output replays.
yes 'the quick brown fox jumps over the lazy dog, ' | head -c 20000 >text
"$MOTE" train text -o float.mote --dim 16 --embed 16 --steps 5 >/dev/null 2>&1 || echo "training failed"
for type in int16 int8 int4 ternary binary; do
    "$MOTE" quantize float.mote --weights $type --head $type -o packed.mote 2>/dev/null || echo "quantizing failed"
    "$MOTE" verify packed.mote >/dev/null || echo "another output"
    "$MOTE" info packed.mote | awk '/weight/ { print $1, $3 }'
done
"$MOTE" quantize float.mote --weights binary --embedding binary --head int4 -o packed.mote 2>/dev/null
"$MOTE" info packed.mote | awk '/weight/ { print $1, $3 }'
"$MOTE" verify packed.mote >/dev/null || echo "another output"

# Types by name and by size, methods, the tables.
"$MOTE" quantize float.mote --weights int5 --layer 'layer0.*=fp16' --layer 'head=int6:mse' -o packed.mote 2>/dev/null
"$MOTE" info packed.mote | awk '/weight/ { print $1, $3 }'
"$MOTE" verify packed.mote >/dev/null || echo "another output"
for more in "--method mse" "--method gptq" "--method gptq --group 16" "--method gptq --scale pow2-row --group 32" \
    "--method rtn --bias-correction"; do
    "$MOTE" quantize float.mote --weights int4 $more -o packed.mote 2>/dev/null || echo "quantizing failed: $more"
    "$MOTE" verify packed.mote >/dev/null || echo "another output"
done
"$MOTE" train text -o wide.mote --dim 64 --embed 32 --steps 5 >/dev/null 2>&1 || echo "training failed"
"$MOTE" quantize wide.mote -o packed.mote 2>/dev/null
size=$(($(stat -c %s packed.mote) * 2 / 3))
"$MOTE" quantize wide.mote --size $size -o packed.mote >table 2>/dev/null || echo "quantizing failed"
[ "$(stat -c %s packed.mote)" -le $size ] || echo "too large"
grep -c '\[' table

# The report: columns and rows of matrices and activations, bytes before and after; the same numbers as JSON.
"$MOTE" quantize float.mote --report -o packed.mote 2>/dev/null >report || echo "quantizing failed"
grep -E '^(matrix|activation) ' report | tr -s ' '
awk '$2 ~ /^int/ { print $1, $2 }' report
grep -o '[0-9]* bytes became [0-9]*: 1 of [0-9.]*' report
"$MOTE" quantize float.mote --report --json -o packed.mote 2>/dev/null >report.json || echo "quantizing failed"
grep -E '"(float_bytes|bytes|ratio|activation_loss|snr_db|range_mse|range_percentile|scale_mean|saturated|min)"' \
    report.json | cut -d '"' -f 2 | sort | uniq -c | tr -s ' '
sed -n 's/^ *"ratio": \([0-9.]*\),$/ratio \1/p' report.json
"$MOTE" train text -o tf.mote --arch transformer --dim 16 --layers 1 --heads 2 --hidden 24 --context 32 --steps 5 \
    >/dev/null 2>&1 || echo "training failed"
"$MOTE" quantize tf.mote --report -o packed.mote 2>/dev/null |
    sed '1,/^activation/d' | awk '$2 ~ /^int/ { print $1, $2 }'
"$MOTE" quantize tf.mote --activations int8-static --report -o packed.mote 2>/dev/null |
    awk '$1 == "norm8" { print $1, $2 }'

# What makes no sense.
"$MOTE" quantize float.mote --layer 'layer9*=int4' -o none.mote
"$MOTE" quantize float.mote --layer 'head=int3' -o none.mote
"$MOTE" quantize float.mote --size 1000 -o none.mote
"$MOTE" quantize float.mote --group 24 -o none.mote
"$MOTE" quantize float.mote --fit ESP32-S3 -o none.mote
"$MOTE" quantize float.mote --context 64 -o none.mote
"$MOTE" quantize float.mote --cache int16 -o none.mote
"$MOTE" quantize float.mote --calibrate nowhere.txt -o none.mote
ls none.mote 2>/dev/null
true

# Options that change nothing: matrices trained with a quantizer keep it, and a GRU's products have fixed scales.
"$MOTE" train text -o trained.mote --dim 16 --embed 16 --weights ternary --steps 5 >/dev/null 2>&1 ||
    echo "training failed"
for options in "--method mse" "--group 16" "--scale tensor" "--head int4" "--embedding int8" "--activations int8" \
    "--activations int8-static --observer mse" "--no-balance"; do
    "$MOTE" quantize trained.mote $options -o none.mote && echo "accepted: $options"
done
"$MOTE" quantize float.mote --trits 5 -o none.mote
"$MOTE" quantize tf.mote --weights int4 --no-balance -o none.mote
ls none.mote 2>/dev/null
"$MOTE" quantize trained.mote --weights int8 --method mse --group 16 --scale tensor --head int4 --embedding int8 \
    -o anew.mote
"$MOTE" quantize trained.mote --layer 'head=int8' --method mse -o one.mote
"$MOTE" quantize trained.mote --trits 5 -o five.mote
true
