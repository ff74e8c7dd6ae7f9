# mote run: where the prompt comes from, what a terminal shows, and how it ends. $TESTS/pty types on a pseudo terminal.
pty() {
    python3 "$TESTS/pty" "$@" >screen
}
yes 'Café né 日本, ' | tr -d '\n' | head -c 20000 >text
"$MOTE" train text -o float.mote --dim 16 --embed 16 --steps 80 >/dev/null 2>&1 || echo "training failed"
"$MOTE" quantize float.mote -o m.mote 2>/dev/null
run() {
    "$MOTE" run m.mote --tokens 20 --temperature 0 "$@"
}
run --prompt 'né 日' >from-option

echo "A prompt from a pipe gives the same text, with and without its line break; short options may be joined:"
printf 'né 日\n' | run | cmp - from-option
printf 'né 日' | "$MOTE" run m.mote -n20 -t0 | cmp - from-option
run </dev/null >nothing
run --prompt '' | cmp - nothing
head -c 1048577 /dev/zero | run || echo "code $?"
run <. || echo "code $?"

echo "On a terminal the prompt comes first, and a newline last:"
pty 200 -- "$MOTE" run m.mote -n20 -t0 --prompt 'né 日'
{ printf 'né 日' && cat from-option && printf '\ncode 0\n'; } | cmp - screen

echo "What is typed arrives, in any locale; Ctrl-C discards the line; Ctrl-D ends:"
for locale in C C.UTF-8; do
    LC_ALL=$locale pty 200 '> ' 'ab^C' '> ' 'né 日\n' '> ' '^D' -- "$MOTE" run m.mote -n20 -t0
    { sed -n 1p screen && printf '> \n> né 日\nné 日' && cat from-option && printf '\n> ^D\ncode 0\n'; } | cmp - screen
done
head -n 1 screen

echo "A generation without end stops at Ctrl-C, and the next prompt works:"
pty 200 '> ' 'né\n' 'né' '^C' '> ' '^D' -- "$MOTE" run m.mote --tokens 0
tail -n 1 screen

echo "The questions go to standard error if standard output is a file:"
pty 200 '> ' 'né 日\n' '> ' '^D' -- sh -c "'$MOTE' run m.mote -n20 -t0 >answer"
cmp answer from-option

echo "A reader that leaves ends the command silently, a full disk does not:"
{ run --tokens 0 --prompt a || echo "code $?" >&2; } | head -c 1 >one
run --prompt a >/dev/full || echo "code $?"

"$MOTE" run --help | grep -- "'Once '" && echo "a prompt that ends with a space"
for verb in run sim; do
    "$MOTE" $verb --help | sed -n '/Examples/,$p' | head -n 3
done
