# A disk that fills up while an output is written: the old file stays, nothing is left beside it.
mkdir disk
if ! mount -t tmpfs -o size=16k none disk 2>/dev/null; then
    echo "SKIPPED: a small disk can only be mounted by root"
    exit
fi
trap 'umount disk' EXIT
"$MOTE" train "$SOURCE/examples/stories/stories.txt" -o m.mote --dim 64 --steps 2 --batch 2 --sequence 16 \
    >/dev/null 2>&1 || echo "training failed"
echo old >disk/out.mote
"$MOTE" quantize m.mote --weights int8 -o disk/out.mote
echo "exit code $?"
"$MOTE" train "$SOURCE/examples/stories/stories.txt" -o disk/trained.mote --dim 64 --steps 2 --batch 2 --sequence 16 \
    2>&1 >/dev/null | grep -c 'No space left'
head -c 100 disk/out.mote
ls disk
