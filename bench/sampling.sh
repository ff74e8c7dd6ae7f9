#!/bin/sh
# Text that two small models generate at several temperatures, beside real text: bits per byte under the model, repeated
# trigrams of words, and words that the training text does not have. Decides the defaults of --temperature and --top-p.
# Prints Markdown. Some ten minutes on two cores. Usage: bench/sampling.sh BUILD [DATA]
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
texts=30
"$mote" import "$data/stories260K.bin" --tokenizer "$data/tok512.bin" -o "$work/stories.mote" 2>/dev/null
shakespeare=$data/tinyshakespeare.txt
train=$(($(wc -c <"$shakespeare") * 9 / 10))
head -c $train "$shakespeare" >"$work/train"
"$mote" train "$work/train" -o "$work/plays.mote" --dim 192 --embed 16 --steps 1200 >/dev/null 2>&1
for model in stories plays; do
    "$mote" quantize "$work/$model.mote" -o "$work/$model-8.mote" 2>/dev/null
done

# The share of trigrams of words that occur earlier in the same line.
trigrams() {
    awk '{ split("", seen)
           for (i = 3; i <= NF; i++) { t = $(i-2) " " $(i-1) " " $i; all++; again += t in seen; seen[t] } }
         END { printf "%.2f %%", 100 * again / all }' "$1"
}
# The share of words, without the first and the last of a line, that are not in the training text.
unseen() {
    awk '{ gsub(/[^A-Za-z'\'']+/, " ") }
         FNR == NR { for (i = 1; i <= NF; i++) known[$i]; next }
         { for (i = 2; i < NF; i++) { all++; new += !($i in known) } }
         END { printf "%.1f %%", 100 * new / all }' "$work/train" "$1"
}
bits() { # MODEL TEXT OPTIONS...
    model=$1 text=$2
    shift 2
    "$mote" eval "$work/$model.mote" --text "$text" "$@" --json 2>/dev/null |
        sed -n 's/.*"bits_per_byte": \([0-9.]*\).*/\1/p' | xargs printf %.2f
}
row() { # NAME STORIES PLAYS: files with one text a line; PLAYS.raw has its line breaks
    echo "| $1 | $(bits stories "$2" --lines) | $(trigrams "$2") | $(bits plays "$3.raw") | $(trigrams "$3") |" \
        "$(unseen "$3") |"
}
generate() { # MODEL PROMPT TOKENS OUT
    : >"$4" && : >"$4.raw"
    for seed in $(seq $texts); do
        "$mote" run "$work/$1-8.mote" --prompt "$2" -n "$3" -t $temperature --top-p $top_p --seed "$seed" >"$work/one"
        cat "$work/one" >>"$4.raw"
        tr '\n' ' ' <"$work/one" >>"$4"
        echo >>"$4"
    done
}

echo "stories260K, int8: $texts texts of 200 tokens a row. GRU: dim 192, 1200 steps on the first nine tenths of tiny"
echo "Shakespeare, int8: $texts texts of 600 bytes a row. Real text: 19 stories, cut to the same size; $texts pieces of the"
echo "last tenth of tiny Shakespeare. New words: those that the training text does not have."
echo
echo "| --temperature, --top-p | stories260K: bits per byte | repeated trigrams | GRU: bits per byte | repeated trigrams | new words |"
echo "| --- | --- | --- | --- | --- | --- |"
for top_p in 1 0.95 0.9; do
    for temperature in 0.4 0.6 0.7 0.8 0.9 1; do
        generate stories "" 200 "$work/stories-text"
        generate plays "
" 600 "$work/plays-text"
        row "$temperature, $top_p" "$work/stories-text" "$work/plays-text"
    done
done
cut -c "1-$(($(wc -c <"$work/stories-text") / texts))" "$data/tinystories-30k.txt" >"$work/stories-real"
tail -c +$((train + 1)) "$shakespeare" | head -c $((600 * texts)) >"$work/plays-real.raw"
tr '\n' ' ' <"$work/plays-real.raw" | fold -b -w 600 >"$work/plays-real"
row "real text" "$work/stories-real" "$work/plays-real"
