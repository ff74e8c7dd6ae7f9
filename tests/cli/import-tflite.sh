# The table of an imported TensorFlow Lite file, and what is refused. Needs ../shared.
data=$SOURCE/../shared/data/networks/tflite
[ -d "$data" ] || {
    echo "SKIPPED: no ../shared/data/networks/tflite"
    exit 0
}
show() { # FOLDER
    cp "$data/$1"/*.tflite m.tflite
    "$MOTE" import m.tflite -o m.mote
    echo "exit code $?"
}
for folder in tinymaix_mnist_resnet tinymaix_mbnet96 kws_float mww_alexa mnist_lstm audio_preprocessor_int8; do
    show $folder 2>&1
done
"$MOTE" import m.tflite -o - >/dev/null 2>err || cat err
head -c 1000 m.tflite >cut.tflite
"$MOTE" import cut.tflite -o m.mote || echo "exit code $?"
