#!/usr/bin/python3
"""Trains TinyLM (Embedding, nn.GRU, Linear; carried state) or a decoder transformer (RMSNorm, rotary angles, SwiGLU)
with PyTorch, AdamW and clipping, and prints "tokens_per_second peak_megabytes loss". Used by bench/train.sh."""
import argparse
import resource
import time

import torch
from torch import nn

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("text")
parser.add_argument("--arch", choices=["gru", "transformer"], default="gru")
parser.add_argument("--layers", type=int, default=4, help="of a transformer")
parser.add_argument("--heads", type=int, default=4)
parser.add_argument("--hidden", type=int, default=172)
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


class RMSNorm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5) * self.gain


class Layer(nn.Module):
    def __init__(self, dim, heads, hidden):
        super().__init__()
        self.heads, self.width = heads, dim // heads
        self.attention_norm, self.feed_norm = RMSNorm(dim), RMSNorm(dim)
        self.qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.o = nn.Linear(dim, dim, bias=False)
        self.gate_up = nn.Linear(dim, 2 * hidden, bias=False)
        self.down = nn.Linear(hidden, dim, bias=False)

    def attend(self, x, angles, mask):
        batch, steps, dim = x.shape
        # [3, batch, heads, steps, width]
        qkv = self.qkv(x).view(batch, steps, 3, self.heads, self.width).permute(2, 0, 3, 1, 4)
        qk = torch.view_as_real(torch.view_as_complex(qkv[:2].reshape(*qkv[:2].shape[:-1], -1, 2)) * angles).flatten(-2)
        scores = torch.baddbmm(
            mask,
            qk[0].reshape(-1, steps, self.width),
            qk[1].reshape(-1, steps, self.width).transpose(1, 2),
            alpha=self.width**-0.5,
        )
        y = torch.bmm(scores.softmax(-1), qkv[2].reshape(-1, steps, self.width))
        return y.view(batch, self.heads, steps, self.width).transpose(1, 2).reshape(batch, steps, dim)

    def forward(self, x, angles, mask):
        x = x + self.o(self.attend(self.attention_norm(x), angles, mask))
        gate, up = self.gate_up(self.feed_norm(x)).chunk(2, -1)
        return x + self.down(nn.functional.silu(gate) * up)


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, args.dim)
        self.layers = nn.ModuleList(Layer(args.dim, args.heads, args.hidden) for _ in range(args.layers))
        self.norm = RMSNorm(args.dim)
        self.head = nn.Linear(args.dim, vocabulary, bias=False)
        width = args.dim // args.heads
        turns = 10000.0 ** (-torch.arange(0, width, 2) / width)
        angles = torch.outer(torch.arange(args.sequence), turns)
        self.register_buffer("angles", torch.polar(torch.ones_like(angles), angles))
        self.register_buffer("mask", torch.full((args.sequence, args.sequence), -torch.inf).triu(1)[None])

    def forward(self, ids, h):
        x = self.embedding(ids.t())
        for layer in self.layers:
            x = layer(x, self.angles, self.mask)
        return self.head(self.norm(x)).transpose(0, 1), h


model = TinyLM() if args.arch == "gru" else Transformer()
optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, betas=(0.9, 0.99))
loss_function = nn.CrossEntropyLoss()
h = torch.zeros(1, args.batch, args.dim)


def step(at, h):
    ids = streams[:, at : at + args.sequence].t().contiguous()
    targets = streams[:, at + 1 : at + 1 + args.sequence].t().reshape(-1)
    logits, h = model(ids, h.detach())
    loss = loss_function(logits.reshape(-1, vocabulary), targets)
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
