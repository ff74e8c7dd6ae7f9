# Every way a training can be asked for that cannot work: one line, a code, and no file left behind.
seq 1 3000 >text
mkdir folder
: >empty
printf 'too short' >short
try() { "$MOTE" "$@" && echo "accepted: $*"; echo "exit code $?"; }

try train
try train text
try train nowhere -o out.mote
try train folder -o out.mote
try train empty -o out.mote
try train short -o out.mote
try train text -o nowhere/out.mote
try train text -o folder
try train text -o out.mote --dim 0
try train text -o out.mote --dim many
try train text -o out.mote --weights int3
try train text -o out.mote --dims 32
try train text -o out.mote --layers 999999999999999999999
try train text -o out.mote --lr nan
try train text -o out.mote --tie --embed 16 --dim 32
try train text -o out.mote --teacher nowhere.mote
try train text -o out.mote --valid-text nowhere
try train text -o out.mote --resume
ls
