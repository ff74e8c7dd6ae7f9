# The progress bar fits terminals of any width: every state of the line, as it was drawn, is shorter than the terminal.
i=0
while [ $i -lt 400 ]; do
    echo "the cat sat on the mat, and the dog lay by the door $i."
    i=$((i + 1))
done >text
"$MOTE" train text -o a-model-with-a-rather-long-name.mote --dim 16 --embed 16 --steps 20 >/dev/null 2>&1
for columns in 2 9 20 40 80 200; do
    python3 "$TESTS/pty" $columns -- "$MOTE" train text -o m.mote --dim 16 --embed 16 --steps 200 --batch 8 >train
    python3 "$TESTS/pty" $columns -- "$MOTE" eval a-model-with-a-rather-long-name.mote --text text >eval
    for verb in train eval; do
        awk -v RS='\r' '!/\n/ && sub(/^.\[K/, "") && length($0)' $verb >bars
        awk -v columns=$columns -v verb=$verb '
            length($0) >= columns { print "wider than " columns ": " $0 }
            END { if (NR < 1) print verb, columns, "drew no bar" }' bars
    done
    tail -n 1 bars | sed 's/[0-9]*:[0-9]* left/M:SS left/; s/[0-9.]* bits/N bits/'
done
echo "--help too:"
for columns in 20 40; do
    for verb in train quantize; do
        python3 "$TESTS/pty" $columns -- "$MOTE" $verb --help | sed '/^Examples/,$d' |
            awk -v columns=$columns 'length($0) > columns && !/^ +(-., )?--[^ ]+ [^ ]+$/'
    done
done
