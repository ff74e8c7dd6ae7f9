#!/bin/sh
# Loss of quantizing a small language model: stories260K on a text that it was not trained on, every type with every
# method, in nats per token above float and in bytes of the file. All arithmetic is in integers, with int8 activations
# and a scale for each vector, calibrated on text that the model generates. The head, which is also the embedding, is
# int8.
# Prints Markdown. Some six minutes on two cores. Usage: bench/methods.sh BUILD [DATA]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mote=$1/mote
data=${2:-$root/../shared/data}
[ -f "$data/stories260K.bin" ] || {
    echo "SKIPPED: $data/stories260K.bin is not there" >&2
    exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
text=$data/tinystories-30k.txt
"$mote" import "$data/stories260K.bin" --tokenizer "$data/tok512.bin" -o "$work/float.mote" 2>/dev/null

nats() { # MODEL HOW...
    model=$1
    shift
    "$mote" eval --json "$work/$model.mote" --text "$text" "$@" 2>/dev/null |
        sed -n 's/.*"nats_per_token": \([0-9.]*\).*/\1/p'
}
float=$(nats float --window 512)
float_lines=$(nats float --lines --window 512)
five() { # NUMBER
    printf '%.5f' "$1"
}

delta() { # OPTIONS... of quantize: the loss above float
    "$mote" quantize "$work/float.mote" --head int8 "$@" -o "$work/packed.mote" >/dev/null 2>&1 || {
        echo "quantizing failed: $*" >&2
        exit 1
    }
    echo "$(nats packed --window 512) $float" | awk '{ printf "%+.4f", $1 - $2 }'
}
row() { # TEXT OPTIONS...
    text_of_row=$1
    shift
    echo "$text_of_row" >&2
    set -- "$@" --method
    printf '| %s | %s | %s | %s | %s | %s |' "$text_of_row" "$(delta "$@" rtn)" "$(delta "$@" mse)" \
        "$(delta "$@" gptq)" "$(delta "$@" mse --bias-correction)" "$(delta "$@" gptq --bias-correction)"
    "$mote" quantize "$work/float.mote" --head int8 "$@" gptq -o "$work/packed.mote" 2>/dev/null
    printf ' %s |\n' "$(stat -c %s "$work/packed.mote")"
}
echo "Float: $(five "$float") nats a token in windows of 512 tokens (\`mote eval --window 512\`), $(five "$float_lines") line by line"
echo "(\`--lines --window 512\`); $(stat -c %s "$work/float.mote") bytes."
echo
echo "| body | nearest | least squares | GPTQ | least squares, biases corrected | GPTQ, biases corrected | bytes |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
row "int8" --weights int8
row "int8, a power of two a matrix" --weights int8 --scale pow2
row "int6" --weights int6
row "int5" --weights int5
row "int5, groups of 32" --weights int5 --group 32
row "int4" --weights int4
row "int4, groups of 32" --weights int4 --group 32
row "int4, groups of 16" --weights int4 --group 16
row "int4, a power of two a row" --weights int4 --scale pow2-row
row "int4, one scale a matrix" --weights int4 --scale tensor
row "ternary" --weights ternary
row "binary" --weights binary

plain() { # TEXT OPTIONS...
    name=$1
    shift
    echo "$name" >&2
    beyond=$(delta "$@")
    lines=$(echo "$(nats packed --lines --window 512) $float_lines" | awk '{ printf "%+.4f", $1 - $2 }')
    printf '| %s | %s | %s | %s |\n' "$name" "$beyond" "$lines" "$(stat -c %s "$work/packed.mote")"
}
echo
echo "| | windows | lines | bytes |"
echo "| --- | --- | --- | --- |"
plain "int16" --weights int16
plain "fp16" --weights fp16
plain "int8" --weights int8
plain "int6 by GPTQ" --weights int6 --method gptq
plain "int4 by GPTQ" --weights int4 --method gptq
plain "int4 by GPTQ, groups of 16" --weights int4 --method gptq --group 16
bytes=$(stat -c %s "$work/packed.mote")
plain "the mix for as many bytes (\`--size $bytes\`)" --size "$bytes"
"$mote" quantize "$work/float.mote" --weights int4 --method gptq -o "$work/packed.mote" 2>/dev/null
bytes=$(stat -c %s "$work/packed.mote")
plain "the mix for as many bytes as int4 takes (\`--size $bytes\`)" --size "$bytes"
