"""Makes small tokenizers in the formats of Hugging Face and SentencePiece, and encodes with them as their programs do,
from their definitions and not from this project's code.

    reference_tokenizers.py                 makes the files, and cases.txt: the texts
    reference_tokenizers.py FILE MOTE TOK   compares what `MOTE tokenizer TOK --encode` prints for every text
    reference_tokenizers.py learned FILE N  compares a tokenizer.bin with N tokens learned from learn.txt"""
import collections
import json
import struct
import subprocess
import sys
import unicodedata

LEARN = ("the cat sat on the mat. the cat's hat isn't that hat, it's 12 or 123 hats!\n\nThe dog said: \u201cwe'll go \u2014 they've"
         " gone.\u201d  caf\u00e9 na\u00efve \u0434\u043e\u043c \u0434\u043e\u043c\u0430 \u732b\u732b\u72ac \U0001f600\U0001f600\n\tif (x == 10) {\n\t\treturn 1;\n\t}\n") * 3
TEXTS = ["the cat", " the cat", "  the  cats ", "isn't it's they'd I'M 'sure' x's", "a\n\nb\n \n c\t\td  ", "12345 6 x7 7x",
         "caf\u00e9 caf\u00e9's \u0434\u043e\u043c\u0430's \u201cthe\u201d's\u2014hat...", "\u732b\u72ac\u732b \U0001f600\U0001f600!", "\u00a0the\u00a0\u00a0cat\u3000x",
         "if (x == 10) {\n\t\treturn 1;\n\t}", "zebra \u00b2\u00bd\u0663\u0664 \u00aa\u2160", "", " ", "\n", "'", "''s '", "e\u0301t\u00e9", "hatshatshats", "abc xyz def"]


# Words of GPT-2: 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
def kind(c):
    category = unicodedata.category(c)[0]
    return "s" if c.isspace() and c not in "\x1c\x1d\x1e\x1f" else category if category in "LN" else "o"


