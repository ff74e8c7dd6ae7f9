"""Makes tiny models in safetensors, and computes with NumPy what they predict.

    reference_models.py              makes a folder for each model
    reference_models.py FOLDER JSON  compares the nats per token that `mote eval --json` printed with the forward pass"""
import json
import os
import struct
import sys

import numpy as np

V, D, H, KV, L, T, F = 8, 12, 3, 1, 2, 16, 20
W = D // H


def write(folder, config, tensors):
    os.mkdir(folder)
    header, data = {}, b""
    for name, value in tensors.items():
        value = np.ascontiguousarray(value, dtype="<f4")
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [len(data), len(data) + value.nbytes]}
        data += value.tobytes()
    text = json.dumps(header).encode()
    with open(folder + "/model.safetensors", "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)
    with open(folder + "/config.json", "w") as f:
        json.dump(config, f)


def read(folder):
    with open(folder + "/model.safetensors", "rb") as f:
        whole = f.read()
    size = struct.unpack("<Q", whole[:8])[0]
    tensors = {}
    header = json.loads(whole[8 : 8 + size])
    header.pop("__metadata__", None)
    for name, t in header.items():
        begin, end = t["data_offsets"]
        value = np.frombuffer(whole[8 + size + begin : 8 + size + end], "<f4").reshape(t["shape"]).astype(float)
        tensors[name.replace("_orig_mod.", "").replace("transformer.", "").removeprefix("model.")] = value
    with open(folder + "/config.json") as f:
        return json.load(f), tensors


def llama_tensors(draw, tied):
    t = {"embed_tokens.weight": draw(V, D)}
    for i in range(L):
        p = f"layers.{i}."
        t |= {p + "input_layernorm.weight": 1 + draw(D), p + "post_attention_layernorm.weight": 1 + draw(D)}
        t |= {p + f"self_attn.{n}_proj.weight": draw(r, D) for n, r in (("q", D), ("k", KV * W), ("v", KV * W), ("o", D))}
        t |= {p + "mlp.gate_proj.weight": draw(F, D), p + "mlp.up_proj.weight": draw(F, D), p + "mlp.down_proj.weight": draw(D, F)}
    t["norm.weight"] = 1 + draw(D)
    return t if tied else t | {"lm_head.weight": draw(V, D)}


def gpt2_tensors(draw, biased):
    t = {"wte.weight": draw(V, D), "wpe.weight": draw(T, D), "ln_f.weight": 1 + draw(D)}
    for i in range(L):
        p = f"h.{i}."
        t |= {p + "ln_1.weight": 1 + draw(D), p + "ln_2.weight": 1 + draw(D)}
        t |= {p + "attn.c_attn.weight": draw(3 * D, D), p + "attn.c_proj.weight": draw(D, D)}
        t |= {p + "mlp.c_fc.weight": draw(4 * D, D), p + "mlp.c_proj.weight": draw(D, 4 * D)}
    return t | {k.removesuffix("weight") + "bias": draw(v.shape[0]) for k, v in t.items() if biased and k[:2] != "wt" and k[:2] != "wp"}


def make():
    random = np.random.default_rng(7)
    draw = lambda *shape: random.normal(0, 0.5, shape)
    llama = {"model_type": "llama", "vocab_size": V, "hidden_size": D, "intermediate_size": F, "num_hidden_layers": L,
             "num_attention_heads": H, "num_key_value_heads": KV, "max_position_embeddings": T, "rms_norm_eps": 1e-5,
             "rope_theta": 500.0}
    model = lambda name: name if name.startswith("lm_head") else "model." + name
    t = llama_tensors(draw, False)
    write("llama-full-names", llama, {model(k): v for k, v in t.items()})
    write("llama-short-names", llama, t)
    write("llama-compiled", llama, {"_orig_mod." + model(k): v for k, v in t.items()})
    t = llama_tensors(draw, True)
    tied = llama | {"tie_word_embeddings": True}
    write("llama-tied", tied, t)
    write("llama-tied-head-alone", tied, {k.replace("embed_tokens", "lm_head"): v for k, v in t.items()})
    sizes = {"vocab_size": V, "n_embd": D, "n_head": H, "n_layer": L}
    gpt2 = sizes | {"model_type": "gpt2", "n_positions": T, "n_inner": None, "activation_function": "gelu"}
    t = gpt2_tensors(draw, True)
    inward = lambda k, v: v.T if k.startswith("h.") else v
    masks = {f"h.{i}.attn.bias": np.tril(np.ones((1, 1, T, T))) for i in range(L)}
    write("gpt2-conv1d", gpt2, {k: inward(k, v) for k, v in (t | masks).items()})
    write("gpt2-untied", gpt2 | {"tie_word_embeddings": False},
          {"transformer." + k: inward(k, v) for k, v in t.items()} | {"lm_head.weight": draw(V, D)})
    nano = sizes | {"block_size": T}
    compiled = {"_orig_mod.transformer." + k: v for k, v in t.items()}
    write("gpt2-nanogpt", nano | {"bias": True}, compiled | {"_orig_mod.lm_head.weight": t["wte.weight"]})
    write("gpt2-nanogpt-plain", nano | {"bias": False}, {"transformer." + k: v for k, v in gpt2_tensors(draw, False).items()})


    t = llama_tensors(draw, False)
    write_llama2c("plain.bin", t)
    write_llama2c("plain-tied.bin", {k: v for k, v in t.items() if k != "lm_head.weight"})


def write_llama2c(path, t):
    """A checkpoint of version 0. Its q and k turn neighbouring values: any weights will do here."""
    angle = np.arange(T)[:, None] * 10000.0 ** (-np.arange(W // 2) * 2 / W)
    order = ["input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
             "post_attention_layernorm", "mlp.gate_proj", "mlp.down_proj", "mlp.up_proj"]
    parts = [t["embed_tokens.weight"]] + [t[f"layers.{i}.{n}.weight"] for n in order for i in range(L)]
    parts += [t["norm.weight"], np.cos(angle), np.sin(angle)]
    head = t.get("lm_head.weight")
    with open(path, "wb") as f:
        f.write(struct.pack("<7i", D, F, L, H, KV, V if head is None else -V, T))
        for part in parts + ([] if head is None else [head]):
            f.write(np.ascontiguousarray(part, dtype="<f4").tobytes())


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def attend(q, k, v):
    scores = q @ k.T / np.sqrt(W)
    return softmax(np.where(np.tril(np.ones(scores.shape)) == 1, scores, -np.inf)) @ v


def rotate(x, theta):
    """Turns value i of each head with value i + W/2."""
    angle = np.arange(len(x))[:, None] * theta ** (-np.arange(W // 2) * 2 / W)
    a, b = x[:, : W // 2], x[:, W // 2 :]
    return np.concatenate([a * np.cos(angle) - b * np.sin(angle), b * np.cos(angle) + a * np.sin(angle)], 1)


def llama(config, t, ids):
    norm = lambda x, g: x / np.sqrt((x * x).mean(-1, keepdims=True) + config["rms_norm_eps"]) * g
    head = t.get("lm_head.weight", t.get("embed_tokens.weight"))
    x = t.get("embed_tokens.weight", head)[ids]
    for i in range(L):
        w = lambda name: t[f"layers.{i}.{name}.weight"]
        y = norm(x, w("input_layernorm"))
        q, k, v = (y @ w(f"self_attn.{n}_proj").T for n in "qkv")
        part = lambda m, h: m[:, h * W : (h + 1) * W]
        heads = [attend(rotate(part(q, h), config["rope_theta"]), rotate(part(k, h * KV // H), config["rope_theta"]),
                        part(v, h * KV // H)) for h in range(H)]
        x = x + np.concatenate(heads, 1) @ w("self_attn.o_proj").T
        y = norm(x, w("post_attention_layernorm"))
        gate = y @ w("mlp.gate_proj").T
        x = x + (gate / (1 + np.exp(-gate)) * (y @ w("mlp.up_proj").T)) @ w("mlp.down_proj").T
    return norm(x, t["norm.weight"]) @ head.T


def gpt2(config, t, ids):
    from math import erf
    gelu = np.vectorize(lambda x: x * 0.5 * (1 + erf(x / 2**0.5)))

    def norm(x, name):
        x = x - x.mean(-1, keepdims=True)
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * t[name + ".weight"] + t.get(name + ".bias", 0)

    def linear(x, name):
        w = t[name + ".weight"]
        return x @ (w if config.get("model_type") == "gpt2" else w.T) + t.get(name + ".bias", 0)

    x = t["wte.weight"][ids] + t["wpe.weight"][: len(ids)]
    for i in range(L):
        q, k, v = np.split(linear(norm(x, f"h.{i}.ln_1"), f"h.{i}.attn.c_attn"), 3, 1)
        heads = [attend(*(m[:, h * W : (h + 1) * W] for m in (q, k, v))) for h in range(H)]
        x = x + linear(np.concatenate(heads, 1), f"h.{i}.attn.c_proj")
        x = x + linear(gelu(linear(norm(x, f"h.{i}.ln_2"), f"h.{i}.mlp.c_fc")), f"h.{i}.mlp.c_proj")
    return norm(x, "ln_f") @ t.get("lm_head.weight", t["wte.weight"]).T


def compare(folder, path):
    with open("text", "rb") as f:
        text = f.read()
    alphabet = sorted(set(text))
    ids = [alphabet.index(b) for b in text]
    config, t = read(folder)
    logits = (gpt2 if "wpe.weight" in t else llama)(config, t, [0] + ids[:-1])
    nats = -np.log(softmax(logits)[range(len(ids)), ids]).mean()
    with open(path) as f:
        got = json.load(f)["models"][0]["nats_per_token"]
    if abs(got - nats) > 1e-5:
        sys.exit(f"{folder}: {got} nats per token, and NumPy computes {nats}")


make() if len(sys.argv) == 1 else compare(*sys.argv[1:])
