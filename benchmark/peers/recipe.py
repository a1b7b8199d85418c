"""
Trains the network of a recipe (docs/results.md) in PyTorch, to set its minutes beside Sluice's:

    python3 benchmark/peers/recipe.py corpora/origin_of_species.txt --hidden 384 --steps 6000

A GRU as `nn.GRU` has it, streams with their state carried over, dropout of what goes to the output, AdamW, clipped gradients,
a learning rate that falls in a straight line at the end, and averaged weights. PyTorch has no dropout of the candidates, which the
recipe has besides. Prints an object a line for each look at the held-out end: step, seconds without the looks, bits a character.
"""

from __future__ import annotations

import argparse
import copy
import json
import time

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy


class CharacterModel(nn.Module):
    """Logits of the next character after each of a text, `[T][B][V]`."""

    def __init__(self, symbols: int, hidden: int, dropout: float) -> None:
        super().__init__()
        # A one-hot vector times a matrix is a row of it.
        self.embedding = nn.Embedding(symbols, symbols)
        self.embedding.weight = nn.Parameter(torch.eye(symbols), requires_grad=False)
        self.gru = nn.GRU(symbols, hidden)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden, symbols)

    def forward(self, ids: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        states, last = self.gru(self.embedding(ids), state)
        return self.output(self.dropout(states)), last


def main() -> None:
    options = read_options()
    torch.manual_seed(options.seed)
    with open(options.text, encoding="utf-8") as file:
        text = file.read()
    symbols = sorted(set(text))
    number = {symbol: i for i, symbol in enumerate(symbols)}
    ids = torch.tensor([number[symbol] for symbol in text])
    training, held_out = ids.split([len(ids) - len(ids) // 10, len(ids) // 10])

    model = CharacterModel(len(symbols), options.hidden, options.dropout)
    averaged = copy.deepcopy(model)
    matrices = [p for p in model.parameters() if p.requires_grad and p.dim() > 1]
    biases = [p for p in model.parameters() if p.requires_grad and p.dim() == 1]
    groups = [{"params": matrices, "weight_decay": options.weight_decay}, {"params": biases, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=options.learning_rate)

    stream = (len(training) - 1) // options.batch
    streams = training[: stream * options.batch].view(options.batch, stream).t().contiguous()
    pieces = (stream - 1) // options.sequence
    state: Tensor | None = None
    seconds, began = 0.0, time.perf_counter()
    for step in range(1, options.steps + 1):
        start = (step - 1) % pieces * options.sequence
        if start == 0:
            state = None
        for group in optimizer.param_groups:
            group["lr"] = options.learning_rate * rate_at(step, options.steps, options.decay)
        logits, state = model(streams[start : start + options.sequence], state)
        state = state.detach()
        targets = streams[start + 1 : start + options.sequence + 1]
        loss = cross_entropy(logits.flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        with torch.no_grad():
            # At first less of what was there before stays, so that what is random at the start is soon forgotten: as in Sluice.
            staying = min(options.averaging, (1 + step) / (10 + step))
            for mean, parameter in zip(averaged.parameters(), model.parameters()):
                mean.lerp_(parameter, 1 - staying)
        if step % options.look_every == 0 or step == options.steps:
            seconds += time.perf_counter() - began
            bits = bits_of(averaged, training, held_out)
            print(json.dumps({"step": step, "seconds": round(seconds, 1), "bitsPerCharacter": bits}), flush=True)
            began = time.perf_counter()


def rate_at(step: int, steps: int, decay: float) -> float:
    """The share of the learning rate at a step: rises over 20, falls in a straight line over the last `decay` of them."""
    falling = min(1.0, (steps - step + 1) / max(1.0, decay * steps))
    return min(1.0, step / 20) * falling


@torch.no_grad()
def bits_of(model: CharacterModel, training: Tensor, held_out: Tensor) -> float:
    """The mean of −log2 p over the held-out end, read as what follows the training text."""
    model.eval()
    before = 256
    text = torch.cat([training[-before - 1 :], held_out])
    nats, state = 0.0, None
    for start in range(0, len(text) - 1, 8192):
        inputs, targets = text[start : start + 8192], text[start + 1 : start + 8193]
        logits, state = model(inputs[: len(targets)].unsqueeze(1), state)
        first = before if start == 0 else 0
        nats += cross_entropy(logits[first:, 0], targets[first:], reduction="sum").item()
    model.train()
    return nats / len(held_out) / 0.6931471805599453


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Trains a recipe's network in PyTorch.")
    parser.add_argument("text", help="UTF-8")
    parser.add_argument("--hidden", type=int, default=384)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--sequence", type=int, default=96)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--learning-rate", type=float, default=0.003)
    parser.add_argument("--decay", type=float, default=0.5)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--weight-decay", type=float, default=0.01)
    parser.add_argument("--averaging", type=float, default=0.999)
    parser.add_argument("--look-every", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
