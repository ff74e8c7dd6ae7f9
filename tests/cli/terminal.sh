# Terminals of few columns: help wraps within them, and the progress bar stays one line.
if ! command -v script >/dev/null; then
    echo "SKIPPED: script (util-linux) is not installed"
    exit 77
fi
on() { script -qec "stty cols $1; $2" /dev/null </dev/null | tr -d '\033'; }
for columns in 20 40 48 49 60 120; do
    on $columns "$MOTE prune --help" | tr -d '\r' >help
    echo "$columns columns: $(grep -c . help) lines"
    sed '/^Examples/,$d' help | grep -v '^  *-\|^mote ' | awk -v most=$columns 'length > most'
done
seq 1 3000 >text
on 20 "$MOTE train text -o m.mote --dim 8 --embed 8 --steps 20 --batch 2 --sequence 16" | tr '\r' '\n' |
    sed 's/^\[K//' | grep '^train \[' >bars
[ -s bars ] && awk 'length > 19' bars
