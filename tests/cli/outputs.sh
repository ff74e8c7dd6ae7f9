# An output that names an input, or another output, is refused, and the file stays as it was.
yes 'the small model says what it has learned, ' | head -c 20000 >text
"$MOTE" train text -o m.mote --dim 16 --embed 16 --steps 2 >/dev/null 2>&1
echo '    nop.n' >a.S
ln -s m.mote link.mote
cp m.mote before.mote
"$MOTE" asm a.S -o a.S
"$MOTE" asm a.S -o a.o --listing=a.o
cp a.S a.o
"$MOTE" asm a.o
cmp a.o a.S
"$MOTE" asm --raw --listing=a.bin a.S
rm a.o a.bin
"$MOTE" tokenizer text --vocab 20 -o text
"$MOTE" quantize m.mote -o m.mote
"$MOTE" quantize m.mote -o ./link.mote
"$MOTE" convert m.mote --to json -o m.mote
"$MOTE" prune m.mote -o p.mote -s 0.5 --picture m.mote
"$MOTE" prune m.mote -o p.mote -s 0.5 --picture p.mote
"$MOTE" train text -o text
echo "exit code $?"
cmp m.mote before.mote
# The same for the files that training writes beside its output.
cp text n.mote.csv
cp m.mote n.mote.resume
"$MOTE" train n.mote.csv -o n.mote --steps 2
"$MOTE" train text -o n.mote --steps 2 --valid-text ./n.mote.csv
"$MOTE" train text -o n.mote --steps 2 --init n.mote.resume
"$MOTE" train text -o n.mote --steps 2 --teacher n.mote.resume
echo "exit code $?"
cmp n.mote.csv text
cmp n.mote.resume m.mote
ls
