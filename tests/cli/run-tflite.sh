# An imported TensorFlow Lite network on files: the bytes of TensorFlow Lite Micro, on this PC and on simulated chips.
# Needs ../shared.
data=$SOURCE/../shared/data/networks/tflite
[ -d "$data" ] || {
    echo "SKIPPED: no ../shared/data/networks/tflite"
    exit 77
}
printf 'no person\nperson\n' >labels.txt
"$MOTE" import "$data/person_detect/person_detect.tflite" --labels labels.txt -o person.mote >/dev/null 2>&1
for i in 0 1 2 3 4 5 6 7 8 9; do
    "$MOTE" run person.mote --input "$data/person_detect/in_$i.bin" -o out.bin && cmp out.bin "$data/person_detect/out_$i.bin"
done
"$MOTE" run person.mote --input "$data/person_detect/image0.pgm"
model=$(ls "$data"/tinymaix_mnist_valid/*.tflite)
"$MOTE" import "$model" -o digit.mote >/dev/null 2>&1
for chip in esp32s3 esp32 esp32s2 esp32c3; do
    "$MOTE" sim digit.mote --chip $chip --input "$data/tinymaix_mnist_valid/in_0.bin" --verify >sim.txt || cat sim.txt
    head -1 sim.txt
    grep -o 'no difference in .*' sim.txt
done
"$MOTE" sim digit.mote --input "$data/tinymaix_mnist_valid/in_0.bin" --json >sim.json
/usr/bin/python3 -c "import json; s = json.load(open('sim.json')); print(s['same'], s['tokens'], repr(s['text']))"
printf 'one\ntwo\n' >two
"$MOTE" sim digit.mote --input "$data/tinymaix_mnist_valid/in_0.bin" --labels two
echo "exit code $?"
cp "$data/person_detect/in_0.bin" other.bin
"$MOTE" sim digit.mote --input other.bin
echo "exit code $?"
"$MOTE" sim digit.mote --input "$data/tinymaix_mnist_valid/in_0.bin" --tokens 3
echo "exit code $?"
head -c $((784 * 20000)) /dev/zero >many.bin
"$MOTE" sim digit.mote --input many.bin
echo "exit code $?"
