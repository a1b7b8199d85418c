"""
Sluice's networks and files in PyTorch, 1.13 to 2.x. It needs nothing but torch.

    from sluice import load, save

    checkpoint = load("m.safetensors")
    logits, states = checkpoint.network(tokens)                   # tokens [T, B]
    logp = checkpoint.network.outputs(logits)                     # [T, B, O]
    save("n.safetensors", checkpoint)                             # Sluice opens it

Vectors are rows. T timesteps, B rows of a batch, I inputs, H hidden units, O outputs; S states, layer by layer: h of
each, of an LSTM h and c. Parameters have the names of the equations, in the second layer with `_l1` behind.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import shutil
from dataclasses import dataclass
from typing import Any, Callable, NamedTuple, Optional

import torch
from torch import Tensor, nn
from torch.nn import functional


class Cell(NamedTuple):
    """The names of a cell's parameters, and how many states it carries on."""

    inputs: tuple[str, ...]  # U, [I, H]; [H, H] above the first layer
    recurrent: tuple[str, ...]  # W, [H, H]
    biases: tuple[str, ...]  # [H]
    output_bias: str  # [O]; its matrix is V, [H, O]
    states: int = 1


MOST_LAYERS = 16

CELLS = {
    "gru": Cell(("U_z", "U_r", "U_h"), ("W_z", "W_r", "W_h"), ("b_z", "b_r", "b_h"), "b_y"),
    "gru-after": Cell(("U_z", "U_r", "U_h"), ("W_z", "W_r", "W_h"), ("b_z", "b_r", "b_hh", "b_h"), "b_y"),
    "lstm": Cell(("U_i", "U_f", "U_g", "U_o"), ("W_i", "W_f", "W_g", "W_o"), ("b_i", "b_f", "b_g", "b_o"), "b_y", 2),
    "rnn": Cell(("U",), ("W",), ("b",), "c"),
    "rnn-tanh": Cell(("U",), ("W",), ("b",), "c"),
}


def gru_timestep(a: Tensor, h: Tensor, W_zr: Tensor, W_h: Tensor) -> Tensor:
    """h' [B, H] of h and of a = x U + b [B, 3H], for z, r and c: the reset gate before the recurrent product."""
    H = h.shape[1]
    z, r = torch.sigmoid(torch.addmm(a[:, : 2 * H], h, W_zr)).chunk(2, dim=1)
    c = torch.tanh(torch.addmm(a[:, 2 * H :], r * h, W_h))
    return (1 - z) * h + z * c


def rnn_timestep(a: Tensor, h: Tensor, W: Tensor) -> Tensor:
    """h' [B, H] of h and of a = x U + b [B, H]."""
    return torch.sigmoid(torch.addmm(a, h, W))


# Cells that PyTorch has not: a timestep, and the recurrent matrices of each of its products.
TIMESTEPS: dict[str, tuple[Callable[..., Tensor], tuple[tuple[str, ...], ...]]] = {
    "gru": (gru_timestep, (("W_z", "W_r"), ("W_h",))),
    "rnn": (rnn_timestep, (("W",),)),
}

# Cells that it has: what computes a whole sequence, and the order of the gates. There z keeps the old state, where
# Sluice's takes the new one: as σ(−a) = 1 − σ(a), all that goes into z changes its sign.
FUSED: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "gru-after": (torch.gru, ("_r", "_z", "_h")),
    "lstm": (torch.lstm, ("_i", "_f", "_g", "_o")),
    "rnn-tanh": (torch.rnn_tanh, ("",)),
}


