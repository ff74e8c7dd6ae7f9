# The assembler's verb: objects, raw bytes, listings, lines, and what it says to bad input.
mote() { "$MOTE" "$@"; }
printf '#define N 3\n\t.text\nf:\tmovi\ta2, 0x12345 /* far */\n\t.rept N\n\tadd a2, a2, a3\n\t.endr\n\tbnez a2, f\n\tret\n' >f.S
mote asm f.S && mote dis f.o
echo "== raw"
mote asm --raw --base 0x40370000 f.S -o f.bin && mote dis --raw --base 0x40370000 f.bin
echo "== listing"
mote asm --listing f.S
echo "== lines"
printf 'ee.vmulas.s8.accx q0, q1\nadd a2, a3, a4\nadd a2\naddi.n a1, a14, 0\n' | mote asm --lines -
echo "exit code $?"
echo "== errors"
printf 'f:\n  add a2, a3\n  ad a2, a3, a4\n\tl32i\ta2, a3, q1\n  j nowhere\n  j 1f\n' >bad.s
mote asm bad.s
echo "exit code $?"
ls bad.o 2>/dev/null
echo "== options"
printf '#include "n.h"\n.data\n.word N + M\n' >d.S
mkdir inc && echo '#define N 5' >inc/n.h
mote asm --include=inc --define M=7 d.S -o d.o && mote asm -Iinc -D M=8 --listing d.S
PATH=/nowhere "$MOTE" asm d.S
echo "exit code $?"
mote asm missing.s
echo "exit code $?"
mote asm --chip esp32 --lines - <<END
ee.zero.accx
END
mote asm
echo "exit code $?"
