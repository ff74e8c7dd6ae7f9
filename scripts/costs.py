"""Fits the rows of chip/costs.def to simulations. scripts/costs makes the folder given on the command line."""
import glob
import json
import os
import re
import sys

import numpy

CHIPS = {"esp32": "ESP32", "esp32s2": "ESP32-S2", "esp32s3": "ESP32-S3", "esp32c3": "ESP32-C3", "esp32c6": "ESP32-C6"}
HEAD = open(os.path.join(os.path.dirname(__file__), "costs.head")).read()
COLUMNS = {chip: int(columns) for chip, columns in re.findall(r'^CHIP\("(.*)", (\d+),', HEAD, re.MULTILINE)}
TERMS = range(5)  # call, row, column, weight, byte


def product(weights, multiple):
    layout = weights.get("layout", "rows").upper()
    rows, columns = weights["shape"]
    if layout == "ROWS" and weights["type"] == "int8":
        columns = weights.get("stride", columns)
    if layout in ("LANES16", "TILES16"):
        rows = (rows + 15) // 16 * 16
    if layout == "TILES16":  # the work depends on the number of tiles, which only the bytes reflect
        return ("PRODUCT", layout, weights["type"]), (1, rows, 0, 0, weights["bytes"])
    if layout == "BLOCKS16":
        return ("PRODUCT", layout, weights["type"]), (1, rows, columns, 0, weights["bytes"])
    kernel = "RAGGED" if layout == "ROWS" and weights["type"] == "int8" and columns % multiple else "PRODUCT"
    return (kernel, layout, weights["type"]), (1, rows, columns, rows * columns, weights["bytes"])


def embedding(op, operand, fed, multiple):
    table = operand("table")
    kind = "EMBEDDING16" if operand("y")["type"] == "int16" else "EMBEDDING"
    return [((kind, "ROWS", table["type"]), (1, 0, table["shape"][1], 0, 0))]


def linear(op, operand, fed, multiple):
    weights = operand("weights")
    rescale = (("RESCALE", "ROWS", "int16"), (1, weights["shape"][0], 0, 0, 0))
    return [product(weights, multiple)] + ([rescale] if operand("x")["type"] == "int8/vector" else [])


def gru(op, operand, fed, multiple):
    units = operand("state")["shape"][0]
    return [product(operand("weights"), multiple), (("GATES", "ROWS", "int16"), (0, units, 0, 0, 0))]


def vector(op, operand, fed, multiple):
    return [((op["operator"].upper(), "ROWS", "int16"), (1, operand("y")["shape"][0], 0, 0, 0))]


def attention(op, operand, fed, multiple):
    """looks: cached tokens scored by all heads, on average over the tokens fed."""
    keys, heads = operand("keys"), op["params"]["heads"]
    context, width = keys["shape"][0], operand("y")["shape"][0] // heads
    looks = heads * sum(min(t + 1, context) for t in range(fed)) / fed
    return [(("ATTENTION", "ROWS", keys["type"]), (1, looks, heads, looks * width, heads * width))]


COSTS = {"EMBEDDING": embedding, "LINEAR": linear, "GRU": gru, "VECTOR": vector, "ATTENTION": attention}


def kernels_of(index, line, info, fed, multiple):
    """Returns the kernels that an operator calls, each with the amounts by which its terms are multiplied."""
    tensors = {t["name"]: t for t in info["tensors"]}
    if line["operator"] == "sample":
        scores = next(t for t in info["tensors"] if t["role"] == "output")
        return [(("SAMPLE", "ROWS", "int16"), (1, scores["shape"][0], 0, 0, 0))]
    op = info["operators"][index]
    return COSTS[op["cost"]](op, lambda name: tensors[{**op["inputs"], **op["outputs"]}[name]], fed, multiple)


def fit(equations):
    """Returns {(kernel, term): cycles} and the relative errors for [(kernels, cycles)]; drops terms below zero."""
    keys = sorted({(kernel, t) for kernels, _ in equations for kernel, by in kernels for t in TERMS if by[t]})
    while True:
        matrix = numpy.zeros((len(equations), len(keys)))
        for i, (kernels, cycles) in enumerate(equations):
            for kernel, by in kernels:
                for t in TERMS:
                    if (kernel, t) in keys:
                        matrix[i, keys.index((kernel, t))] += by[t] / cycles
        found = numpy.linalg.lstsq(matrix, numpy.ones(len(equations)), rcond=None)[0]
        lowest = int(numpy.argmin(found))
        if found[lowest] >= 0:
            return dict(zip(keys, found)), matrix @ found - 1
        del keys[lowest]


DTYPES = {"int8": "I8", "ternary": "TERNARY2", "ternary/5": "TERNARY5", "int16": "I16", "int4": "I4", "binary": "BINARY"}
print(HEAD, end="")
for chip, part in CHIPS.items():
    equations = []
    for path in sorted(glob.glob(f"{sys.argv[1]}/*.{chip}.sim")):
        simulation = json.load(open(path))
        info = json.load(open(path.removesuffix(f".{chip}.sim").rsplit(".", 1)[0] + ".info"))
        fed = 1 + len(simulation["tokens"])
        for index, line in enumerate(simulation["operators"]):
            equations.append((kernels_of(index, line, info, fed, COLUMNS[part]), line[simulation["counted"]]))
    if not equations:
        continue
    costs, off = fit(equations)
    for kernel in sorted({kernel for kernel, _ in costs}):
        numbers = ", ".join(f"{costs.get((kernel, t), 0):.4g}" for t in TERMS)
        print(f'COST("{part}", {kernel[0]}, {kernel[1]}, {DTYPES.get(kernel[2], kernel[2])}, {numbers})')
    far = int(numpy.argmax(numpy.abs(off)))
    print(f"{part}: of {len(equations)} operators {equations[far][0]} is farthest, {100 * off[far]:+.1f} %", file=sys.stderr)
