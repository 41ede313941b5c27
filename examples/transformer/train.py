"""Trains a character-level transformer that continues "47+85=" with the sum, least significant digit first: "231".

    python3 train.py          writes adder.onnx, and texts that it was trained on as samples.npz

The task is made up here: all 10,000 sums of two numbers of two digits, 2,000 of them held back. PyTorch 1.13 or newer, NumPy.
"""

import math
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

CHARACTERS = "0123456789+="
LENGTH = 8  # of a text without its last character
PROMPT = 6  # "47+85="
WIDTH, HEADS, LAYERS, HIDDEN = 32, 2, 2, 64
SEED, STEPS, BATCH = 7, 6000, 512
MASKED = -20.0  # e^-20 is nothing beside 1, and a small range quantizes well


def texts():
    """All sums as int64 [10000, 9]: two numbers, +, =, and three digits of the sum from the last on."""
    a, b = [part.ravel() for part in np.mgrid[0:100, 0:100]]
    plus, equals = np.full_like(a, 10), np.full_like(a, 11)
    total = a + b
    columns = [a // 10, a % 10, plus, b // 10, b % 10, equals, total % 10, total // 10 % 10, total // 100]
    return torch.from_numpy(np.stack(columns, axis=1))


def split(count):
    """Indices to train on, and those held back."""
    order = np.random.default_rng(SEED).permutation(count)
    return torch.from_numpy(order[2000:]), torch.from_numpy(order[:2000])


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))

    def heads(self, x):
        return x.reshape(1 if torch.onnx.is_in_onnx_export() else x.shape[0], -1, HEADS, WIDTH // HEADS).transpose(1, 2)

    def forward(self, x, mask):
        scores = self.heads(self.query(x)) @ self.heads(self.key(x)).transpose(2, 3) * (1 / math.sqrt(WIDTH // HEADS)) + mask
        sums = functional.softmax(scores, dim=-1) @ self.heads(self.value(x))
        return self.out(sums.transpose(1, 2).reshape(x.shape))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.before, self.between = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attention = Attention()
        self.wide, self.narrow = nn.Linear(WIDTH, HIDDEN), nn.Linear(HIDDEN, WIDTH)

    def forward(self, x, mask):
        x = x + self.attention(self.before(x), mask)
        return x + self.narrow(functional.gelu(self.wide(self.between(x))))


class Adder(nn.Module):
    def __init__(self):
        super().__init__()
        self.character, self.place = nn.Embedding(len(CHARACTERS), WIDTH), nn.Embedding(LENGTH, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.last, self.logits = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, len(CHARACTERS))
        self.register_buffer("mask", torch.full((LENGTH, LENGTH), MASKED).triu(1), persistent=False)

    def forward(self, text):
        """Of the last characters [N, LENGTH] from = on, the logits of the next one: [N, LENGTH - PROMPT + 1, characters]."""
        x = self.character(text) + self.place.weight
        for block in self.blocks:
            x = block(x, self.mask)
        return self.logits(self.last(x[:, PROMPT - 1 :]))


def train(adder, data, training):
    optimizer = torch.optim.AdamW(adder.parameters(), lr=3e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=STEPS)
    for number in range(STEPS):
        text = data[training[torch.randint(len(training), (BATCH,))]]
        logits = adder(text[:, :LENGTH])
        loss = functional.cross_entropy(logits.flatten(0, 1), text[:, PROMPT:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if (number + 1) % 500 == 0:
            print(f"step {number + 1} of {STEPS}: loss {loss.item():.5f}", flush=True)


def right(adder, data):
    """How many of the texts get every digit right."""
    with torch.no_grad():
        answers = adder(data[:, :LENGTH]).argmax(dim=-1)
    return int((answers == data[:, PROMPT:]).all(dim=1).sum())


def main():
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    folder = Path(__file__).parent
    data = texts()
    training, held_back = split(len(data))
    adder = Adder()
    print(f"{sum(parameter.numel() for parameter in adder.parameters())} parameters")
    train(adder, data, training)
    adder.eval()
    for name, part in [("trained on", training), ("held back", held_back)]:
        print(f"{name}: {right(adder, data[part])} of {len(part)} right")
    example = torch.zeros(1, LENGTH, dtype=torch.int64)
    torch.onnx.export(adder, (example,), str(folder / "adder.onnx"), input_names=["text"], output_names=["logits"], opset_version=17)
    np.savez_compressed(folder / "samples.npz", text=data[training[:256], :LENGTH].numpy())


if __name__ == "__main__":
    main()