def words(text):
    at, out = 0, []
    while at < len(text):
        rest = text[at:]
        short = next((s for s in ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d") if rest.startswith(s)), "")
        begin = 1 if rest[0] == " " else 0
        if short:
            size = len(short)
        elif begin < len(rest) and kind(rest[begin]) != "s":
            size = begin + 1
            while size < len(rest) and kind(rest[size]) == kind(rest[begin]):
                size += 1
        else:
            size = next((i for i, c in enumerate(rest) if kind(c) != "s"), len(rest))
            size -= 1 if size > 1 and size < len(rest) else 0
        out.append(rest[:size])
        at += size
    return out


def digits_apart(text):
    pieces = [""]
    for c in text:
        if kind(c) == "N":
            pieces += [c, ""]
        else:
            pieces[-1] += c
    return [p for p in pieces if p]


PRINTS = [b for b in range(256) if 33 <= b <= 126 or 161 <= b != 173]
ALPHABET = {b: chr(b) for b in PRINTS} | {b: chr(256 + i) for i, b in enumerate(b for b in range(256) if b not in PRINTS)}


def byte_level(text):
    return "".join(ALPHABET[b] for b in text.encode())


def merge(symbols, pair):
    out, i = [], 0
    while i < len(symbols):
        both = tuple(symbols[i : i + 2]) == pair
        out.append("".join(pair) if both else symbols[i])
        i += 1 + both
    return out


def learn(pieces, merges):
    """Learns merges as BPE does: of the pairs of symbols, the most frequent."""
    counts, learned = collections.Counter(map(tuple, pieces)), []
    for _ in range(merges):
        pairs = collections.Counter()
        for symbols, n in counts.items():
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += n
        if not pairs:
            break
        best = max(pairs, key=lambda p: (pairs[p], p))
        learned.append(best)
        counts = collections.Counter({tuple(merge(list(s), best)): n for s, n in counts.items()})
    return learned


def encode_bpe(symbols, order):
    while True:
        pairs = [p for p in zip(symbols, symbols[1:]) if p in order]
        if not pairs:
            return symbols
        symbols = merge_first(symbols, min(pairs, key=lambda p: order[p]))


def merge_first(symbols, pair):
    i = next(i for i in range(len(symbols)) if tuple(symbols[i : i + 2]) == pair)
    return symbols[:i] + ["".join(pair)] + symbols[i + 2 :]


def write_json(path, vocabulary, merges, model={}, **parts):
    special = [t for t in vocabulary if t.startswith("<|") or t in ("<s>", "</s>", "<unk>")]
    whole = {"version": "1.0", "truncation": None, "padding": None, "normalizer": None, "pre_tokenizer": None,
             "post_processor": None, "decoder": None} | parts
    whole["added_tokens"] = [{"id": vocabulary.index(t), "content": t, "single_word": False, "lstrip": False,
                              "rstrip": False, "normalized": False, "special": True} for t in special]
    whole["model"] = {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                      "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
                      "vocab": {t: i for i, t in enumerate(vocabulary)}, "merges": merges} | model
    with open(path, "w") as f:
        json.dump(whole, f)


def unique(items):
    return list(dict.fromkeys(items))


def make_byte_level():
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    merges = learn([byte_level(w) for w in words(LEARN)], 160)
    vocabulary = unique(["<|endoftext|>"] + list(ALPHABET.values()) + ["".join(m) for m in merges])
    write_json("gpt2.json", vocabulary, [" ".join(m) for m in merges], pre_tokenizer=level, decoder=level, post_processor=level)
    write_json("prefix.json", vocabulary, [list(m) for m in merges], pre_tokenizer=level | {"add_prefix_space": True})
    merges = learn([byte_level(LEARN[i : i + 40]) for i in range(0, len(LEARN), 40)], 120)
    vocabulary = unique(list(ALPHABET.values()) + ["".join(m) for m in merges])
    write_json("no-words.json", vocabulary, [" ".join(m) for m in merges], pre_tokenizer=level | {"use_regex": False})
    merges = learn([byte_level(w) for p in digits_apart(LEARN) for w in words(p)], 160)
    vocabulary = unique(list(ALPHABET.values()) + ["".join(m) for m in merges] + ["<|endoftext|>"])
    digits = {"type": "Digits", "individual_digits": True}
    write_json("digits.json", vocabulary, [" ".join(m) for m in merges], pre_tokenizer={"type": "Sequence", "pretokenizers": [digits, level]})
    # Merges whose token also has another split, or that come before those that they need: dead ends that a program
    # which merges by the text alone would take.
    odd = [["a", "b"], ["ab", "c"], ["b", "c"], ["x", "y"], ["y", "z"], ["x", "yz"], ["d", "ef"], ["e", "f"], ["d", "e"]]
    vocabulary = unique(list(ALPHABET.values()) + ["".join(m) for m in odd])
    write_json("odd.json", vocabulary, odd, pre_tokenizer=level)


def make_marked():
    marked = LEARN.replace(" ", "\u2581")
    pieces = ["\u2581" + w for w in marked.split("\u2581")]
    merges = learn(pieces, 100)
    characters = sorted(c for c, n in collections.Counter(marked).items() if n > 3)
    byte_tokens = [f"<0x{b:02X}>" for b in range(256)]
    merges = [m for m in merges if all(c in characters for c in "".join(m))]
    vocabulary = unique(["<unk>", "<s>", "</s>"] + byte_tokens + ["".join(m) for m in merges] + characters)
    normalizer = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "\u2581"},
                                                      {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]}
    template = {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                "pair": [], "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}
    model = {"unk_token": "<unk>", "byte_fallback": True, "fuse_unk": True}
    write_json("llama.json", vocabulary, [" ".join(m) for m in merges], model, normalizer=normalizer, post_processor=template)
    metaspace = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "first", "split": True}
    write_json("metaspace.json", vocabulary, [" ".join(m) for m in merges], model, pre_tokenizer=metaspace)
    scores = {"".join(m): -float(i) for i, m in enumerate(merges)}
    write_model("spm.model", [(t, scores.get(t, -1e4 - i)) for i, t in enumerate(vocabulary)], True)
    write_model("bare.model", [(t, scores.get(t, -1e4 - i)) for i, t in enumerate(vocabulary) if not t.startswith("<0x")], False)


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def write_model(path, pieces, space_first, model_type=2, charsmap=b"", user=False):
    types = {"<unk>": 2, "<s>": 3, "</s>": 3}
    out = b""
    for text, score in pieces:
        kind = types.get(text, 6 if text.startswith("<0x") else 4 if user else 1)
        out += field(1, field(1, text) + field(2, score) + (field(3, kind) if kind != 1 else b""))
    trainer = field(1, "corpus.txt") + field(3, model_type) + field(4, len(pieces)) + field(10, 0.9995) + field(35, int(any(t.startswith("<0x") for t, _ in pieces))) + field(40, 0) + field(41, 1) + field(42, 2)
    normalizer = field(1, "nmt_nfkc" if charsmap else "identity") + field(2, charsmap) + field(3, int(space_first)) + field(4, 0)
    with open(path, "wb") as f:
        f.write(out + field(2, trainer) + field(3, normalizer))


