"""Runs verbs of the command with one allocation after another failing: python3 failing_allocations.py COMMAND [CASE]...

Each run must end with exit code 1 and one line about memory, leaving either no output or a whole one, or, where the command can do without
what it was refused, with the same output as ever. Nothing may crash, and nothing may leak where the command was built
with a sanitizer.

With more allocations than RUNS they are tried at even distances, beginning at a place that CASE_SEED moves.
"""
import filecmp
import json
import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zipfile

RUNS = int(os.environ.get("RUNS", "60"))
SEED = int(os.environ.get("CASE_SEED", "0"))

# name: (arguments, inputs, outputs)
CASES = {
    "train": ("train text.txt -o out.mote --dim 8 --embed 4 --steps 4 --batch 2 --sequence 8 --threads 2 --seed 3"
              " --weights int8 --dropout 0.1", "text.txt", "out.mote"),
    "train-vocab": ("train text.txt -o out.mote --dim 8 --vocab 20 --steps 3 --batch 2 --sequence 8 --threads 1"
                    " --prune-to 0.5 --prune-steps 0:2", "text.txt", "out.mote"),
    "train-transformer": ("train text.txt -o out.mote --arch transformer --dim 8 --heads 2 --layers 1 --context 8"
                          " --steps 3 --batch 2 --threads 1 --teacher gru.mote", "text.txt gru.mote", "out.mote"),
    "train-dry": ("train text.txt -o out.mote --dry-run --json", "text.txt", ""),
    "import-llama2c": ("import llama.bin -o out.mote --tokenizer chars.bin", "llama.bin chars.bin", "out.mote"),
    "import-tflite": ("import net.tflite -o out.mote", "net.tflite", "out.mote"),
    "tokenizer-learn": ("tokenizer text.txt --vocab 20 -o out.tok", "text.txt", "out.tok"),
    "tokenizer-show": ("tokenizer text.tok --show", "text.tok", ""),
    "tokenizer-encode": ("tokenizer text.tok --encode cat", "text.tok", ""),
    "prune": ("prune gru.mote -o out.mote --sparsity 0.5 --method activation --calibrate text.txt --json",
              "gru.mote text.txt", "out.mote"),
    "prune-units": ("prune gru.mote -o out.mote --granularity unit --sparsity 0.5", "gru.mote", "out.mote"),
    "prune-mincut": ("prune gru.mote -o out.mote --sparsity 0.5 --method mincut --calibrate text.txt --picture p.svg",
                     "gru.mote text.txt", "out.mote"),
    "quantize": ("quantize gru.mote -o out.mote", "gru.mote", "out.mote"),
    "quantize-transformer": ("quantize transformer.mote -o out.mote --weights int4 --calibrate text.txt --report --json",
                             "transformer.mote text.txt", "out.mote"),
    "quantize-fit": ("quantize transformer.mote -o out.mote --fit esp32s3 --calibrate text.txt",
                     "transformer.mote text.txt", "out.mote"),
    "run": ("run gru.mote --prompt cat --tokens 8 --seed 1", "gru.mote", ""),
    "run-packed": ("run packed.mote --prompt cat --tokens 8 --seed 1", "packed.mote", ""),
    "eval": ("eval gru.mote packed.mote --text text.txt --json", "gru.mote packed.mote text.txt", ""),
    "info": ("info packed.mote", "packed.mote", ""),
    "info-json": ("info packed.mote --json", "packed.mote", ""),
    "info-chip": ("info packed.mote --chip esp32s3 --json", "packed.mote", ""),
    "info-shape": ("info --arch transformer --dim 16 --heads 2 --layers 1", "", ""),
    "verify": ("verify packed.mote", "packed.mote", ""),
    "sim": ("sim packed.mote --tokens 2 --json", "packed.mote", ""),
    "export": ("export transformer.mote -o out.ruvm", "transformer.mote", "out.ruvm"),
    "convert-json": ("convert packed.mote --to json -o out.json", "packed.mote", "out.json"),
    "convert-npz": ("convert packed.mote --to npz -o out.npz", "packed.mote", "out.npz"),
    "convert-from-json": ("convert packed.json -o out.mote", "packed.json", "out.mote"),
    "convert-from-npz": ("convert packed.npz -o out.mote", "packed.npz", "out.mote"),
    "asm": ("asm code.s -o out.o", "code.s", "out.o"),
    "asm-listing": ("asm code.s --listing", "code.s", ""),
    "asm-lines": ("asm --lines lines.txt", "lines.txt", ""),
    "dis": ("dis code.o", "code.o", ""),
    "train-resume": ("train text.txt -o out.mote --resume", "text.txt out.mote out.mote.resume",
                     "out.mote"),
    "train-arrays": ("train data.npz --init mean.mote -o out.mote --steps 3 --batch 2 --threads 1", "data.npz mean.mote",
                     "out.mote"),
    "import-safetensors": ("import model.safetensors -o out.mote", "model.safetensors config.json", "out.mote"),
    "quantize-gptq": ("quantize transformer.mote -o out.mote --weights int4 --method gptq --calibrate text.txt",
                      "transformer.mote text.txt", "out.mote"),
    "eval-arrays": ("eval mean.mote data.npz --json", "mean.mote data.npz", ""),
    "eval-csv": ("eval map.mote --data samples.csv", "map.mote samples.csv", ""),
    "quantize-image": ("quantize map.mote -o out.mote --weights int4 --calibrate picture.pgm", "map.mote picture.pgm",
                       "out.mote"),
    "run-boxes": ("run map.mote --input picture.pgm --boxes fomo -o out.png", "map.mote picture.pgm", "out.png"),
    "info-memory": ("info packed.mote --memory --picture out.svg", "packed.mote", "out.svg"),
    "compare": ("compare map.mote map.mote --input picture.pgm --json", "map.mote picture.pgm", ""),
    "compare-arrays": ("compare values.npz map.mote --input picture.pgm", "map.mote values.npz picture.pgm", ""),
    "emu": ("emu code.elf --profile --timing", "code.elf", ""),
    "emu-debugger": ("emu -i code.elf", "code.elf", ""),
    "help": ("train --help", "", ""),
}

