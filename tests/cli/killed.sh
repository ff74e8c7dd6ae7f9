# A training that is killed, or whose terminal is closed, goes on from its last evaluation.
yes 'the small model says what it has learned, ' | head -c 4000 >text
begin() {
    : >errors
    "$MOTE" train text -o m.mote --dim 16 --embed 16 --batch 2 --sequence 16 --steps 9999999 "$@" >/dev/null 2>errors &
    pid=$!
}
trains() { until grep -q parameters errors; do sleep 0.1; done; }

begin
until [ -e m.mote.resume ]; do sleep 0.1; done
kill -KILL $pid
wait $pid 2>/dev/null
echo "killed: exit code $?"
touch m.mote.unfinished m.mote.csv.unfinished

begin --resume
trains
kill -HUP $pid
kill -HUP $pid
wait $pid
echo "hung up: exit code $?"
grep -o 'stopped at.*' errors | sed 's/step [0-9]*/step N/'

begin --resume
trains
kill -TERM $pid
wait $pid
echo "terminated: exit code $?"

# A new run says what it is about to replace. One under nohup does not end with its terminal.
"$MOTE" train text -o m.mote --dim 16 --embed 16 --steps 2 2>&1 >/dev/null | grep resume
: >errors
nohup "$MOTE" train text -o m.mote --dim 16 --embed 16 --steps 9999999 >/dev/null 2>errors &
pid=$!
trains
kill -HUP $pid
sleep 0.5
kill -TERM $pid
wait $pid
echo "under nohup: exit code $?"
ls
