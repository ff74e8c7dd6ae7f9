# mote sim: JSON of a text that is not UTF-8, and a comparison with whole names.
command -v xtensa-lx106-elf-gcc >/dev/null || { echo "SKIPPED: gcc-xtensa-lx106 not present"; exit 0; }
python3 -c 'import random; r = random.Random(1); open("text", "wb").write(bytes(r.randrange(128, 256) for _ in range(20000)))'
"$MOTE" train text -o float.mote --dim 16 --embed 16 --steps 5 >/dev/null 2>&1 || echo "training failed"
odd=$(printf 'a-name-of-more-than-twenty-bytes-\377.mote')
"$MOTE" quantize float.mote -o "$odd" 2>/dev/null
"$MOTE" sim "$odd" --tokens 8 --json >json 2>/dev/null
python3 -c '
import json
sim = json.load(open("json", encoding="utf-8"))
print(ascii(sim["model"]), "\ufffd" in sim["text"], len(sim["tokens"]))'
cp "$odd" another-name-of-more-than-twenty-bytes.mote
"$MOTE" sim --compare "$odd" another-name-of-more-than-twenty-bytes.mote --tokens 1 2>/dev/null >beside
head -n 1 beside | LC_ALL=C tr '\377' '?'
LC_ALL=C awk '{ print length($0) }' beside | uniq -c
