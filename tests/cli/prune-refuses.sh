# Every way of pruning that cannot work: one line, a code, and no file left behind. Then a model pruned in training,
# whose masks stay when it is stopped, gone on from, and packed.
seq 1 3000 >text
head -c 1 text >short
: >empty
"$MOTE" train text -o m.mote --dim 32 --embed 16 --steps 3 >/dev/null 2>&1
"$MOTE" train text -o wide.mote --dim 48 --embed 16 --steps 3 >/dev/null 2>&1
"$MOTE" quantize m.mote -o packed.mote >/dev/null 2>&1
before=$(echo ./*)
try() { "$MOTE" "$@" && echo "accepted: $*"; echo "exit code $?"; }

try prune
try prune m.mote -o out.mote
try prune m.mote --sparsity 0.5
try prune nowhere -o out.mote --sparsity 0.5
try prune text -o out.mote --sparsity 0.5
try prune packed.mote -o out.mote --sparsity 0.5
try prune m.mote -o out.mote --sparsity 1.5
try prune m.mote -o out.mote --sparsity -0.1
try prune m.mote -o out.mote --sparsity nan
try prune m.mote -o out.mote --method luck --sparsity 0.5
try prune m.mote -o out.mote --layer 'layer9.*=0.5'
try prune m.mote -o out.mote --layer 'layer0.*'
try prune m.mote -o out.mote --layer 'layer0.*=2'
try prune m.mote -o out.mote --method activation --sparsity 0.5
try prune m.mote -o out.mote --compensate --sparsity 0.5
try prune m.mote -o out.mote --calibrate empty --sparsity 0.5
try prune m.mote -o out.mote --calibrate short --sparsity 0.5
try prune m.mote -o out.mote --calibrate nowhere --sparsity 0.5
try prune m.mote -o out.mote --granularity unit --sparsity 1
try prune m.mote -o out.mote --granularity unit --threshold 1
try prune m.mote -o out.mote --mask wide.mote
try prune m.mote -o nowhere/out.mote --sparsity 0.5
try prune m.mote -o out.mote --sparsity 0.5 --picture nowhere/out.svg
try train text -o out.mote --prune-to 0.5
try train text -o out.mote --prune-to 0.5 --prune-steps 5
try train text -o out.mote --prune-to 0.5 --prune-steps 5:4 --steps 10
try train text -o out.mote --prune-to 0.5 --prune-steps 5:20 --steps 10
try train text -o out.mote --prune-to 0.5 --prune-steps 1:4 --steps 10 --prune-gates 0.5
try train text -o out.mote --prune-to 0.5 --prune-steps 1:4 --steps 10 --prune-gates 0.5,2,1
try train text -o out.mote --prune-to 0.5 --prune-steps 1:4 --steps 10 --prune-layers nobody
try train text -o out.mote --init nowhere
try train text -o out.mote --init packed.mote
[ "$before" = "$(echo ./*)" ] || echo "files were left behind: $(echo ./*)"

zeros() { "$MOTE" prune "$1" -o same.mote --mask "$1" | awk '$1 == "layer0.recurrent.weight" { print $1, $2, $4 }'; }
"$MOTE" train text -o half.mote --dim 32 --embed 16 --steps 20 --prune-to 0.5 --prune-granularity block16x16 \
    --prune-steps 2:10 >/dev/null 2>&1
zeros half.mote
"$MOTE" train text -o tuned.mote --init half.mote --weights ternary --steps 10 --teacher wide.mote >/dev/null 2>&1
zeros tuned.mote
"$MOTE" prune tuned.mote -o more.mote --granularity block16x16 --sparsity 0.75 >/dev/null
zeros more.mote
"$MOTE" quantize more.mote -o more-packed.mote --chip esp32s3 2>/dev/null
"$MOTE" info more-packed.mote | awk '/recurrent.weight/ { print $1, $(NF - 3) }'
"$MOTE" verify more-packed.mote >/dev/null && echo "its golden output is right"
"$MOTE" prune m.mote -o small.mote --granularity unit --sparsity 0.5 --multiple 16 | awk 'NR < 5 { print $1, $2 }'
