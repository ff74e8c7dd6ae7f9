# What is installed is enough for programs of one's own: the emulator's library, and the runtime's.
cmake --install "$(dirname "$MOTE")" --prefix "$PWD/here" >/dev/null || exit
flags="-Ihere/include/mote -Ihere/include -Lhere/lib -Lhere/lib/$(cc -print-multiarch)"
sanitize=$(grep -q 'MOTE_SANITIZE:BOOL=ON' "$(dirname "$MOTE")/CMakeCache.txt" && echo -fsanitize=address,undefined)
# The command in the example's comment, with the folder of this installation.
cp "$SOURCE/examples/emulator/add.c" .
PKG_CONFIG_PATH=$(dirname "$(find here -name mote-xtensa.pc)")
export PKG_CONFIG_PATH ASAN_OPTIONS=detect_leaks=0
eval "$(sed -n 's/^ \*     cc /cc $sanitize /p' add.c | sed "s,pkg-config ,&--define-variable=prefix=$PWD/here ,")"
cat >open.c <<'END'
#include <mote.h>
#include <stdio.h>
int main(void)
{
    static const _Alignas(16) char text[80] = "not a model";
    mote_model model;
    puts(mote_status_text(mote_open(&model, text, sizeof text)));
    return 0;
}
END
cc $sanitize $flags open.c -lmote_runtime -o open
./open
here/bin/mote --version
ls here/share/mote/include here/share/mote/runtime/operators.def
