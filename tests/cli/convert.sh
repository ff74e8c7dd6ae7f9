# A packed and a float model as JSON and as npz and back, the same to the byte; what is wrong is refused and leaves no
# file. What the numbers are, convert-numpy.sh checks.
yes 'the quick brown fox jumps over the lazy dog, ' | head -c 20000 >text
"$MOTE" train text -o float.mote --dim 16 --embed 16 --steps 5 >/dev/null 2>&1 || echo "training failed"
"$MOTE" quantize float.mote --weights int4 --head int6 --group 16 -o packed.mote 2>/dev/null || echo "quantizing failed"
for model in float packed; do
    for form in json npz; do
        "$MOTE" convert $model.mote --to $form -o $model.$form && "$MOTE" convert $model.$form -o again.mote &&
            cmp $model.mote again.mote && echo "$model $form comes back"
    done
done
rm again.mote
head -c 1000 packed.json >cut.json
"$MOTE" convert cut.json -o again.mote
head -c 4000 packed.npz >cut.npz
"$MOTE" convert cut.npz -o again.mote
sed 's/"int4"/"int3"/' packed.json >type.json
"$MOTE" convert type.json -o again.mote
"$MOTE" convert packed.mote -o again.mote
"$MOTE" convert packed.json --to json -o again.json
"$MOTE" convert packed.json
"$MOTE" convert none.json -o again.mote
sed 's/"packed": *true/"packed": "yes"/' packed.json >packed-text.json
sed 's/"scale": *[0-9.e-]*/"scale": "abc"/' packed.json >scale.json
tr -d '\n' <packed.json | sed 's/"placement": *\[[^]]*\]/"placement": {}/' >placement.json
sed 's/"role"/"roll"/' packed.json >key.json
sed 's/"golden"/"gold"/' packed.json >section.json
sed 's/"outputs"/"output"/' packed.json >operands.json
sed 's|"tensors": *\[{.*\], *"operators"|"tensors": {}, "operators"|' packed.json >tensors.json
for wrong in packed-text scale placement key section operands tensors; do
    cmp -s packed.json $wrong.json && echo "$wrong.json is as it was"
    "$MOTE" convert $wrong.json -o again.mote
done
ls again.* 2>/dev/null
{ head -c 4 packed.mote; printf '\1'; tail -c +6 packed.mote; } >old.mote
for verb in info verify run; do
    "$MOTE" $verb old.mote
done
"$MOTE" tokenizer old.mote --show
true
