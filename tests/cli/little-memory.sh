# A limit of the address space ends every run with an exit code and a message; OpenBLAS must not be called, nor loaded,
# where it would try without end to map its buffers.
if grep -q __asan_init "$MOTE"; then
    echo "SKIPPED: the address sanitizer needs more address space than these limits leave"
    exit
fi
yes 'the small model says what it has learned, ' | head -c 4000 >text
"$MOTE" train text -o m.mote --arch transformer --dim 32 --heads 2 --layers 1 --context 16 --steps 3 >/dev/null 2>&1

# Exit code 127: the loader itself has no room.
try() {
    for kb in 40000 50000 60000 80000 100000 130000 160000 190000 220000 260000 300000 400000; do
        (
            ulimit -v $kb
            ulimit -t 10
            "$MOTE" "$@" >out 2>errors
        ) 2>/dev/null
        code=$?
        case $code in
        0 | 127) ;;
        1) grep -q memory errors || echo "$kb KB, $*: $(cat errors)" ;;
        *) echo "$kb KB, $*: exit code $code: $(cat errors)" ;;
        esac
    done
    echo "$1 ends"
}
try --version
try info m.mote
export OPENBLAS_NUM_THREADS=1
try quantize m.mote -o q.mote --weights int4 --method gptq --calibrate text
try prune m.mote -o p.mote --sparsity 0.5 --compensate --method activation --calibrate text
(ulimit -v 100000; "$MOTE" quantize m.mote -o q2.mote --weights int4 --method gptq --calibrate text)
echo "exit code $?"
OPENBLAS_NUM_THREADS=1 "$MOTE" quantize m.mote -o q.mote --weights int4 --method gptq --calibrate text
