# quantize --fit: mixes by loss and speed, types that the chip's kernels have, the prediction against the simulation;
# what it refuses. No figure that another kernel or processor would change.
yes 'the quick brown fox jumps over the lazy dog, and then it sleeps; ' | head -c 20000 >text
"$MOTE" train text -o tf.mote --arch transformer --dim 32 --layers 2 --heads 2 --hidden 48 --context 32 --steps 20 \
    >/dev/null 2>&1 || echo "training failed"

"$MOTE" quantize tf.mote --fit esp32s3 --json -o packed.mote >json 2>/dev/null || echo "quantizing failed"
"$MOTE" verify packed.mote >/dev/null || echo "another output"
"$MOTE" info packed.mote --chip esp32s3 --json >info
/usr/bin/python3 -c 'import json, os
fit, info = json.load(open("json")), json.load(open("info"))
chosen = [m for m in fit["mixes"] if m["chosen"]]
types = {t["type"] for m in fit["matrices"] for t in m["types"]}
print("one is chosen:", len(chosen) == 1)
print("bytes are those of the file:", chosen[0]["bytes"] == fit["bytes"] == os.path.getsize("packed.mote") <= fit["budget"])
print("speed is that of the packed model:",
      abs(chosen[0]["tokens_per_second"] / info["placement"]["weights"]["planned"]["tokens_per_second"] - 1) < 1e-6)
print("types without a kernel:", sorted(types & {"int5", "int6"}))
score = lambda m: (fit["float_loss"] + m["added_loss"]) * m["tokens_per_second"] ** -0.076
print("best by the exchange rate:", all(score(chosen[0]) <= score(m) * (1 + 1e-6) for m in fit["mixes"]))
print("laid out for the chip:", any(t.get("layout") == "lanes16" for t in info["tensors"]))
speeds = [m["tokens_per_second"] for m in fit["mixes"]]
smaller = [m for m in fit["mixes"] if m["bytes"] < 0.9 * chosen[0]["bytes"]]
print("mixes that are only smaller:", len(smaller) > 2, all(m["added_loss"] > chosen[0]["added_loss"] for m in smaller))
open("bytes", "w").write(str(max(m["bytes"] for m in smaller)))
open("speed", "w").write(str(int((min(speeds) + max(speeds)) / 2)))
open("toofast", "w").write(str(int(max(speeds) * 2)))'

echo "a speed that is asked for:"
"$MOTE" quantize tf.mote --fit esp32s3 --tokens-per-second "$(cat speed)" --json -o packed.mote >json 2>/dev/null ||
    echo "quantizing failed"
/usr/bin/python3 -c 'import json
fit, least = json.load(open("json")), int(open("speed").read())
print(fit["tokens_per_second"] >= least, all(m["added_loss"] >= fit["added_loss"] for m in fit["mixes"]
                                             if m["tokens_per_second"] >= least))'
"$MOTE" quantize tf.mote --fit esp32s3 -o packed.mote 2>/dev/null | grep -c 'tokens/s\|  chosen$'

echo "and a size:"
"$MOTE" quantize tf.mote --fit esp32s3 --size "$(cat bytes)" --json -o packed.mote >json 2>/dev/null ||
    echo "quantizing failed"
/usr/bin/python3 -c 'import json, os
fit, most = json.load(open("json")), int(open("bytes").read())
print(fit["budget"] == most, os.path.getsize("packed.mote") <= most, all(m["bytes"] <= most for m in fit["mixes"]))'

echo "chips whose instructions are counted; bytes alone:"
"$MOTE" quantize tf.mote --fit esp32c3 -o packed.mote 2>/dev/null | grep -o 'at most: one cycle per instruction'
"$MOTE" quantize tf.mote --size 20000 -o packed.mote 2>/dev/null | grep -c 'tokens/s'

echo "refused:"
: >empty
for options in "--fit esp32s3 --calibrate empty" "--calibrate empty" "--report --calibrate empty" "--fit esp32p4" \
    "--fit esp8266" "--fit esp32s3 --chip esp32s3" "--tokens-per-second 100" "--fit esp32s3 --group 16"; do
    "$MOTE" quantize tf.mote $options -o none.mote
    echo "$?"
done
"$MOTE" quantize tf.mote --fit esp32s3 --tokens-per-second "$(cat toofast)" -o none.mote 2>&1 | sed 's/[0-9][0-9]* tokens/N tokens/; s/has [0-9]*/has N/'
ls none.mote 2>/dev/null
true
