# `mote info` and `mote verify` need the memory of a large file once: 200 MB under a limit of 320 MB.
if grep -q __asan_init "$MOTE"; then
    echo "SKIPPED: the address sanitizer needs more address space than this limit leaves"
    exit
fi
python3 - <<'END' || exit
import json, math, struct
dim, hidden, layers, vocabulary = 1024, 2816, 4, 1000
shapes = {"model.embed_tokens.weight": [vocabulary, dim], "model.norm.weight": [dim]}
for k in range(layers):
    layer = f"model.layers.{k}."
    shapes |= {layer + "input_layernorm.weight": [dim], layer + "post_attention_layernorm.weight": [dim],
               layer + "mlp.gate_proj.weight": [hidden, dim], layer + "mlp.up_proj.weight": [hidden, dim],
               layer + "mlp.down_proj.weight": [dim, hidden]}
    shapes |= {f"{layer}self_attn.{name}_proj.weight": [dim, dim] for name in "qkvo"}
header, end = {}, 0
for name, shape in shapes.items():
    header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + 4 * math.prod(shape)]}
    end += 4 * math.prod(shape)
text = json.dumps(header).encode()
with open("model.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text)
    file.truncate(8 + len(text) + end)
json.dump({"model_type": "llama", "hidden_size": dim, "intermediate_size": hidden, "num_hidden_layers": layers,
           "num_attention_heads": 8, "vocab_size": vocabulary, "max_position_embeddings": 16,
           "tie_word_embeddings": True}, open("config.json", "w"))
END
"$MOTE" import model.safetensors -o m.mote >/dev/null 2>&1
stat -c %s m.mote
export OPENBLAS_NUM_THREADS=1
ulimit -v 320000
"$MOTE" info m.mote | tail -n 1
"$MOTE" verify m.mote
