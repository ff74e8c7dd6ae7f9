"""Writes the same random weights as a llama2.c checkpoint of version 0 and as safetensors with their config.json.

Usage: import_files.py FOLDER

The shape is that of llama2.c's stories15M: 60 MB. Values are drawn once and repeated, which does not change the time to
read them."""
import array
import json
import os
import random
import struct
import sys

DIM, HIDDEN, LAYERS, HEADS, VOCABULARY, CONTEXT = 288, 768, 6, 6, 32000, 256
LAYER = "model.layers.%d."
TENSORS = [
    ("model.embed_tokens.weight", VOCABULARY, DIM),
    (LAYER + "input_layernorm.weight", DIM, 0),
    (LAYER + "self_attn.q_proj.weight", DIM, DIM),
    (LAYER + "self_attn.k_proj.weight", DIM, DIM),
    (LAYER + "self_attn.v_proj.weight", DIM, DIM),
    (LAYER + "self_attn.o_proj.weight", DIM, DIM),
    (LAYER + "post_attention_layernorm.weight", DIM, 0),
    (LAYER + "mlp.gate_proj.weight", HIDDEN, DIM),
    (LAYER + "mlp.down_proj.weight", DIM, HIDDEN),
    (LAYER + "mlp.up_proj.weight", HIDDEN, DIM),
    ("model.norm.weight", DIM, 0),
]

random.seed(1)
POOL = array.array("f", (random.gauss(0, 0.05) for _ in range(1 << 16))).tobytes()


def values(count):
    return (POOL * (4 * count // len(POOL) + 1))[: 4 * count]


def copies(name):
    return [name % i for i in range(LAYERS)] if "%d" in name else [name]


def checkpoint(path):
    with open(path, "wb") as f:
        f.write(struct.pack("<7i", DIM, HIDDEN, LAYERS, HEADS, HEADS, VOCABULARY, CONTEXT))
        for name, rows, columns in TENSORS:
            for _ in copies(name):
                f.write(values(rows * max(columns, 1)))
        f.write(bytes(4 * CONTEXT * DIM // HEADS))


def safetensors(folder):
    os.mkdir(folder)
    header, at = {}, 0
    for name, rows, columns in TENSORS:
        for copy in copies(name):
            size = 4 * rows * max(columns, 1)
            shape = [rows, columns] if columns else [rows]
            header[copy] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + size]}
            at += size
    text = json.dumps(header).encode()
    with open(folder + "/model.safetensors", "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for entry in header.values():
            begin, end = entry["data_offsets"]
            f.write(values((end - begin) // 4))
    config = {
        "model_type": "llama", "vocab_size": VOCABULARY, "hidden_size": DIM, "intermediate_size": HIDDEN,
        "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "max_position_embeddings": CONTEXT,
        "tie_word_embeddings": True,
    }
    with open(folder + "/config.json", "w") as f:
        json.dump(config, f)


checkpoint(sys.argv[1] + "/model.bin")
safetensors(sys.argv[1] + "/folder")
