# mote info --chip from the outside: what goes to SRAM, what is refused. No figure that a faster kernel would change.
yes 'the small model says what it has learned, ' | head -c 20000 >text
"$MOTE" train text -o float.mote --dim 32 --embed 16 --steps 2 >/dev/null 2>&1
"$MOTE" quantize float.mote -o int8.mote --weights int8 2>/dev/null

echo "the more SRAM, the more constants in it:"
for sram in 1000 2500 6000 20000; do
    "$MOTE" info int8.mote --chip esp32 --sram $sram | grep -c ' SRAM$'
done
"$MOTE" info int8.mote --chip esp32 --sram 2500 | grep -A4 'read from'

echo "the plan leaves room for what the model works with:"
"$MOTE" info int8.mote --chip esp32s3 --sram 6000 --json >json
/usr/bin/python3 -c 'import json
p = json.load(open("json"))["placement"]
w = p["weights"]
print(p["sram_bytes"], w["planned"]["sram_bytes"] <= 6000, w["sram"]["fits"], w["flash"]["fits"],
      w["flash"]["cycles"] >= w["planned"]["cycles"])'

echo "refused:"
"$MOTE" info int8.mote --chip esp32 --sram 100
echo "$?"
"$MOTE" info float.mote --chip esp32
echo "$?"
"$MOTE" info int8.mote --chip esp32h2
echo "$?"

echo "chips in JSON:"
"$MOTE" info int8.mote --json | grep -c fits_flash
