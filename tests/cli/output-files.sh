# How an output replaces a file: the mode stays, a link is followed, what cannot be written is refused before the work.
yes 'the small model says what it has learned, ' | head -c 4000 >text
"$MOTE" train text -o m.mote --dim 16 --embed 16 --steps 2 >/dev/null 2>&1
mkdir inner
cp m.mote inner/target.mote
chmod 600 inner/target.mote
ln -s inner/target.mote link.mote
ln -s nowhere dangling.mote
"$MOTE" quantize m.mote -o link.mote
"$MOTE" verify inner/target.mote | head -n 1
stat -c '%A %N' link.mote inner/target.mote
try() {
    "$MOTE" "$@"
    echo "exit code $?"
}
try quantize m.mote -o dangling.mote
try quantize m.mote -o nowhere/out.mote --fit esp32s3
try prune m.mote -o nowhere/out.mote -s 0.5
try prune m.mote -o out.mote -s 0.5 --picture nowhere/p.svg
try train text -o nowhere/out.mote
try tokenizer text --vocab 300 -o nowhere/out.tok
try import missing.bin -o nowhere/out.mote
mkdir m.csv-test.mote.csv
try train text -o m.csv-test.mote --steps 2
ls

# The files of a model in safetensors are inputs, whichever of them is named, by a link too.
"$MOTE" train text -o t.mote --arch transformer --dim 16 --layers 1 --heads 2 --context 16 --steps 2 >/dev/null 2>&1 ||
    echo "training failed"
"$MOTE" export t.mote --format safetensors -o folder 2>/dev/null || echo "exporting failed"
ln -s folder/model.safetensors link
cat folder/* | cksum >before
for out in folder/model.safetensors folder/config.json link; do
    "$MOTE" import folder -o $out || echo "exit code $?"
    "$MOTE" import folder/model.safetensors -o $out || echo "exit code $?"
done
cat folder/* | cksum | cmp - before
for _ in 1 2; do
    "$MOTE" import folder -o folder/model.mote 2>/dev/null || echo "refused"
done
"$MOTE" import folder -o model.safetensors 2>/dev/null || echo "refused"