CODE = """    .section .text, "ax"
    .global main
    .macro twice what
    \\what
    \\what
    .endm
main: entry a1, 32
    movi a2, 70000
    twice nop
    .rept 3
    addi a2, a2, 1
    .endr
    beqz a2, main
    loop a2, 1f
    nop
1:  call8 other
    retw
    .data
words: .word 1, 2, main + 4
    .ascii "text"
"""


def llama2c():
    """A llama2.c checkpoint of version 0: a header and weights of a model of one layer with a tied head."""
    dim, hidden, layers, heads, vocabulary, context = 8, 16, 1, 2, 259 + 5, 8
    count = (vocabulary * dim + layers * (2 * dim + 4 * dim * dim + 3 * dim * hidden) + dim + context * dim // heads)
    weights = [((i * 7919) % 201 - 100) / 500 for i in range(count)]
    return struct.pack("<7i", dim, hidden, layers, heads, heads, vocabulary, context) + struct.pack(f"<{count}f", *weights)


def tokenizer_bin():
    texts = [b"<unk>", b"\n<s>\n", b"\n</s>\n"] + [b"<0x%02X>" % i for i in range(256)]
    texts += [b"c", b"a", b"t", b"ca", b"cat"]
    return struct.pack("<i", max(map(len, texts))) + b"".join(
        struct.pack("<fi", -float(i), len(t)) + t for i, t in enumerate(texts))


def safetensors():
    """A Llama-style model of one layer, with a tied head."""
    dim, hidden, vocabulary = 8, 16, 12
    layer = "model.layers.0."
    shapes = {"model.embed_tokens.weight": [vocabulary, dim], "model.norm.weight": [dim],
              layer + "input_layernorm.weight": [dim], layer + "post_attention_layernorm.weight": [dim],
              layer + "mlp.gate_proj.weight": [hidden, dim], layer + "mlp.up_proj.weight": [hidden, dim],
              layer + "mlp.down_proj.weight": [dim, hidden]}
    shapes |= {f"{layer}self_attn.{name}_proj.weight": [dim, dim] for name in "qkvo"}
    header, data = {}, b""
    for name, shape in shapes.items():
        begin = len(data)
        data += b"".join(struct.pack("<f", ((i * 7919) % 201 - 100) / 500) for i in range(math.prod(shape)))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    config = {"model_type": "llama", "hidden_size": dim, "intermediate_size": hidden, "num_hidden_layers": 1,
              "num_attention_heads": 2, "vocab_size": vocabulary, "max_position_embeddings": 16, "rms_norm_eps": 1e-5,
              "tie_word_embeddings": True}
    return struct.pack("<Q", len(text)) + text + data, json.dumps(config).encode()


class FlatBuffer:
    def __init__(self):
        self.data = bytearray(b"\0\0\0\0TFL3")

    def room(self, size):
        self.data += bytes(-len(self.data) % 8)
        at = len(self.data)
        self.data += bytes(size)
        return at

    def vector(self, form, values):
        at = self.room(4 + struct.calcsize(f"<{len(values)}{form}"))
        struct.pack_into(f"<I{len(values)}{form}", self.data, at, len(values), *values)
        return at

    def link(self, at, to):
        struct.pack_into("<I", self.data, at, to - at)

    def table(self, fields):
        """Adds a table of words: a field is a number, or a function that adds what its offset points to."""
        size, places = max(fields, default=-1) + 1, {field: 4 + 4 * i for i, field in enumerate(sorted(fields))}
        vtable = self.room(4 + 2 * size)
        at = self.room(4 + 4 * len(fields))
        struct.pack_into(f"<HH{size}H", self.data, vtable, 4 + 2 * size, 4 + 4 * len(fields),
                         *(places.get(i, 0) for i in range(size)))
        struct.pack_into("<i", self.data, at, at - vtable)
        for field, value in fields.items():
            if callable(value):
                self.link(at + places[field], value())
            else:
                struct.pack_into("<i", self.data, at + places[field], value)
        return at

    def tables(self, lists):
        at = self.vector("I", [0] * len(lists))
        for i, fields in enumerate(lists):
            self.link(at + 4 + 4 * i, self.table(fields))
        return at


def tflite(code):
    """Two operators of int8, one after the other."""
    f = FlatBuffer()
    quantization = {2: lambda: f.vector("f", [0.5]), 3: lambda: f.vector("q", [1])}
    tensors = [{0: lambda: f.vector("i", [1, 4]), 1: 9, 2: 0, 3: lambda: f.vector("B", b"name"),
                4: lambda: f.table(quantization)}] * 3
    operators = [{0: 0, 1: lambda i=i: f.vector("i", [i]), 2: lambda i=i: f.vector("i", [i + 1])} for i in range(2)]
    graph = {0: lambda: f.tables(tensors), 1: lambda: f.vector("i", [0]), 2: lambda: f.vector("i", [2]),
             3: lambda: f.tables(operators)}
    f.link(0, f.table({0: 3, 1: lambda: f.tables([{3: code}]), 2: lambda: f.tables([graph]),
                       4: lambda: f.tables([{}])}))
    return bytes(f.data)


def manifest():
    """A network of two inputs and one output, as `mote convert` reads it."""
    def tensor(name, role, shape, **more):
        return {"name": name, "role": role, "type": "f32", "shape": shape, **more}

    tensors = [tensor("x", "input", [2]), tensor("y", "output", [1]),
               tensor("w", "constant", [1, 2], values=[0.25, -0.5]), tensor("b", "constant", [1], values=[0.125])]
    operators = [{"name": "mean", "operator": "linear", "inputs": {"x": "x", "weights": "w", "bias": "b"},
                  "outputs": {"y": "y"}, "params": {}}]
    return json.dumps({"format": "mote-manifest", "version": 2, "packed": False, "tensors": tensors,
                       "operators": operators}).encode()


def arrays(path, **shapes):
    def array(shape):
        text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
        return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + struct.pack(
            f"<{math.prod(shape)}f", *(i % 7 / 8 for i in range(math.prod(shape))))

    with zipfile.ZipFile(path, "w") as archive:
        for name, shape in shapes.items():
            archive.writestr(f"{name}.npy", array(shape))


def image_manifest():
    """A detector whose map of 2 by 3 cells is the picture, and its opposite."""
    def tensor(name, role, shape, **more):
        return {"name": name, "role": role, "type": "f32", "shape": shape} | more

    window = ["kernel_height", "kernel_width", "stride_height", "stride_width", "dilation_height", "dilation_width"]
    zeros = ["shift", "gain", "group", "exponent", "fraction", "top", "left", "bottom", "right", "low", "high", "rounding"]
    tensors = [tensor("x", "input", [2, 3, 1]), tensor("w", "constant", [2, 1], values=[-1, 1]),
               tensor("b", "constant", [2], values=[1, 0]), tensor("y", "output", [2, 3, 2])]
    conv = {"name": "y", "operator": "conv", "inputs": {"x": "x", "weights": "w", "bias": "b"}, "outputs": {"y": "y"},
            "params": dict.fromkeys(window, 1) | dict.fromkeys(zeros, 0) | {"parts": 1}}
    return json.dumps({"format": "mote-manifest", "version": 2, "packed": False,
                       "tensors": tensors, "operators": [conv]}).encode()


def program(code):
    """An executable for the emulator: this code at the beginning of the instruction RAM."""
    address, header, entry = 0x40378000, 52, 32
    return (b"\x7fELF\x01\x01\x01" + bytes(9) + struct.pack(
        "<HHIIIIIHHHHHH", 2, 94, 1, address, header, 0, 0, header, entry, 1, 40, 0, 0) + struct.pack(
            "<IIIIIIII", 1, header + entry, address, address, len(code), len(code), 5, 4) + code)


def run(command, arguments, folder, **environment):
    return subprocess.run([command, *arguments.split()], cwd=folder, capture_output=True, stdin=subprocess.DEVNULL,
                          env={**os.environ, **environment}, check=False)


def make_inputs(command, folder):
    def write(name, data):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)

    write("text.txt", b"the cat sat on the mat. a cat that sat.\n" * 12)
    write("code.s", CODE.encode())
    write("lines.txt", b"nop\nadd a2, a3, a4\n")
    write("chars.bin", tokenizer_bin())
    write("llama.bin", llama2c())
    write("net.tflite", tflite(19))  # RELU
    model, config = safetensors()
    write("model.safetensors", model)
    write("config.json", config)
    write("mean.json", manifest())
    write("exit.s", b"main: movi a3, 0\n movi a2, 1\n simcall\n")
    write("map.json", image_manifest())
    write("picture.pgm", b"P5 3 2 255\n\x00\xff\x80\x00\x00\xff")
    write("samples.csv", b"0,1,0.5,0,0,1,3\n1,0,0,0,0,0,1\n")
    arrays(os.path.join(folder, "data.npz"), x=(40, 2), targets=(40, 1))
    arrays(os.path.join(folder, "values.npz"), y=(2, 3, 2))
    train = "train text.txt --steps 30 --batch 2 --sequence 8 --threads 1 --seed 1"
    for arguments in (f"{train} -o gru.mote --dim 16 --embed 8",
                      f"{train} -o transformer.mote --arch transformer --dim 8 --heads 2 --layers 1 --context 8",
                      "quantize gru.mote -o packed.mote", "tokenizer text.txt --vocab 20 -o text.tok",
                      "convert packed.mote --to json -o packed.json", "convert packed.mote --to npz -o packed.npz",
                      "asm code.s -o code.o", "convert mean.json -o mean.mote", "convert map.json -o map.mote",
                      "asm exit.s --raw -o exit.bin"):
        done = run(command, arguments, folder)
        if done.returncode:
            sys.exit(f"{arguments}: exit code {done.returncode}\n{done.stderr.decode()}")
    with open(os.path.join(folder, "exit.bin"), "rb") as file:
        write("code.elf", program(file.read()))
    stop_training(command, folder)


