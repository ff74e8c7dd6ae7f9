# mote emu: exit codes, limits, faults, refusals, and a session of the debugger.
command -v xtensa-lx106-elf-ld >/dev/null || { echo "SKIPPED: binutils-xtensa-lx106 not present"; exit 0; }
build() { # NAME CHIP, source on standard input
    cat >"$1.s"
    "$MOTE" asm "$1.s" -o "$1.o" && xtensa-lx106-elf-ld -L "$SOURCE/xtensa/programs" -T "$2.ld" "$1.o" -o "$1.elf"
}
try() {
    echo "\$ mote emu $*"
    "$MOTE" emu "$@" </dev/null
    echo "= $?"
}

build seven esp32s3 <<'S'
    .section .iram, "ax"
    .global _start
_start: movi a2, 1
    movi a3, 7
    simcall
S
build endless esp32s3 <<'S'
    .section .iram, "ax"
    .global _start
_start: j _start
S
build halt esp32s3 <<'S'
    .section .iram, "ax"
    .global _start
_start: break 1, 15
S
build deep esp32s3 <<'S'
    .section .iram, "ax"
    .global _start
    .type _start, @function
_start: addi a1, a1, -128
    s32i a0, a1, 0
    j 1f
    .align 4
1:  call0 _start
    .size _start, . - _start
S
build vector esp32s2 <<'S'
    .section .iram, "ax"
    .global _start
_start: .byte 0x04, 0x08, 0x25     # ee.zero.accx, which only the ESP32-S3 has
    movi a2, 1
    simcall
S
build shout esp32s3 <<'S'
    .data
text: .ascii "loud and clear\n"
    .section .iram, "ax"
    .literal_position
    .global _start
_start: movi a2, 4
    movi a3, 1
    movi a4, text
    movi a5, 15
    simcall
    movi a2, 1
    movi a3, 0
    simcall
S

build writer esp32s3 <<'S'
    .data
name: .asciz "note"
    .section .iram, "ax"
    .literal_position
    .global _start
_start: movi a2, 5                 # open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644)
    movi a3, name
    movi a4, 0x241
    movi a5, 0644
    simcall                        # a3 = 0, or the error
    movi a2, 1
    simcall
S

try seven.elf
try --timing seven.elf
try shout.elf
try --max-insns 1000 endless.elf
try --timeout 0.2 endless.elf 2>&1 | sed 's/after [0-9]* inst/after some inst/'
try halt.elf
try deep.elf 2>&1 | sed -n '1,6p;$p'
try --chip esp32s2 vector.elf 2>&1 | sed -n '1,4p;$p'
try --chip esp32 seven.elf
try absent.elf
try seven.o
try seven.s
try .
try
try --chip esp8266 seven.elf
try --gdb=99999 seven.elf
try --vectors seven.elf
mkdir folder
echo kept >note
echo gone >folder/note
try writer.elf
cat note folder/note
try --files folder writer.elf
cat note folder/note
try --files absent writer.elf
head -c 100 seven.elf >cut.elf
try cut.elf
printf 'step\nset a3 9\nreverse-step\nset a3 9\nstep\ninfo history\nbreak nowhere\ncontinue\n' >session
echo '$ mote emu -i seven.elf <session'
"$MOTE" emu -i seven.elf <session
echo "= $?"