class Network(nn.Module):
    """A network of Sluice. Its state dict has the tensors of a Sluice file, names and shapes and all."""

    def __init__(
        self,
        cell: str,
        input_size: int,
        hidden_size: int,
        output_size: int,
        layers: int = 1,
        inputs: str = "symbols",
        output: str = "log-softmax",
        cost: Optional[str] = None,
    ) -> None:
        """
        :param inputs: `symbols`, of which there are `input_size`, or `vectors` of that length
        :param output: `log-softmax`, `sigmoid` or `linear`
        :param cost: `cross-entropy` or `squared-error`; what is usual for the output if it is left out
        """
        super().__init__()
        self.cell, self.layers, self.inputs, self.output = cell, layers, inputs, output
        self.input_size, self.hidden_size, self.output_size = input_size, hidden_size, output_size
        self.cost = cost or ("squared-error" if output == "linear" else "cross-entropy")
        self.timestep: Any = TIMESTEPS[cell][0] if cell in TIMESTEPS else None
        names, H = CELLS[cell], hidden_size
        for layer in range(layers):
            size = input_size if layer == 0 else H
            for name in names.inputs:
                self._register(name + suffix(layer), (size, H), size)
            for name in names.recurrent:
                self._register(name + suffix(layer), (H, H), H)
            for name in names.biases:
                self._register(name + suffix(layer), (H,), H)
        self._register("V", (H, output_size), H)
        self._register(names.output_bias, (output_size,), H)

    def _register(self, name: str, shape: tuple[int, ...], fan_in: int) -> None:
        bound = 1 / math.sqrt(fan_in)
        self.register_parameter(name, nn.Parameter(torch.empty(shape).uniform_(-bound, bound)))

    @property
    def states(self) -> int:
        """S"""
        return self.layers * CELLS[self.cell].states

    def compile_timestep(self) -> None:
        """Lets torch fuse what stands between two products of `gru` and `rnn`. Other cells have their own kernels."""
        if self.timestep is not None:
            self.timestep = getattr(torch, "compile", torch.jit.script)(self.timestep)

    def forward(
        self, inputs: Tensor, states: Optional[Tensor] = None, lengths: Optional[Tensor] = None
    ) -> tuple[Tensor, Tensor]:
        """
        :param inputs: symbols [T, B], or vectors [T, B, I]
        :param states: before the first timestep, [S, B, H]; zero if it is left out
        :param lengths: how many timesteps each row has, [B], where some end early: their states then stay as they are
        :returns: logits [T, B, O], and the states after the last timestep [S, B, H]
        """
        if states is None:
            states = self.V.new_zeros(self.states, inputs.shape[1], self.hidden_size)
        sequence = self._loop if self.cell in TIMESTEPS else self._fused
        h, states = sequence(inputs, states, lengths)
        return h @ self.V + getattr(self, CELLS[self.cell].output_bias), states

    def outputs(self, logits: Tensor) -> Tensor:
        """What comes out, [T, B, O]: log-probabilities, probabilities, or real numbers."""
        if self.output == "log-softmax":
            return logits.log_softmax(dim=-1)
        return logits.sigmoid() if self.output == "sigmoid" else logits

    def costs(self, logits: Tensor, targets: Tensor) -> Tensor:
        """
        What each place costs, [T, B]. The loss is the mean over the places that count.

        :param targets: symbols or classes [T, B], or vectors [T, B, O]
        """
        if self.output == "log-softmax":
            logits, ids = logits.flatten(0, 1), targets.flatten()
            return functional.cross_entropy(logits, ids, reduction="none").view_as(targets)
        if targets.dim() == 2:
            targets = functional.one_hot(targets, self.output_size)
        targets = targets.to(logits.dtype)
        if self.cost == "squared-error":
            return (self.outputs(logits) - targets).square().sum(dim=-1) / 2
        return functional.binary_cross_entropy_with_logits(logits, targets, reduction="none").sum(dim=-1)

    def _joined(self, names: tuple[str, ...], layer: int) -> Tensor:
        """Parameters side by side, [I, G·H], [H, G·H] or [G·H]; in the fused cells those of z with PyTorch's sign."""
        turned = self.cell in FUSED
        parts = [(name, getattr(self, name + suffix(layer))) for name in names]
        return torch.cat([-part if turned and name.endswith("_z") else part for name, part in parts], dim=-1)

    def _loop(self, inputs: Tensor, states: Tensor, lengths: Optional[Tensor]) -> tuple[Tensor, Tensor]:
        names, (_, products) = CELLS[self.cell], TIMESTEPS[self.cell]
        ended = None
        if lengths is not None:
            ended = torch.arange(len(inputs), device=lengths.device)[:, None, None] >= lengths[:, None]  # [T, B, 1]
        x, final = inputs, []
        for layer, h in enumerate(states.unbind(0)):
            U = self._joined(names.inputs, layer)
            weights = [self._joined(product, layer) for product in products]
            a = (functional.embedding(x, U) if x.dim() == 2 else x @ U) + self._joined(names.biases, layer)
            after = []
            for t, a_t in enumerate(a.unbind(0)):
                following = self.timestep(a_t, h, *weights)
                h = following if ended is None else torch.where(ended[t], h, following)
                after.append(h)
            x = torch.stack(after)
            final.append(h)
        return x, torch.stack(final)

    def _fused(self, inputs: Tensor, states: Tensor, lengths: Optional[Tensor]) -> tuple[Tensor, Tensor]:
        kernel, _ = FUSED[self.cell]
        x, weights = self._fused_weights(inputs)
        each = states.unflatten(0, (self.layers, -1)).unbind(1)  # h, and c of an LSTM: [L, B, H]
        before = [state.contiguous() for state in each]
        settings = (weights, True, self.layers, 0.0, torch.is_grad_enabled(), False)
        if lengths is None:
            h, *after = kernel(x, before if len(before) > 1 else before[0], *settings, False)
        else:
            # What is packed has a timestep at least; of a row that has none, the states are put back at the end.
            packed = nn.utils.rnn.pack_padded_sequence(x, lengths.clamp(min=1).cpu(), enforce_sorted=False)
            hx = [state.index_select(1, packed.sorted_indices) for state in before]
            data, *after = kernel(packed.data, packed.batch_sizes, hx if len(hx) > 1 else hx[0], *settings)
            h, _ = nn.utils.rnn.pad_packed_sequence(packed._replace(data=data), total_length=len(inputs))
            after = [state.index_select(1, packed.unsorted_indices) for state in after]
            after = [torch.where(lengths[:, None] > 0, new, old) for new, old in zip(after, before)]
        return h, torch.stack(after, dim=1).flatten(0, 1)

    def _fused_weights(self, inputs: Tensor) -> tuple[Tensor, list[Tensor]]:
        """What goes in as vectors, [T, B, …], and the weights as PyTorch's kernels take them, four for each layer."""
        _, gates = FUSED[self.cell]
        H, G = self.hidden_size, len(gates)
        nothing = self.V.new_zeros(H)
        matrices, biases = [], []
        for layer in range(self.layers):
            U, W, b = (self._joined(tuple(kind + gate for gate in gates), layer) for kind in ("U", "W", "b"))
            # There each gate has two biases: Sluice has the second one only where the reset gate stands before it.
            b_hh = [getattr(self, "b_hh" + suffix(layer), nothing) if gate == "_h" else nothing for gate in gates]
            matrices += [U.T, W.T]
            biases += [b, torch.cat(b_hh)]
        x = inputs
        if x.dim() == 2:
            # The kernels read vectors alone: one-hot ones, or where these are longer, what their product with U is.
            if self.input_size <= G * H:
                x = functional.one_hot(inputs, self.input_size).to(self.V.dtype)
            else:
                x = functional.embedding(inputs, matrices[0].T)
                matrices[0] = torch.eye(G * H, dtype=x.dtype, device=x.device)
        # In one piece and in this order cuDNN takes them as they are: all matrices, then all biases.
        parts = matrices + biases
        pieces = torch.cat([part.reshape(-1) for part in parts]).split([part.numel() for part in parts])
        views = [piece.view(part.shape) for piece, part in zip(pieces, parts)]
        middle = len(matrices)
        return x, [w for i in range(0, middle, 2) for w in views[i : i + 2] + views[middle + i : middle + i + 2]]


