"""Writes the networks beside it, with what PyTorch's autograd makes of them in float64 while dropout leaves some of their units
out: see ../README.md. The masks are drawn here, from the equations' words alone. Made with PyTorch 1.13."""

import json
import pathlib
import struct

import torch

here = pathlib.Path(__file__).parent
GATES = {"gru": "zrh", "gru-after": "zrh", "lstm": "ifgo"}
STATES = {"gru": 1, "gru-after": 1, "lstm": 2}
WORD = 2**32


def pcg(value):
    """The PCG output permutation (Jarzynski and Olano, "Hash Functions for GPU Rendering", 2020)."""
    state = (value * 747796405 + 2891336453) % WORD
    word = ((state >> ((state >> 28) + 4)) ^ state) * 277803737 % WORD
    return (word >> 22) ^ word


def mask(dropout, what, layer, rows, t, hidden):
    """What the outputs or candidates of a layer are multiplied with at a timestep, [B, H]: 0 or 256 / (256 - below)."""
    below = round(256 * dropout[what])
    key = pcg(dropout["seed"] ^ pcg(2 * layer + ("outputs", "candidates").index(what)))
    time = t if dropout["masks"] == "timestep" else 0
    result = torch.zeros(rows, hidden, dtype=torch.float64)
    for row in range(rows):
        for unit in range(hidden):
            word = pcg(pcg(pcg(key ^ row) ^ time) ^ (unit // 4))
            if (word >> 8 * (unit % 4)) % 256 >= below:
                result[row, unit] = 256 / (256 - below)
    return result


def timestep(cell, p, suffix, x, states, m):
    """The states after a timestep: docs/architecture.md, with m the mask of the candidates."""
    h = states[0]
    into = lambda gate: x @ p[f"U_{gate}{suffix}"] + p[f"b_{gate}{suffix}"]
    a = lambda gate: into(gate) + h @ p[f"W_{gate}{suffix}"]
    if cell == "lstm":
        i, f, o = torch.sigmoid(a("i")), torch.sigmoid(a("f")), torch.sigmoid(a("o"))
        c = f * states[1] + i * m * torch.tanh(a("g"))
        return [o * torch.tanh(c), c]
    z, r = torch.sigmoid(a("z")), torch.sigmoid(a("r"))
    W = p[f"W_h{suffix}"]
    recurrent = r * (h @ W + p[f"b_hh{suffix}"]) if cell == "gru-after" else (r * h) @ W
    return [(1 - z) * h + z * m * torch.tanh(into("h") + recurrent)]


def run(shape, p, batch, dropout):
    """The final states [S, B, H], and the logits [T, B, O]; of a row that has ended the states stay as they are."""
    I, H, _, B, T, L = shape["sizes"]
    size = STATES[shape["cell"]]
    states = [[state for state in batch["start"][size * layer : size * (layer + 1)]] for layer in range(L)]
    logits = []
    for t in range(T):
        x = batch["x"][t]
        going = (t < batch["lengths"]).unsqueeze(1)
        for layer in range(L):
            masks = [mask(dropout, what, layer, B, t, H) if dropout else 1 for what in ("outputs", "candidates")]
            after = timestep(shape["cell"], p, f"_l{layer}" if layer else "", x, states[layer], masks[1])
            states[layer] = [torch.where(going, new, old) for new, old in zip(after, states[layer])]
            x = masks[0] * states[layer][0]
        logits.append(x @ p["V"] + p["b_y"])
    return torch.stack([state for layer in states for state in layer]), torch.stack(logits)


def cost(shape, batch, logits):
    """The mean over the places that count."""
    if shape["kind"] == "series":
        places = ((logits - batch["targets"]) ** 2).sum(-1) / 2
    else:
        places = -torch.log_softmax(logits, -1).gather(-1, batch["targets"].unsqueeze(-1)).squeeze(-1)
    return places[batch["counts"]].mean()


def save(name, tensors, metadata):
    """A safetensors file."""
    header, data = {"__metadata__": metadata}, b""
    for key, tensor in tensors.items():
        kind, letter = ("F64", "d") if tensor.dtype == torch.float64 else ("F32", "f")
        values = tensor.detach().reshape(-1).tolist()
        written = struct.pack(f"<{len(values)}{letter}", *values)
        header[key] = {"dtype": kind, "shape": list(tensor.shape) or [1], "data_offsets": [len(data), len(data) + len(written)]}
        data += written
    text = json.dumps(header).encode()
    (here / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


def parameters(cell, I, H, O, L):
    """Drawn in float32, which the engines have."""
    draw = lambda *shape: 0.6 * torch.randn(*shape)
    p = {}
    for layer in range(L):
        suffix = f"_l{layer}" if layer else ""
        for gate in GATES[cell]:
            p[f"U_{gate}{suffix}"] = draw(I if layer == 0 else H, H)
            p[f"W_{gate}{suffix}"] = draw(H, H)
            p[f"b_{gate}{suffix}"] = draw(H)
        if cell == "gru-after":
            p[f"b_hh{suffix}"] = draw(H)
    return {**p, "V": draw(H, O), "b_y": draw(O)}


def make(cell, kind, sizes, dropout, lengths=None):
    I, H, O, B, T, L = sizes
    shape = {"cell": cell, "kind": kind, "sizes": sizes}
    p = parameters(cell, I, H, O, L)
    start = 0.5 * torch.randn(L * STATES[cell], B, H)
    batch = {"start": start.double(), "lengths": torch.tensor(lengths or [T] * B)}
    written = {"dropout": dropout, "initialState": start.tolist()}
    if kind == "series":
        x, targets = torch.randn(T, B, I), torch.randn(T, B, O)
        written["inputs"] = x.tolist()
        batch.update(x=x.double(), targets=targets.double())
    else:
        tokens, targets = torch.randint(I, (T, B)), torch.randint(O, (T, B))
        written["tokens"] = tokens.tolist()
        batch.update(x=torch.nn.functional.one_hot(tokens, I).double(), targets=targets)
    last, times = batch["lengths"] - 1, torch.arange(T).unsqueeze(1)
    batch["counts"] = times == last if kind == "classes" else times <= last
    written["targets"] = [
        [target if counts else None for target, counts in zip(*row)]
        for row in zip(targets.tolist(), batch["counts"].tolist())
    ]
    if lengths:
        written["lengths"] = lengths

    exact = {key: value.double().requires_grad_() for key, value in p.items()}
    final, logits = run(shape, exact, batch, dropout)
    loss = cost(shape, batch, logits)
    loss.backward()
    _, outputs = run(shape, exact, batch, None)
    gradients = {key: value.grad for key, value in exact.items()}

    name = f"{cell}-{kind}-{'x'.join(map(str, sizes))}-h0{'-lengths' if lengths else ''}"
    symbols = {} if kind == "series" else {"vocabulary": json.dumps([chr(97 + i) for i in range(I)])}
    if kind == "classes":
        symbols["classes"] = json.dumps([f"class {i}" for i in range(O)])
    metadata = {"format": "sluice", "format_version": "2", "cell": cell, "layers": str(L)}
    metadata["inputs"] = "vectors" if kind == "series" else "symbols"
    metadata["output"], metadata["cost"] = ("linear", "squared-error") if kind == "series" else ("log-softmax", "cross-entropy")
    save(f"{name}.model", p, {**metadata, **symbols})
    save(f"{name}.expected", {"loss": loss, "final_state": final, "outputs": outputs, **gradients}, {"of": name})
    (here / f"{name}.batch.json").write_text(json.dumps(written) + "\n")


torch.manual_seed(1)
make("gru", "text", (7, 10, 7, 5, 6, 2), {"outputs": 0.4, "candidates": 0.25, "masks": "timestep", "seed": 2718281828})
make("gru-after", "series", (3, 6, 2, 4, 5, 2), {"outputs": 0.25, "candidates": 0.5, "masks": "timestep", "seed": 7})
make("lstm", "classes", (8, 9, 3, 6, 7, 2), {"outputs": 0.5, "candidates": 0.3, "masks": "sequence", "seed": 12}, [7, 3, 2, 7, 4, 1])
