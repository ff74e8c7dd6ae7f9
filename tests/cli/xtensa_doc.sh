# Does what docs/xtensa.md says: writes its files, runs its commands, and compares what they print with what it prints.
command -v xtensa-lx106-elf-gcc >/dev/null || { echo "SKIPPED: gcc-xtensa-lx106 not present"; exit 0; }
mote() { "$MOTE" "$@"; }
awk '
    /^File `/        { split($0, part, "`"); name = part[2]; next }
    /^```$/          { inside = ""; name = ""; next }
    /^```console$/   { inside = "doc.expected"; next }
    /^```/           { inside = name; next }
    inside != ""     { print > inside }
' "$SOURCE/docs/xtensa.md"
grep '^\$ ' doc.expected | while IFS= read -r line; do
    printf '%s\n' "$line"
    eval "${line#\$ }" </dev/null
done >doc.got 2>&1
diff -u doc.expected doc.got && echo "$(grep -c '^\$ ' doc.expected) commands work as printed"
