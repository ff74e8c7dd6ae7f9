#!/usr/bin/python3
"""Trains TinyLM (Embedding, nn.GRU, Linear; AdamW, clipping, carried state) with PyTorch and prints
"tokens_per_second peak_megabytes loss". The yardstick of bench/bench_train.sh."""
import argparse
import resource
import time

import torch
from torch import nn

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("text")
parser.add_argument("--dim", type=int, default=128)
parser.add_argument("--embed", type=int, default=64)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--sequence", type=int, default=64)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seconds", type=float, default=6)
args = parser.parse_args()

torch.set_num_threads(args.threads)
torch.manual_seed(1)
data = torch.tensor(list(open(args.text, "rb").read()), dtype=torch.long)
data = data[: len(data) * 9 // 10]
known = data.unique()
data = torch.searchsorted(known, data)
vocabulary = len(known) + 1
length = len(data) // args.batch
streams = data[: length * args.batch].view(args.batch, length)


class TinyLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, args.embed)
        self.gru = nn.GRU(args.embed, args.dim)
        self.head = nn.Linear(args.dim, vocabulary)

    def forward(self, ids, h):
        y, h = self.gru(self.embedding(ids), h)
        return self.head(y), h


model = TinyLM()
optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, betas=(0.9, 0.99))
loss_function = nn.CrossEntropyLoss()
h = torch.zeros(1, args.batch, args.dim)


def step(at, h):
    ids = streams[:, at : at + args.sequence].t().contiguous()
    targets = streams[:, at + 1 : at + 1 + args.sequence].t().reshape(-1)
    logits, h = model(ids, h.detach())
    loss = loss_function(logits.view(-1, vocabulary), targets)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return h, loss


at, steps = 0, 0
for _ in range(3):
    h, loss = step(at, h)
    at += args.sequence
started = time.perf_counter()
while time.perf_counter() - started < args.seconds:
    if at + args.sequence + 1 > length:
        at = 0
    h, loss = step(at, h)
    at += args.sequence
    steps += 1
seconds = time.perf_counter() - started
speed = steps * args.batch * args.sequence / seconds
print(f"{speed:.0f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} {loss.item() / 0.693147:.3f}")
