# What messages name: the file, what it is, and what to do; exit codes; files on standard output.
try() {
    "$MOTE" "$@" >out || echo "    code $?"
}
yes 'abc ab a ' | head -c 20000 >text
"$MOTE" train text -o float.mote --dim 16 --embed 16 --steps 5 >/dev/null 2>&1 || echo "training failed"
"$MOTE" quantize float.mote -o packed.mote 2>/dev/null

echo "Files that are no models:"
: >empty
echo hello >short
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1056540\n' >pointer
printf 'PK\003\004%300s' x >archive
printf '<!DOCTYPE html>%300s' x >page
head -c 60 float.mote >cut
for file in text empty short pointer archive page cut .; do
    try info $file
done
for verb in run eval verify "quantize -o o" "prune -o o --sparsity 0.5" "export -o o" "convert --to json -o o"; do
    case $verb in eval) more="--text text" ;; *) more="" ;; esac
    try $verb short $more 2>message
    grep -q 'short: not a .mote file' message || cat message
done
try train text --init short -o o
try train text --teacher short -o o

echo "A model that is packed already:"
for verb in "quantize -o o" "prune -o o --sparsity 0.5" "export -o o" "train text -o o --init" "train text -o o --teacher"; do
    try $verb packed.mote
done
printf 'not read' >data.npz
try eval packed.mote data.npz

echo "verify goes on after a bad file; its code is the highest:"
printf '\001' | dd of=packed.mote bs=1 seek=100 conv=notrunc 2>/dev/null
cp packed.mote damaged.mote
"$MOTE" quantize float.mote -o packed.mote 2>/dev/null
"$MOTE" verify nowhere.mote damaged.mote short packed.mote >out || echo "    code $?"
grep -c 'packed.mote: valid' out
"$MOTE" verify packed.mote float.mote >out && echo "    code 0"
"$MOTE" verify nowhere.mote packed.mote >out || echo "    code $?"

echo "Texts that are too short, as docs/cli.md has it:"
printf 'abc\n%.0s' $(seq 60) >few
try train few -o m.mote --dim 16
try train few -o m.mote --dim 16 --vocab 300
head -c 20 few >fewer
try train fewer -o m.mote --dim 16

echo "Standard output as a file:"
"$MOTE" quantize float.mote -o - 2>/dev/null | cmp - packed.mote
"$MOTE" convert packed.mote --to json -o packed.json && "$MOTE" convert packed.mote --to json -o - | cmp - packed.json
"$MOTE" convert packed.mote --to npz -o - >packed.npz && "$MOTE" convert packed.npz -o - | cmp - packed.mote
try quantize float.mote -o - --report
try quantize float.mote -o - --size 1000000
try train text -o -
try prune float.mote --sparsity 0.5 -o -
try prune float.mote --sparsity 0.5 -o o --picture -
try tokenizer text --vocab 5 -o -
"$MOTE" quantize float.mote -o - 2>/dev/null >/dev/full || echo "    code $?"
python3 "$TESTS/pty" 100 -- "$MOTE" quantize float.mote -o -
ls -- -* 2>/dev/null
try run packed.mote --tokens -1
try sim packed.mote --tokens -1
try sim packed.mote --weights stream --chip esp32c3
try tokenizer text
