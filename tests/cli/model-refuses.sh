# Files that are not sound models, for every verb that reads one.
printf 'not a model at all, but long enough to hold a header of sixty-four bytes or more' >text
: >empty
mkdir folder
"$MOTE" train "$SOURCE/examples/stories/stories.txt" -o m.mote --dim 16 --embed 8 --steps 5 --batch 2 --sequence 16 \
    2>/dev/null >/dev/null || echo "training failed"
"$MOTE" quantize m.mote --weights int8 -o q.mote >/dev/null 2>&1 || echo "quantizing failed"
head -c 1000 q.mote >cut.mote
head -c 40 q.mote >stub.mote
(head -c 600 q.mote && printf 'X' && tail -c +602 q.mote) >flipped.mote
(head -c 4 q.mote && printf '\377\0' && tail -c +7 q.mote) >future.mote
try() { "$MOTE" "$@" >out; echo "exit code $?"; }

for verb in info verify run eval quantize; do
    for file in nowhere folder empty text stub.mote cut.mote flipped.mote future.mote; do
        case $verb in
        eval) try eval $file --text text ;;
        quantize) try quantize $file -o out.mote ;;
        run) try run $file --prompt a --tokens 1 ;;
        *) try $verb $file ;;
        esac
    done
done
try quantize q.mote -o out.mote
try quantize m.mote -o out.mote --weights int9
try quantize m.mote
try export m.mote -o m.ruvm
try run q.mote --tokens -5
try run q.mote --temperature -1
try run q.mote --top-p 7
try eval q.mote
try eval q.mote --text empty
try eval q.mote --text text --from 1.5
try eval q.mote --text text --from 1
try inof q.mote
try info q.mote -qZ
try info q.mote -json
rm -f m.mote.* out
ls
