# A packed and a float model as JSON and as npz and back, the same to the byte; numpy reads the arrays and makes an
# archive that becomes the same model; what is wrong is refused and leaves no file.
yes 'the quick brown fox jumps over the lazy dog, ' | head -c 20000 >text
"$MOTE" train text -o float.mote --dim 16 --embed 16 --steps 5 >/dev/null 2>&1 || echo "training failed"
"$MOTE" quantize float.mote --weights int4 --head int6 --group 16 -o packed.mote 2>/dev/null || echo "quantising failed"
for model in float packed; do
    for form in json npz; do
        "$MOTE" convert $model.mote --to $form -o $model.$form && "$MOTE" convert $model.$form -o again.mote &&
            cmp $model.mote again.mote && echo "$model $form comes back"
    done
done
python=/usr/bin/python3
if $python -c 'import numpy' 2>/dev/null; then
    $python - <<'END' && "$MOTE" convert numpy.npz -o again.mote && cmp packed.mote again.mote && echo "numpy's comes back"
import json, numpy
z = numpy.load("packed.npz")
m = json.loads(z["manifest.json"])
w = z["head.weight"]
assert w.dtype == numpy.int8 and abs(w).max() <= 31
assert list(w.shape) == [t["shape"] for t in m["tensors"] if t["name"] == "head.weight"][0]
j = json.load(open("packed.json"))
v = [t["values"] for t in j["tensors"] if t["name"] == "head.weight"][0]
assert w.flatten().tolist() == v
import zipfile
with zipfile.ZipFile("numpy.npz", "w") as out:
    for name in z.files:
        if name == "manifest.json":
            out.writestr(name, z[name])
        else:
            with out.open(name + ".npy", "w", force_zip64=True) as member:
                numpy.lib.format.write_array(member, z[name])
END
else
    echo "numpy's comes back"
    echo "numpy is not there: its archive was not tried" >&2
fi
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
ls again.* 2>/dev/null
true
