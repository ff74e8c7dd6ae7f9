# A pipe that nobody writes to, as an input or an output of any verb: refused at once.
yes 'the small model says what it has learned, ' | head -c 4000 >text
"$MOTE" train text -o m.mote --dim 16 --embed 16 --steps 2 >/dev/null 2>&1
mkfifo pipe pipe.npz
try() {
    timeout 60 "$MOTE" "$@" </dev/null
    echo "exit code $?"
}
try train pipe -o out.mote
try train text -o out.mote --init pipe
try train text -o out.mote --valid-text pipe
try train text -o out.mote --tokenizer pipe
try train text -o pipe
try train pipe.npz -o out.mote --init m.mote
try import pipe -o out.mote
try tokenizer pipe -o out.tok --vocab 300
try prune pipe -o out.mote -s 0.5
try prune m.mote -o out.mote -s 0.5 --method activation --calibrate pipe
try prune m.mote -o out.mote -s 0.5 --picture pipe
try quantize pipe -o out.mote
try quantize m.mote -o pipe
try run pipe
try eval pipe --text text
try eval m.mote --text pipe
try info pipe
try verify pipe
try sim pipe
try export pipe -o out.ruvm
try convert pipe --to json -o out.json
try asm pipe -o out.o
try dis pipe
try emu pipe
try emu --vectors pipe
ls
