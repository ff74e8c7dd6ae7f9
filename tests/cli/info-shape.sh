# What a model would need before it is trained: both families, as mote train --dry-run says it, as the file then is.
yes 'the quick brown fox jumps over the lazy dog, ' | head -c 20000 >text
"$MOTE" info --arch transformer --dim 64 --layers 4 --heads 4 --kv-heads 4 --hidden 172 --context 128 --vocab 512 \
    --weights int4
"$MOTE" info --arch gru --dim 256 --embed 16 | head -4
"$MOTE" info --arch gru --dim 256 --embed 16 --json | head -5
"$MOTE" info --chip esp32c3 | head -2
for shape in "--arch gru --dim 64 --embed 16 --vocab 40" "--arch gru --dim 40 --layers 2 --weights ternary --vocab 40" \
    "--arch gru --dim 48 --tie --weights int4 --vocab 40" \
    "--arch transformer --dim 32 --layers 2 --heads 4 --kv-heads 2 --context 24 --vocab 40" \
    "--arch transformer --dim 32 --norm layer --feed gelu --positions learned --bias --context 24 --vocab 40"; do
    "$MOTE" info $shape --json >foreseen
    "$MOTE" train $shape --dry-run --json | cmp - foreseen || echo "train says something else: $shape"
    "$MOTE" train text -o m.mote $shape --steps 2 >/dev/null 2>&1 || echo "training failed"
    "$MOTE" quantize m.mote -o packed.mote 2>/dev/null || echo "quantizing failed"
    "$MOTE" info packed.mote --json | cat foreseen - | awk -v shape="$shape" -F '[:,]' '
        /"(file|arena|state)_bytes"/ && $1 in first { second[$1] = $2 }
        /"(file|arena|state)_bytes"/ && !($1 in first) { first[$1] = $2 }
        END {
            for (what in first) {
                off = first[what] / second[what] - 1
                if (off ^ 2 > (what ~ /file/ ? 0.03 ^ 2 : 0))
                    print shape ":" what, first[what], second[what]
                known++
            }
            print known, "sizes"
        }'
done
try() { "$MOTE" "$@" && echo "accepted: $*"; echo "exit code $?"; }
try info
try info --json
try info --sram 4096 --arch gru
try info --sram 4096 --chip esp32
try info m.mote --sram 4096
try info m.mote --dim 64
try info --arch transformer --dim 50 --heads 4
try info --arch transformer --heads 4 --kv-heads 3
try info --arch gru --heads 4
try info --dim 5000
try info --chip esp32s2 --context 4000
try info --chip esp32c3 --dim 768 --heads 8 --hidden 2048
try info --chip esp32s2 --arch gru --dim 2048