def encode_json(path, text):
    with open(path) as f:
        whole = json.load(f)
    ids, model = whole["model"]["vocab"], whole["model"]
    order = {}
    for i, m in enumerate(model["merges"]):
        order.setdefault(tuple(m.split(" ") if isinstance(m, str) else m), i)
    splitter = whole["pre_tokenizer"] or {"type": "None"}
    parts = splitter["pretokenizers"] if splitter["type"] == "Sequence" else [splitter]
    level = parts[-1] if parts[-1]["type"] == "ByteLevel" else None
    if level:
        pieces = digits_apart(text) if len(parts) > 1 else [text]
        if level["add_prefix_space"] and text and text[0] != " ":
            pieces[0] = " " + pieces[0]
        pieces = [byte_level(w) for p in pieces for w in (words(p) if level["use_regex"] else [p])]
    else:
        text = text.replace(" ", "\u2581")
        if text and not (splitter["type"] == "Metaspace" and text[0] == "\u2581"):
            text = "\u2581" + text
        pieces = [text]
        if splitter["type"] == "Metaspace":
            pieces = ["\u2581" + p for p in text.split("\u2581")[1:]]
    return [t for p in pieces for s in encode_bpe(spell(p, ids), order) for t in [ids[s]]]


def spell(text, ids):
    return [s for c in text for s in ([c] if c in ids else [f"<0x{b:02X}>" for b in c.encode()])]


def encode_model(text, bytes_too):
    """SentencePiece merges whichever neighbours make the token of the highest score. It makes one <unk> of neighbouring
    characters without a token; here each of their bytes is one."""
    vocabulary = read_model("spm.model" if bytes_too else "bare.model")
    ids = {t: i for i, (t, _, kind) in enumerate(vocabulary)}
    normal = {t: s for t, s, kind in vocabulary if kind == 1}
    text = text.replace(" ", "\u2581")
    text = "\u2581" + text if text and bytes_too else text
    fallback = lambda c: [f"<0x{b:02X}>" for b in c.encode()] if bytes_too else ["<unk>"] * len(c.encode())
    symbols = [s for c in text for s in ([c] if c in normal else fallback(c))]
    while True:
        both = [(-normal[a + b], i) for i, (a, b) in enumerate(zip(symbols, symbols[1:])) if a + b in normal]
        if not both:
            return [ids[s] for s in symbols]
        i = min(both)[1]
        symbols = symbols[:i] + [symbols[i] + symbols[i + 1]] + symbols[i + 2 :]


def read_model(path):
    def number(data, at):
        value = shift = 0
        while True:
            value |= (data[at] & 127) << shift
            at, shift = at + 1, shift + 7
            if data[at - 1] < 128:
                return value, at

    def fields(data):
        at = 0
        while at < len(data):
            key, at = number(data, at)
            if key & 7 == 0:
                value, at = number(data, at)
            elif key & 7 == 5:
                value, at = struct.unpack_from("<f", data, at)[0], at + 4
            else:
                size, at = number(data, at)
                value, at = data[at : at + size], at + size
            yield key >> 3, value

    with open(path, "rb") as f:
        pieces = [dict(fields(value)) for key, value in fields(f.read()) if key == 1]
    return [(p[1].decode(), p[2], p.get(3, 1)) for p in pieces]


def read_llama2c(path):
    tokens = []
    with open(path, "rb") as f:
        data, at = f.read(), 4
    while at < len(data):
        score, size = struct.unpack_from("<fi", data, at)
        tokens.append((data[at + 8 : at + 8 + size], score))
        at += 8 + size
    return tokens