def suffix(layer: int) -> str:
    """What stands behind the names of a layer's parameters, counted from 0."""
    return f"_l{layer}" if layer > 0 else ""


class FileError(ValueError):
    """A file that cannot be used. The message is one sentence for a person to act on."""


@dataclass
class Training:
    """What training needs to go on."""

    step: int
    configuration: dict[str, Any]
    dataset: dict[str, str]  # name and sha256
    engine: Optional[dict[str, str]]  # what computed: name and device; None before the first step
    m: dict[str, Tensor]  # Adam's moments, by the parameters' names
    v: dict[str, Tensor]
    carried_state: Tensor  # [S, B, H]
    trained: Optional[dict[str, Tensor]] = None  # where training stands, if that is another network than the file's
    averaged: Optional[dict[str, Tensor]] = None  # the averaged parameters, likewise
    held_out: Optional[dict[str, Any]] = None  # what looks at the held-out text have shown
    course: Optional[dict[str, Any]] = None  # how the losses have gone so far


@dataclass
class Checkpoint:
    """What is in a file of Sluice."""

    network: Network
    metadata: dict[str, str]
    training: Optional[Training] = None

    @property
    def vocabulary(self) -> Optional[list[str]]:
        """The symbol of each id, if symbols go in."""
        return json.loads(self.metadata["vocabulary"]) if "vocabulary" in self.metadata else None


def load(path: str) -> Checkpoint:
    """
    A file of Sluice, on the processor.

    :raises FileError: if it is none, or damaged, or cannot be read
    """
    metadata, tensors = read_tensors(path)
    version = metadata.get("format_version")
    if "sluice" not in (metadata.get("format"), metadata.get("producer")) or version not in ("2", "3", "4", "5"):
        raise FileError(f"{path} is not a model that Sluice has saved, in format_version 2 to 5.")
    try:
        cell, layers = metadata["cell"], int(metadata["layers"])
        if not 1 <= layers <= MOST_LAYERS:
            raise ValueError(f"it would have {layers} layers")
        input_size, hidden_size = tensors[CELLS[cell].inputs[0]].shape
        _, output_size = tensors["V"].shape
        kind = metadata["inputs"], metadata["output"], metadata["cost"]
        network = Network(cell, input_size, hidden_size, output_size, layers, *kind)
        network.load_state_dict({name: tensors[name] for name in network.state_dict()})
        training = read_training(metadata["training"], network, tensors) if "training" in metadata else None
    except KeyError as error:
        raise FileError(f"{path} is damaged: it has no {error.args[0]}.") from error
    except (TypeError, RuntimeError, ValueError) as error:
        raise FileError(f"{path} is damaged: {' '.join(str(error).split())}.") from error
    return Checkpoint(network, metadata, training)


