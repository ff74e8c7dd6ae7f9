# The pictures of train and prune are valid XML, hold all that they draw, and keep the proportions of matrices.
cat >look.py <<'P'
import re, sys
import xml.etree.ElementTree as tree
NS = "{http://www.w3.org/2000/svg}"

def losses(name):
    root = tree.parse(name + ".svg").getroot()
    wide, high = map(float, root.get("viewBox").split()[2:])
    rows = [line.split(",") for line in open(name + ".csv").read().split("\n")[1:-1]]
    lines = {}
    for line in root.iter(NS + "polyline"):
        lines[line.get("class")] = [tuple(map(float, p.split(","))) for p in line.get("points").split()]
    for kind, column in ("train", 2), ("valid", 3):
        drawn, wanted = lines[kind], [(float(r[0]), float(r[column])) for r in rows if r[column]]
        assert len(drawn) == len(wanted), (kind, len(drawn), len(wanted))
        assert all(0 < x < wide and 0 < y < high for x, y in drawn), drawn
        # linear axes: what was drawn is an affine map of the table, so nothing is cut off
        (x0, y0), (x1, y1) = max(zip(wanted, drawn), key=lambda p: p[0][1]), min(zip(wanted, drawn), key=lambda p: p[0][1])
        if x0 != x1:
            for (step, loss), (x, y) in zip(wanted, drawn):
                assert abs(y0[1] + (loss - x0[1]) / (x1[1] - x0[1]) * (y1[1] - y0[1]) - y) < 0.2, (kind, step)
    texts = [t.text for t in root.iter(NS + "text")]
    print(*(t for t in texts if t and not re.fullmatch("[0-9.]+", t)), sep=", ")

def masks(name):
    root = tree.parse(name).getroot()
    wide, high = float(root.get("width")), float(root.get("height"))
    for r in list(root.iter(NS + "rect"))[1:]:
        assert float(r.get("x")) + float(r.get("width")) <= wide, name
        assert float(r.get("y")) + float(r.get("height")) <= high, name
    frames = [(float(r.get("width")), float(r.get("height"))) for r in root.iter(NS + "rect") if r.get("stroke")]
    sizes = re.findall(r"(\d+) rows × (\d+) columns.*: (\d+)×", open(name, encoding="utf-8").read())
    for (w, h), (rows, columns, side) in zip(frames, sizes, strict=True):
        assert (w, h) == tuple(4 * -(-int(n) // int(side)) for n in (columns, rows)), (w, h, rows, columns, side)
        print(rows, "×", columns, "drawn", h, "×", w)

losses(sys.argv[1]) if len(sys.argv) > 1 else masks("masks.svg")
P
yes 'the quick brown fox jumps over the lazy dog, ' | head -c 20000 >text
"$MOTE" train text -o m.mote --dim 48 --embed 16 --steps 60 >/dev/null 2>&1 || echo "training failed"
python3 look.py m.mote
"$MOTE" train text -o one.mote --dim 16 --embed 16 --steps 1 >/dev/null 2>&1 || echo "training failed"
python3 look.py one.mote
grep -c '<circle class="train"' one.mote.svg
python3 - <<'P'
import struct, zlib
data = bytearray(open("m.mote", "rb").read().replace(b"head.weight", b"h<&\xff\x01weight"))
data[12:16] = struct.pack("<I", zlib.crc32(data[16:]))
open("odd.mote", "wb").write(data)
P
"$MOTE" prune odd.mote -o half.mote --sparsity 0.5 --picture masks.svg >table
python3 look.py
head -n 1 table