def encode_llama2c(path, text):
    """The encoder of run.c, without the token that begins a text."""
    tokens = read_llama2c(path)
    ids = {text: i for i, (text, score) in enumerate(tokens)}
    symbols = []
    for c in (" " + text if text else ""):
        symbols += [ids[c.encode()]] if c.encode() in ids else [b + 3 for b in c.encode()]
    while True:
        both = [(tokens[a][0] + tokens[b][0], i) for i, (a, b) in enumerate(zip(symbols, symbols[1:]))]
        found = [(-tokens[ids[t]][1], i, ids[t]) for t, i in both if t in ids]
        if not found:
            return symbols
        _, i, token = min(found)
        symbols = symbols[:i] + [token] + symbols[i + 2 :]


def learned(path, count):
    """Characters that make 99.95 % of the text, the most frequent first, then the most frequent pairs within words; of
    equal counts, those of the lower bytes or numbers."""
    text = open("learn.txt", encoding="utf8").read()
    characters = sorted(collections.Counter(text).items(), key=lambda c: (-c[1], int.from_bytes(c[0].encode(), "little")))
    kept, covered = [], 0
    for c, n in characters:
        if covered * 10000 < len(text) * 9995:
            kept.append(c)
            covered += n
    tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)] + kept
    pieces = [p for line in text.split("\n")[:-1] for i, w in enumerate(line.split(" ")) for p in [" " * (i > 0) + w]] + ["\n"]
    words = [[c if c in kept else "<0x00>" for c in p] for p in pieces]
    while len(tokens) < count:
        pairs = collections.Counter(p for w in words for p in zip(w, w[1:]) if "<0x00>" not in p)
        best = min(pairs, key=lambda p: (-pairs[p], tokens.index(p[0]), tokens.index(p[1])))
        tokens.append("".join(best))
        words = [merge(w, best) for w in words]
    got = [t.decode() for t, score in read_llama2c(path)]
    if got != tokens:
        print("learned", [(a, b) for a, b in zip(got, tokens) if a != b])


def make_refused():
    level = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}
    base = list(ALPHABET.values())
    write_json("unigram.json", base, [], {"type": "Unigram"})
    write_json("wordpiece.json", base, [], {"type": "WordPiece"})
    write_json("split.json", base, [], pre_tokenizer={"type": "Split", "pattern": {"Regex": "x"}})
    write_json("nfc.json", base, [], normalizer={"type": "NFC"}, pre_tokenizer=level)
    write_json("suffix.json", base, [], {"end_of_word_suffix": "</w>"}, pre_tokenizer=level)
    write_json("ignore.json", base, [], {"ignore_merges": True}, pre_tokenizer=level)
    write_json("missing.json", base[1:], [], pre_tokenizer=level)
    write_json("merges.json", base, [["a", "b"]], pre_tokenizer=level)
    write_json("number.json", base, [], {"vocab": {"a": "1"}}, pre_tokenizer=level)
    write_json("added.json", base, [], pre_tokenizer=level)
    with open("added.json") as f:
        whole = json.load(f)
    whole["added_tokens"] = [{"id": 256, "content": "<tag>", "special": False}]
    with open("added.json", "w") as f:
        json.dump(whole, f)
    pieces = [("<unk>", 0.0), ("<s>", 0.0), ("</s>", 0.0), ("a", -1.0), ("b", -2.0)]
    write_model("unigram.model", pieces, True, model_type=1)
    write_model("word.model", pieces, True, model_type=3)
    write_model("nfkc.model", pieces, True, charsmap=b"x")
    write_model("user.model", pieces, True, user=True)
    with open("spm.model", "rb") as f:
        whole = f.read()
    with open("cut.model", "wb") as f:
        f.write(whole[:700])


def compare(path, mote, tok):
    for text in TEXTS:
        if path.endswith(".bin"):
            want = encode_llama2c(path, text)
        else:
            want = encode_json(path, text) if path.endswith(".json") else encode_model(text, path == "spm.model")
        run = subprocess.run([mote, "tokenizer", tok, "--json", "--encode=" + text], capture_output=True)
        got = json.loads(run.stdout) if run.returncode == 0 else run.stderr
        if got != want:
            print(f"{path}: {text!r} gives {got}, and its program {want}")


if len(sys.argv) == 1:
    make_byte_level()
    make_marked()
    make_refused()
elif sys.argv[1] == "learned":
    learned(sys.argv[2], int(sys.argv[3]))
elif len(sys.argv) == 4:
    compare(*sys.argv[1:])
