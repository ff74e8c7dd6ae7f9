# Other programs' files: what is taken, what is written, what is refused.
try() { "$MOTE" "$@" >out; echo "exit code $?"; }
"$MOTE" import --help
"$MOTE" export --help

# vocabulary 8, dim 8, hidden 12, 1 layer, 2 heads, 16 positions, int8
head() { printf 'RUVM\10\0\10\0\14\0\1\2\20\0'; printf '%018d' 0 | tr 0 '\0'; }
head >bare.ruvm
try import bare.ruvm -o m.mote
try import bare.ruvm -o m.mote --random-weights 7
"$MOTE" info m.mote | grep imported_from
for type in int8 int4 binary fixed16; do
    try export m.mote --type $type -o a.ruvm
    try import a.ruvm -o n.mote
    "$MOTE" export n.mote --type $type -o b.ruvm 2>/dev/null
    cmp a.ruvm b.ruvm && wc -c <a.ruvm
done
try import a.ruvm -o n.mote --random-weights 7
try import a.ruvm -o n.mote --context 17
try import a.ruvm
try export m.mote
try export m.mote -o a.ruvm --type int5
try export a.ruvm -o b.ruvm
try import m.mote -o n.mote
try import nowhere -o n.mote
try import . -o n.mote
# What people have in place of a model.
blank=$(printf '%300s' x)
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1056540\n' >pointer.bin
printf 'PK\003\004%s' "$blank" >zip.bin
printf '<!DOCTYPE html>%s' "$blank" >page.bin
printf '\034\0\0\0TFL3%s' "$blank" >lite.bin
printf '\010\010\022\007pytorch%s' "$blank" >network.onnx
printf 'It is a truth universally acknowledged, %s' "$blank" >text.bin
for file in pointer.bin zip.bin page.bin text.bin lite.bin network.onnx; do
    try import $file -o n.mote
done
(cat a.ruvm && printf 'more') >longer.ruvm
dd if=a.ruvm of=cut.ruvm bs=1 count=900 2>/dev/null
try import longer.ruvm -o n.mote
try import cut.ruvm -o n.mote

# A tokenizer has to fit.
yes 'abc ab a' | dd of=text bs=1 count=2000 2>/dev/null
"$MOTE" tokenizer text --vocab 8 -o eight 2>/dev/null >/dev/null
"$MOTE" tokenizer text --vocab 7 -o seven 2>/dev/null >/dev/null
try import a.ruvm --tokenizer seven -o n.mote
try import a.ruvm --tokenizer eight -o n.mote
"$MOTE" run n.mote --prompt ab --tokens 9 >out && echo "it speaks"
ls
