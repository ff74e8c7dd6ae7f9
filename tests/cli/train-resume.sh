# A stopped run goes on with --resume alone. Options other than its own are refused, under the names that the command has
# for them.
seq 1 3000 >text
"$MOTE" train text -o first.mote --dim 16 --embed 16 --steps 2 >/dev/null 2>&1 || echo "training failed"
try() { "$MOTE" train text -o m.mote "$@"; echo "exit code $?"; }
# Runs until the first curve is written, then stops the run.
stop() {
    rm -f m.mote.csv
    "$MOTE" train text -o m.mote "$@" >/dev/null 2>&1 &
    for _ in $(seq 300); do
        [ -s m.mote.csv ] || sleep 0.1
    done
    kill -TERM $!
    wait $!
    echo "exit code $?"
}

stop --dim 16 --embed 16 --steps 1000000 --prune-to 0.5 --prune-steps 0:1000 --prune-granularity block16x16
stop --resume
try --resume --dim 24
try --resume --lr 0.5
try --resume --arch transformer
try --resume --weights ternary
try --resume --tie --dim 64
try --resume --prune-to 0.25 --prune-steps 0:1000
try --resume --prune-to 0.5 --prune-steps 0:1000 --prune-granularity block8x4
try --resume --init first.mote
rm m.mote.resume
stop --init first.mote --steps 1000000
try --resume
stop --resume --init first.mote

# An option that equals the default counts if it is given. The shape of the other architecture does not count.
rm -f m.mote.resume
stop --arch transformer --dim 16 --layers 1 --heads 2 --context 16 --batch 16 --steps 1000000
try --resume --batch 32
try --resume --arch gru
try --resume --arch transformer --epochs 10
try --resume --arch transformer --norm layer
stop --resume --arch transformer --batch 16 --dim 16 --norm rms