def stop_training(command, folder):
    """Leaves out.mote.resume, the state of a training that was killed after its first evaluation, at step 108."""
    arguments = "train text.txt -o out.mote --dim 64 --batch 2 --sequence 8 --threads 1 --seed 1 --steps 250"
    state = os.path.join(folder, "out.mote.resume")
    while not os.path.exists(state): # the training may end before it is killed
        with subprocess.Popen([command, *arguments.split()], cwd=folder, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as training:
            while training.poll() is None and not os.path.exists(state):
                time.sleep(0.001)
            training.kill()


def prepared(inputs, names, top, name):
    folder = os.path.join(top, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    for file in names.split():
        shutil.copy(os.path.join(inputs, file), folder)
    return folder


def verdict(done, good, folder, good_folder, outputs):
    """What is wrong with a run, or None."""
    error = done.stderr.decode(errors="replace")
    if done.returncode == 0:
        if done.stdout != good.stdout:
            return "exit code 0, but it prints something else"
        for name in outputs.split():
            if not os.path.exists(os.path.join(folder, name)):
                return f"exit code 0, but no {name}"
            if not filecmp.cmp(os.path.join(folder, name), os.path.join(good_folder, name), shallow=False):
                return f"exit code 0, but {name} is another"
        return None
    if done.returncode != 1:
        return f"exit code {done.returncode}"
    last = error.strip().splitlines()[-1] if error.strip() else ""
    if not last.startswith("mote") or "memory" not in last:
        return "the last line is not about memory"
    for name in outputs.split(): # training saves its model before it is done
        left = os.path.join(folder, name)
        if os.path.exists(left) and not filecmp.cmp(left, os.path.join(good_folder, name), shallow=False):
            return f"part of {name} is left"
    return None


def try_case(command, name, inputs, top):
    arguments, names, outputs = CASES[name]
    good_folder = prepared(inputs, names, top, "good")
    counted = os.path.join(top, "count")
    good = run(command, arguments, good_folder, MOTE_FAIL_COUNT=counted)
    if good.returncode:
        return [f"{name}: exit code {good.returncode} without a failure: {good.stderr.decode()}"], 0
    with open(counted, encoding="ascii") as file:
        count = int(file.read())
    step = max(1, count // RUNS)
    wrong = []
    for at in range(1 + SEED % step, count + 1, step):
        for on in "01":
            folder = prepared(inputs, names, top, "bad")
            done = run(command, arguments, folder, MOTE_FAIL_AT=str(at), MOTE_FAIL_ON=on)
            problem = verdict(done, good, folder, good_folder, outputs)
            if problem:
                after = " and all after it" if on == "1" else ""
                wrong.append(f"{name}: allocation {at} of {count}{after} fails: {problem}\n    mote {arguments}\n    "
                             + done.stderr.decode(errors="replace").strip()[-3000:].replace("\n", "\n    "))
    return wrong, count


def main():
    command = os.path.abspath(sys.argv[1])
    failed = False
    with tempfile.TemporaryDirectory() as top:
        inputs = os.path.join(top, "inputs")
        os.mkdir(inputs)
        make_inputs(command, inputs)
        for name in sys.argv[2:] or CASES:
            if name == "sim" and not os.path.exists(os.environ.get("MOTE_SIM_DIR", "") + "/esp32s3.elf"):
                print("SKIPPED: sim, whose programs were not built")
                continue
            wrong, count = try_case(command, name, inputs, top)
            print(f"{name}: {count} allocations, {len(wrong)} wrong", flush=True)
            print("\n".join(wrong[:int(os.environ.get("SHOWN", "3"))]), end="\n" if wrong else "", flush=True)
            failed = failed or bool(wrong)
    sys.exit(failed)


if __name__ == "__main__":
    main()
