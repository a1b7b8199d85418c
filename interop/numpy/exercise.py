"""Backpropagation through time in NumPy, on a network and a batch of Sluice's.

    python3 interop/numpy/exercise.py m.safetensors batch.json student.safetensors

The way forward and the walk back over the timesteps are here; one timestep back is in gru.py. What is written holds the
gradient by each parameter and at each timestep, for `npm run check -- m.safetensors batch.json --against student.safetensors`.
"""

import argparse
import importlib
import json
import sys

import numpy as np

import tensors


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def forward(p, tokens, targets, h):
    """The loss, the final state, and all that the way back needs.

    tokens, targets: [T, B]; h: [B, H], the start state
    """
    symbols = np.eye(len(p["U_z"]))
    timesteps, loss = [], 0.0
    for token, target in zip(tokens, targets):
        x = symbols[token]
        z = sigmoid(x @ p["U_z"] + h @ p["W_z"] + p["b_z"])
        r = sigmoid(x @ p["U_r"] + h @ p["W_r"] + p["b_r"])
        q = r * h
        c = np.tanh(x @ p["U_h"] + q @ p["W_h"] + p["b_h"])
        after = (1 - z) * h + z * c
        a = after @ p["V"] + p["b_y"]
        y = a - a.max(axis=1, keepdims=True)
        y -= np.log(np.exp(y).sum(axis=1, keepdims=True))
        loss -= (y * symbols[target]).sum() / tokens.size
        timesteps.append(((x, h, z, r, q, c), after, np.exp(y) - symbols[target]))
        h = after
    return loss, h, timesteps


def backward(p, timesteps, step_backward):
    """The gradients by all parameters, and those at each timestep, [T, B, H], of dh [T + 1, B, H]."""
    total = {name: np.zeros_like(values) for name, values in p.items()}
    places = len(timesteps) * len(timesteps[0][1])
    later, kept = np.zeros_like(timesteps[0][1]), []
    dh = []
    for read, after, error in reversed(timesteps):
        dlogits = error / places
        total["V"] += after.T @ dlogits
        total["b_y"] += dlogits.sum(axis=0)
        g = dlogits @ p["V"].T + later
        da_z, da_r, da_c, dq, later, own = step_backward(p, *read, g)
        for name, values in own.items():
            total[name] = total[name] + values
        kept.insert(0, (da_z, da_r, da_c, dq))
        dh.insert(0, g)
    at_timesteps = dict(zip(("da_z", "da_r", "da_c", "dq"), map(np.array, zip(*kept))))
    return total, {"dh": np.array([later, *dh]), **at_timesteps}


def differences(p, loss_of, size=1e-5):
    """The gradient by each parameter as difference quotients of the loss, with no backpropagation."""
    slopes = {name: np.zeros_like(values) for name, values in p.items()}
    for name, values in p.items():
        for at in np.ndindex(values.shape):
            kept, found = values[at], []
            for shift in size, -size:
                values[at] = kept + shift
                found.append(loss_of())
            values[at] = kept
            slopes[name][at] = (found[0] - found[1]) / (2 * size)
    return slopes


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("batch")
    parser.add_argument("out")
    parser.add_argument("--step", default="gru", help="the module with step_backward: gru, or gru_solved (gru)")
    parser.add_argument("--differences", action="store_true", help="compares with difference quotients of the loss first")
    given = parser.parse_args(arguments)
    everything, metadata = tensors.read(given.model)
    wanted = {"cell": "gru", "layers": "1", "inputs": "symbols", "output": "log-softmax"}
    if {name: metadata.get(name) for name in wanted} != wanted:
        return "The exercise is for a GRU of one layer that reads symbols: train one with npm run train."
    names = [f"{kind}_{letter}" for letter in "zrh" for kind in "UWb"] + ["V", "b_y"]
    p = {name: everything[name] for name in names}
    with open(given.batch, encoding="utf-8") as file:
        batch = json.load(file)
    if "lengths" in batch or any(None in row for row in batch["targets"]):
        return "The exercise takes batches in which every place counts: without lengths, without null."
    tokens, targets = np.array(batch["tokens"]), np.array(batch["targets"])
    rows, hidden = tokens.shape[1], len(p["W_z"])
    start = np.array(batch.get("initialState", np.zeros((rows, hidden)))).reshape(rows, hidden)

    loss, final, timesteps = forward(p, tokens, targets, start)
    try:
        gradients, at_timesteps = backward(p, timesteps, importlib.import_module(given.step).step_backward)
    except NotImplementedError as gap:
        return str(gap)
    if given.differences:
        for name, slopes in differences(p, lambda: forward(p, tokens, targets, start)[0]).items():
            off = np.linalg.norm(gradients[name] - slopes) / (np.linalg.norm(slopes) or 1)
            print(f"{name:4} {off:.1e}")
    tensors.write(given.out, {"loss": [loss], "final_state": [final], **gradients, **at_timesteps})
    print(f"loss {loss:.6f}, written to {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
