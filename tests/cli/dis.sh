# The disassembler's verb: hexadecimal text, lines, and what it says to bad input.
mote() { "$MOTE" "$@"; }
echo '36 41 00 0c 52 1df0' | mote dis
echo "== base"
echo 8c 12 3d f0 | mote dis --base 0x40370000
echo "== lines"
printf 'c4081a\n4a23\n0c\n4a2300\nzz\n379202\n' | mote dis --lines -
echo "exit code $?"
echo "== bad input"
echo 'not hex' | mote dis
echo "exit code $?"
printf 'hello' >hello
mote dis hello
echo "exit code $?"
mote dis .
echo "exit code $?"
