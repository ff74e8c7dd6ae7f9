# Tokenizers of Hugging Face and SentencePiece give the tokens that a Python implementation of their rules gives, made on
# the spot and independent of this project's code; kinds that cannot be imported are refused by name.
python=/usr/bin/python3
$python -c '' 2>/dev/null || { echo "SKIPPED: no $python"; exit; }
reference="$python $TESTS/reference_tokenizers.py"
$reference
for file in gpt2.json prefix.json no-words.json digits.json odd.json llama.json metaspace.json spm.model bare.model; do
    "$MOTE" tokenizer --from $file -o tok && $reference $file "$MOTE" tok
done
for file in unigram.json wordpiece.json split.json nfc.json suffix.json ignore.json missing.json merges.json number.json \
    added.json unigram.model word.model nfkc.model user.model cut.model; do
    "$MOTE" tokenizer --from $file -o no.tok
    echo "exit code $?"
done
# Learned in the layout of llama2.c: the tokens are those of another implementation, run.c's encoder and ours agree, and
# the file holds all that a model needs of them.
printf 'the cat sat on the hat\na naïve café 猫猫\nthe bat sat on the cat\n%.0s' $(seq 50) >learn.txt
printf '犬 the cat sat\n' >>learn.txt
"$MOTE" tokenizer learn.txt --vocab 290 --llama2c -o learned.bin && $reference learned learned.bin 290
$reference learned.bin "$MOTE" learned.bin
"$MOTE" tokenizer --from learned.bin -o learned.tok >/dev/null
"$MOTE" tokenizer --from learned.tok --llama2c -o again.bin >/dev/null
cmp learned.bin again.bin
"$MOTE" tokenizer --from tok --llama2c -o no.tok
"$MOTE" tokenizer learn.txt --vocab 270 --llama2c -o no.tok
"$MOTE" tokenizer learn.txt --vocab 259 --llama2c -o no.tok
"$MOTE" tokenizer learn.txt --vocab 300 --llama2c --all-bytes -o no.tok
# Files that are something else.
: >empty
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 499723\n' >pointer.model
printf '\n<!DOCTYPE html><html>' >page.json
printf 'PK\003\004 and so on' >model.zip
for file in empty pointer.model page.json model.zip; do
    "$MOTE" tokenizer --from $file -o no.tok
    echo "exit code $?"
done
# A device encodes and decodes with such a tokenizer: a model that repeats its only text.
printf "the cat's hat isn't that hat\n\n12 hats\n%.0s" $(seq 60) >text
"$MOTE" train text --tokenizer gpt2.json -o m.mote --dim 48 --embed 32 --steps 150 --batch 4 --sequence 24 --threads 1 --valid 0 >/dev/null 2>&1
"$MOTE" quantize m.mote -o q.mote >/dev/null 2>&1
"$MOTE" verify q.mote | head -n 1
"$MOTE" run q.mote --prompt "the cat's" --tokens 12 --temperature 0
echo
"$MOTE" tokenizer --from q.mote -o again.tok >/dev/null
$reference gpt2.json "$MOTE" again.tok
ls no.tok 2>&1 || :
