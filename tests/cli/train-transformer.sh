# A transformer from a text, estimated before, trained, stopped short, and a chip's model beside it.
i=0
while [ $i -lt 400 ]; do
    echo "the cat sat on the mat, and the dog lay by the door $i."
    i=$((i + 1))
done >text
"$MOTE" train --arch transformer --dim 32 --layers 2 --hidden 64 --context 32 --dry-run
"$MOTE" train --chip esp32s2 --dry-run --json | head -5
"$MOTE" train text -o m.mote --arch transformer --dim 16 --layers 1 --heads 2 --kv-heads 1 --hidden 32 --context 16 \
    --batch 8 --steps 60 --threads 1 2>/dev/null | sed 's/[0-9.]* bits/N bits/'
"$MOTE" train text -o w.mote --arch transformer --dim 16 --layers 1 --heads 2 --context 16 --vocab 40 \
    --batch 8 --steps 60 --threads 1 2>/dev/null | cut -d ' ' -f 2 >trained
"$MOTE" eval w.mote --text text --from 0.9 --window 16 | awk 'NR == 2 { print $1 }' | paste trained - |
    awk '{ print ($1 - $2) ^ 2 < 1e-7 ? "eval says what training said" : $0 }'
"$MOTE" train text -o m.mote --arch transformer --dim 16 --layers 1 --heads 2 --norm layer --feed gelu \
    --positions learned --bias --tie --context 16 --batch 8 --steps 60 --threads 1 --weights int4 2>/dev/null |
    sed 's/[0-9.]* bits/N bits/'
ls
