#!/bin/sh
# Fuzzes mote_open and what runs after it, the importers, the readers of tokenizers, or all that is done with float
# graphs. Ends with 77 when there is no clang with libFuzzer.
# Usage: tests/fuzz/fuzz.sh open|import|tokens|float BUILD [SECONDS]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
what=$1
build=$2
seconds=${3:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/corpus"

echo 'int LLVMFuzzerTestOneInput(const char *d, long n); int LLVMFuzzerTestOneInput(const char *d, long n) { return d && n < 0; }' >"$work/try.c"
clang -fsanitize=fuzzer "$work/try.c" -o "$work/try" 2>/dev/null || {
    echo "SKIPPED: clang with libFuzzer not present"
    exit 77
}
libraries="$build/compiler/libmote_compiler.a $build/runtime/libmote_runtime.a $build/base/libmote_base.a
    -lopenblas -ljansson -lprotobuf-c -lm -lpthread"
case $what in
open) seeds=seeds.c sources="$root/runtime/*.c $root/runtime/ops/*.c $root/runtime/x86/*.c" ;;
import) seeds=seeds_import.c sources="$root/compiler/import/*.c $root/base/*.c $libraries" ;;
tokens) seeds=seeds_tokens.c sources="$root/compiler/token/*.c $root/runtime/*.c $root/base/*.c $libraries" ;;
float)
    seeds=seeds_float.c
    sources="$root/runtime/*.c $root/runtime/ops/*.c $root/runtime/x86/*.c $root/base/*.c"
    for folder in graph task manifest pack plan prune quantize token train; do
        sources="$sources $root/compiler/$folder/*.c"
    done
    sources="$sources -lopenblas -ljansson -lm -lpthread"
    ;;
esac
# shellcheck disable=SC2086 # lists of files
cc -O1 -D_GNU_SOURCE -I"$root" -I"$root/include" -I"$build/compiler" "$root/tests/fuzz/$seeds" $libraries -o "$work/seeds"
"$work/seeds" "$work/corpus"
# shellcheck disable=SC2086
clang -O1 -g -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -I"$root" -I"$root/include" -I"$build/compiler" \
    "$root/tests/fuzz/fuzz_$what.c" $sources -o "$work/fuzz"
cd "$work"
./fuzz -max_total_time="$seconds" -max_len=8192 -print_final_stats=1 corpus 2>log || {
    cat log
    exit 1
}
tail -n 12 log
