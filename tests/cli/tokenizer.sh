# Tokens learned, shown, used and refused.
yes 'the cat sat on the hat, the bat sat on the cat' | head -n 40 >text
printf 'to be\n\nor not\n' >lines
: >empty
printf 'abc' >short
try() { "$MOTE" "$@"; echo "exit code $?"; }

try tokenizer text --vocab 24 -o text.tok
try tokenizer text text --vocab 24 --all-bytes -o no.tok
try tokenizer text --vocab 260 --all-bytes -o all.tok
try tokenizer text --vocab 24 -o json.tok --json
cmp text.tok json.tok
try tokenizer text.tok --show
try tokenizer text.tok --encode 'the cat'
try tokenizer all.tok --encode 'the Zoo' --json
try tokenizer
try tokenizer text
try tokenizer text --vocab 24
try tokenizer text -o no.tok
try tokenizer empty --vocab 24 -o no.tok
try tokenizer nowhere --vocab 24 -o no.tok
try tokenizer text --vocab 10 -o no.tok
try tokenizer text --vocab 2400 -o no.tok
try tokenizer text --vocab 70000 -o no.tok
try tokenizer text --from text.tok -o no.tok
try tokenizer --from short -o no.tok
try tokenizer --from text.tok --llama2c -o no.tok
try tokenizer text --vocab 270 --all-bytes --llama2c -o no.tok
try tokenizer text.tok --show --encode 'the cat' --json
printf 'ab ab ab\n\377' >tiny
"$MOTE" tokenizer tiny --vocab 7 -o tiny.tok >tiny.txt
try tokenizer tiny.tok --show --json
try tokenizer text --show
head -c 600 text.tok >cut.tok
try tokenizer cut.tok --show
ls no.tok 2>&1

# A model whose tokens are pairs: trained, packed, measured in every way, and it speaks.
"$MOTE" train text -o m.mote --dim 16 --embed 16 --steps 60 --vocab 24 --batch 4 --sequence 16 --threads 1 --valid 0 2>/dev/null | cut -d: -f1
"$MOTE" train text -o same.mote --dim 16 --embed 16 --steps 60 --tokenizer text.tok --batch 4 --sequence 16 --threads 1 --valid 0 2>/dev/null | cut -d: -f1
cmp m.mote same.mote
try train text -o both.mote --vocab 24 --tokenizer text.tok --steps 1
"$MOTE" quantize m.mote -o q.mote >/dev/null
"$MOTE" info q.mote | grep tokens:
"$MOTE" verify q.mote | head -n 1
"$MOTE" tokenizer --from q.mote -o out.tok
cmp out.tok text.tok
columns() { awk 'NR > 1 { print $NF, $(NF - 2) }'; }
"$MOTE" eval q.mote --text text | columns
"$MOTE" eval q.mote --text text --window 10 | columns
"$MOTE" eval q.mote --text lines --lines | columns
"$MOTE" eval q.mote --text lines --lines --window 2 | columns
try eval q.mote --text empty
printf '\n\n' >blank
try eval q.mote --text blank --lines
"$MOTE" run q.mote --prompt 'the cat' --tokens 20 --temperature 0 | tr -d '\n' | grep -c '[a-z]'
