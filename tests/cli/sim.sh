# mote sim from the outside: what it prints, refuses and returns.
for tool in xtensa-lx106-elf-gcc riscv64-unknown-elf-gcc qemu-system-riscv32; do
    command -v $tool >/dev/null || { echo "SKIPPED: $tool not present"; exit 0; }
done
yes 'the small model says what it has learned, ' | head -c 20000 >text
"$MOTE" train text -o float.mote --dim 16 --embed 16 --steps 5 >/dev/null 2>&1
"$MOTE" quantize float.mote -o int8.mote --weights int8 2>/dev/null
"$MOTE" quantize float.mote -o ternary.mote --weights ternary --chip esp32s3 2>/dev/null

echo "what mote run says, a simulated chip says:"
said() { "$MOTE" sim int8.mote -p the -n 20 --chip "$1" --verify | head -c 20 | base64; }
[ "$("$MOTE" run int8.mote -p the -n 20 | base64)" = "$(said esp32c3)" ] && [ "$(said esp32)" = "$(said esp32c3)" ] && echo yes
"$MOTE" sim ternary.mote -p the -n 20 --verify | grep -c 'no difference in [1-9]'

echo "JSON, one object a model:"
"$MOTE" sim --compare int8.mote ternary.mote --chip esp32c6 -n 4 --json | grep -e '"chip"' -e '"counted"' -e '"same"'

echo "refused:"
head -c 500 int8.mote >short.mote
for model in short.mote float.mote absent.mote text; do
    "$MOTE" sim $model --chip esp32 -n 1
    echo "$?"
done
"$MOTE" sim int8.mote ternary.mote
echo "$?"
"$MOTE" sim --compare int8.mote
echo "$?"
"$MOTE" sim int8.mote --chip esp32p4
echo "$?"
MOTE_SIM_DIR=. "$MOTE" sim int8.mote --chip esp32s2
echo "$?"
