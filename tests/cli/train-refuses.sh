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
yes abc | head -n 60 >lines
try train lines -o out.mote --dim 16
try train lines -o out.mote --dim 16 --vocab 300
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
try train text -o out.mote --arch transformer --dim 50 --heads 4
try train text -o out.mote --arch transformer --dim 12 --heads 4
try train text -o out.mote --arch transformer --heads 4 --kv-heads 3
try train text -o out.mote --arch transformer --embed 32
try train text -o out.mote --heads 4
try train text -o out.mote --arch transformer --context 32 --sequence 64
try train text -o out.mote --arch transformer --dim 4096 --heads 16 --layers 100
try train --chip esp32s2 --context 4000 --dry-run
try train --chip esp32c3 --dim 768 --heads 8 --hidden 2048 --dry-run
try train text -o out.mote --chip esp8266
try train text -o out.mote --arch lstm
ls
