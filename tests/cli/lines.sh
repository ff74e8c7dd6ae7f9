# mote emu: lines of the source, as addr2line names them for each version of DWARF; damaged tables; archives.
command -v xtensa-lx106-elf-gcc >/dev/null || { echo "SKIPPED: gcc-xtensa-lx106 not present"; exit 0; }
link() { xtensa-lx106-elf-ld -L "$SOURCE/xtensa/programs" -T esp32s3.ld "$@"; }
cat >start.s <<'S'
    .global _start
_start: call0 work
    movi a3, 0
    movi a2, 1
    simcall
S
cat >work.c <<'C'
static volatile int sum;
int work(int n)
{
    for (n = 0; n < 5; n++)
        if (n % 2)
            sum += n;
        else
            sum ^= n;
    return sum;
}
C
"$MOTE" asm -g start.s -o start.o
for version in 2 3 4 5; do
    xtensa-lx106-elf-gcc -O2 -gdwarf-$version -mtext-section-literals -c work.c -o work.o
    link start.o work.o -o lines.elf
    "$MOTE" emu --profile lines.elf 2>profile
    awk '$3 ~ /^0x/ && $4 ~ /^work.c:/ { print $3, $4 }' profile >ours
    cut -d' ' -f1 ours | xtensa-lx106-elf-addr2line -s -e lines.elf | sed 's/ (.*//' >theirs
    cut -d' ' -f1 ours | paste -d' ' - theirs | cmp - ours && [ "$(wc -l <ours)" -gt 10 ] &&
        echo "DWARF $version: every instruction of work.c as addr2line names it"
done
awk '$3 ~ /^0x/ && $4 ~ /^start.s:/ { print $3, $4, $5 }' profile
printf 'break work.c:9\ncontinue\nbacktrace\nbreak start.s:1\nbreak ork.c:9\nbreak work.c:x\nbreak work.c:999\n' |
    "$MOTE" emu -i lines.elf | sed 's/0x4[0-9a-f]*/ADDRESS/g; s/+0x[0-9a-f]*/+N/' |
    grep -E '^#|^[0-9]:|is no'
# 0x7777 as the version of the first table
xtensa-lx106-elf-objcopy -O binary --only-section=.debug_line --set-section-flags .debug_line=alloc lines.elf table
printf 'ww' | dd of=table bs=1 seek=4 conv=notrunc 2>/dev/null
xtensa-lx106-elf-objcopy --update-section .debug_line=table lines.elf damaged.elf
"$MOTE" emu damaged.elf
echo "= $?"
rm -f work.a
xtensa-lx106-elf-ar rc work.a work.o
"$MOTE" emu work.a
echo "= $?"
# our own tables, also after the linker has moved code
cat >second.s <<'S'
    .section .text.second, "ax"
    .global second
second: movi a2, 123456
    movi a2, 123456
    ret
S
sed -i 's/^ *movi a3/    call0 second\n&/' start.s
for options in "" "--longcalls" "--longcalls --link-relax"; do
    "$MOTE" asm -g $options start.s -o start.o
    "$MOTE" asm -g $options second.s -o second.o
    link start.o second.o work.o -o lines.elf
    "$MOTE" emu --profile lines.elf 2>profile
    awk '$3 ~ /^0x/ && $4 ~ /\.[cs]:/ { print $3, $4 }' profile >ours
    cut -d' ' -f1 ours | xtensa-lx106-elf-addr2line -s -e lines.elf | sed 's/ (.*//' >theirs
    cut -d' ' -f1 ours | paste -d' ' - theirs | cmp - ours &&
        echo "as addr2line with \"$options\": $(grep -c second.s ours) instructions of second.s"
done
xtensa-lx106-elf-readelf --debug-dump=info lines.elf | grep -A8 'Abbrev Number: 1 (DW_TAG_compile_unit)' |
    awk '/DW_AT_(producer|name|language)/ { $1 = ""; print }' | head -6
# the table of source lines is the sum of the table of instructions
awk '$3 ~ /^0x/ { cycles[$4] += $1; count[$4] += $2 } END { for (l in cycles) print l, cycles[l], count[l] }' profile |
    sort >sums
awk '$4 ~ /\.[cs]:[0-9]*$/ && $3 !~ /^0x/ { print $4, $1, $3 }' profile | tee table | sort | cmp - sums &&
    echo "profile by source lines: the sums of their instructions"
grep -c work.c table
sort -s -k2,2nr -c table && echo "most cycles first"
{ "$MOTE" emu --profile=json lines.elf 2>&1 | sed -n '/"sources"/,/"lines"/p' | tr -d '\n '; echo; } |
    sed 's/},{/\n/g' | sed -n 's/.*"instructions":\([0-9]*\),"cycles":\([0-9]*\),.*"source":"\([^"]*\)".*/\3 \2 \1/p' |
    cmp - table && echo "the same as JSON"