def read_training(written: str, network: Network, tensors: dict[str, Tensor]) -> Training:
    words = json.loads(written)
    parameters = dict(network.named_parameters())
    m, v, trained, averaged = (
        {name: tensors[prefix + name].view_as(parameter) for name, parameter in parameters.items()}
        if prefix in ("adam.m.", "adam.v.") or prefix + "V" in tensors
        else None
        for prefix in ("adam.m.", "adam.v.", "trained.", "averaged.")
    )
    carried_state = tensors["carried_state"].view(network.states, -1, network.hidden_size)
    said = words["step"], words["configuration"], words.get("dataset") or words["corpus"], words.get("engine")
    return Training(*said, m, v, carried_state, trained, averaged, words.get("heldOut"), words.get("course"))


def describe(network: Network, vocabulary: Optional[list[str]] = None) -> dict[str, str]:
    """The metadata of a network that comes from no file. One that reads symbols needs a vocabulary: characters."""
    metadata = {"format": "pt", "producer": "sluice", "format_version": "5", "layers": str(network.layers)}
    metadata.update({name: getattr(network, name) for name in ("cell", "inputs", "output", "cost")})
    return metadata if vocabulary is None else {**metadata, "vocabulary": json.dumps(vocabulary)}


def save(path: str, checkpoint: Checkpoint) -> None:
    """
    Writes what Sluice opens, whole or not at all. The metadata are those that were read, but for `training`.

    :raises OSError: if it cannot be written
    """
    tensors, metadata, training = checkpoint.network.state_dict(), dict(checkpoint.metadata), checkpoint.training
    if training is not None:
        words = {name: getattr(training, name) for name in ("step", "dataset", "engine", "configuration")}
        words["heldOut"], words["course"] = training.held_out, training.course
        metadata["format_version"] = "5"
        metadata["training"] = json.dumps({name: value for name, value in words.items() if value is not None})
        parts = {"adam.m.": training.m, "adam.v.": training.v, "trained.": training.trained, "averaged.": training.averaged}
        for prefix, part in parts.items():
            tensors.update({prefix + name: tensor for name, tensor in (part or {}).items()})
        tensors["carried_state"] = training.carried_state
    write_tensors(path, tensors, metadata)


def read_bytes(path: str) -> bytearray:
    """
    A file's bytes.

    :raises FileError: if they cannot be had
    """
    try:
        with open(path, "rb") as file:
            return bytearray(file.read())
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error


DTYPES = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32, "F64": torch.float64}


def read_tensors(path: str) -> tuple[dict[str, str], dict[str, Tensor]]:
    """
    The metadata and, as float32, the tensors of a safetensors file: eight bytes with the header's length, the header,
    which is JSON, and the numbers.

    :raises FileError: if it is none, or cannot be read
    """
    content = read_bytes(path)
    start = 8 + int.from_bytes(content[:8], "little")
    try:
        header = json.loads(content[8:start].decode()) if start <= len(content) else None
        metadata, tensors = header.pop("__metadata__", {}), {}
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            shape, dtype = entry["shape"], DTYPES[entry["dtype"]]
            numbers = torch.frombuffer(content[start + begin : start + end], dtype=dtype)
            tensors[name] = numbers.reshape(shape).float()
        if not all(isinstance(value, str) for value in metadata.values()):
            raise TypeError("metadata are strings")
    except (AttributeError, KeyError, RuntimeError, TypeError, ValueError, RecursionError) as error:
        raise FileError(f"{path} is not a whole safetensors file of floating-point numbers.") from error
    return metadata, tensors


def write_tensors(path: str, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Writes tensors as float32 into a safetensors file: under another name, which then becomes the file's."""
    header: dict[str, Any] = {"__metadata__": metadata}
    numbers = bytearray()
    for name, tensor in tensors.items():
        flat = tensor.detach().to("cpu", torch.float32).contiguous()
        begin = len(numbers)
        numbers += ctypes.string_at(flat.data_ptr(), 4 * flat.numel())
        header[name] = {"dtype": "F32", "shape": list(flat.shape), "data_offsets": [begin, len(numbers)]}
    words = json.dumps(header, separators=(",", ":")).encode()
    words += b" " * (-len(words) % 8)
    path = os.path.realpath(path)
    unfinished = f"{path}.{os.getpid()}.unfinished"
    try:
        with open(unfinished, "wb") as file:
            file.writelines([len(words).to_bytes(8, "little"), words, numbers])
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(path):
            shutil.copymode(path, unfinished)
        os.replace(unfinished, path)
    finally:
        if os.path.exists(unfinished):
            os.remove(unfinished)
