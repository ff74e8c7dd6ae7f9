# Blocks of 16 columns that training took out: the chips leave them out too, and say what the whole rows say. One scale for
# a tensor, because rows with their own are made coarser for the lanes of the ESP32-S3.
yes 'the small model says what it has learned, ' | head -c 20000 >text
"$MOTE" train text -o float.mote --dim 64 --embed 64 --steps 40 --prune-to 0.75 --prune-granularity block \
    --prune-steps 5:20 --prune-layers 'layer0*' >/dev/null 2>&1 || echo "training failed"
for weights in int8 ternary; do
    "$MOTE" quantize float.mote -o rows.mote --weights $weights --scale tensor 2>/dev/null || echo "quantizing failed"
    for chip in esp32 esp32s2 esp32s3 esp32c3 esp32c6; do
        "$MOTE" quantize float.mote -o $chip.mote --weights $weights --scale tensor --chip $chip 2>/dev/null || echo "quantizing failed"
        "$MOTE" verify $chip.mote >/dev/null || echo "another output"
    done
    echo "$weights on the ESP32:"
    "$MOTE" info esp32.mote | awk '/weight/ { print $1, $3, $8 }'
    [ "$(stat -c %s esp32.mote)" -lt "$(stat -c %s rows.mote)" ] && echo "smaller"
    for form in json npz; do
        "$MOTE" convert esp32.mote --to $form -o m.$form && "$MOTE" convert m.$form -o again.mote &&
            cmp esp32.mote again.mote && echo "$form comes back"
    done
    for chip in esp32 esp32s2 esp32s3 esp32c3 esp32c6; do
        command -v xtensa-lx106-elf-gcc riscv64-unknown-elf-gcc qemu-system-riscv32 >/dev/null || continue
        "$MOTE" sim $chip.mote -p the -n 8 --chip $chip --json >got
        "$MOTE" sim rows.mote -p the -n 8 --chip $chip --json >want
        grep -c '"same": true' got >/dev/null || echo "not the digest of this PC on $chip"
        [ "$(grep '"digest"' got)" = "$(grep '"digest"' want)" ] || echo "not the digest of the rows on $chip"
    done
done
