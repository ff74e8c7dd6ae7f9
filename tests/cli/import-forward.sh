# The nats per token of imported models are those of a forward pass in NumPy, computed from the same files: Llama-style,
# GPT-2 (matrices as [inputs, outputs]) and nanoGPT (as [outputs, inputs]), with the names that wrappers make.
python=/usr/bin/python3
$python -c 'import numpy' 2>/dev/null ||
    { echo "SKIPPED: no NumPy for $python; scripts/setup test installs it"; exit; }
printf 'a cab had a bag' >text
"$MOTE" tokenizer text --vocab 8 -o text.tok >/dev/null
$python "$TESTS/reference_models.py"
check() { # FOLDER [OPTIONS]
    folder=$1
    shift
    "$MOTE" import "$folder" --tokenizer text.tok -o m.mote "$@" 2>err || cat err
    "$MOTE" eval m.mote --text text --json >got
    $python "$TESTS/reference_models.py" "$folder" got && echo "$folder${*:+ }$*: as NumPy computes"
}
for folder in llama-*; do
    check $folder
done
for folder in gpt2-*; do
    check $folder
    check $folder --context 15
done
# A model that is exported and imported again is the same file, and NumPy computes the same from the exported one.
again() { # FORMAT OUTPUT
    "$MOTE" export m.mote --format $1 -o "$2" 2>err || cat err
    "$MOTE" import "$2" --tokenizer m.mote -o again.mote 2>err || cat err
}
for folder in llama-full-names llama-tied gpt2-conv1d gpt2-untied gpt2-nanogpt-plain; do
    "$MOTE" import $folder --tokenizer text.tok -o m.mote 2>err || cat err
    again safetensors back-$folder
    cmp m.mote again.mote
    check back-$folder
done
for file in plain.bin plain-tied.bin; do
    "$MOTE" import $file --tokenizer text.tok -o m.mote 2>err || cat err
    again llama2c back-$file
    cmp m.mote again.mote
    cmp $file back-$file && echo "$file: the same after import and export"
    again safetensors back-$file.folder
    check back-$file.folder
done
