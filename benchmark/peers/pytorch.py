"""
The exercise of the side by side with PyTorch, 1.13 to 2.x, in a process of its own. It needs nothing but torch.

    python3 pytorch.py devices      answers with those there are, cuda or cpu and what that is, one a line
    python3 pytorch.py WAY DEVICE   takes the exercise

Ways: `loop` is a GRU of one layer as the exercise sets it: an nn.Linear for each product, a Python loop over the
timesteps. `module` is nn.GRU, nn.LSTM or nn.RNN, which on a GPU is cuDNN's, in float32 throughout; `module-tf32` lets its
products round to TF32.

From standard input it reads a line of JSON, {"size": {V, H, B, T, cell, layers}, "adam": {…}, "parameters": [[name, shape],
…]}, then the bytes of each parameter (float32), of the inputs and of the targets (uint32, [T][B] each). It answers `ready`. For each
line `step` it takes a training step and answers with the loss before the parameters moved, in
nats. What goes wrong is told in one line that begins with `problem`; it ends when standard input does.
"""

import json
import math
import signal
import sys


def main(way, device=None):
    if way == "devices":
        for device in ["cuda", "cpu"] if torch.cuda.is_available() else ["cpu"]:
            print(device, runs_on(device))
        return
    size, adam, parameters, inputs, targets = read_exercise(sys.stdin.buffer, device)
    # Both, both ways: products of matrices and cuDNN have a switch each, and their defaults differ.
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = way == "module-tf32"
    network = (Loop if way == "loop" else Module)(**size).to(device)
    with torch.no_grad():
        network.load(parameters)
    optimizer = optimizer_of(network, adam)
    inputs = functional.one_hot(inputs, size["V"]).float()
    targets = targets.flatten()

    def step():
        loss = functional.cross_entropy(network(inputs).flatten(0, 1), targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if adam["clipNorm"] is not None:
            nn.utils.clip_grad_norm_(network.parameters(), adam["clipNorm"])
        optimizer.step()
        # Waits for all that the device was told before.
        return loss.item()

    print("ready", flush=True)
    for line in sys.stdin.buffer:
        if line.strip() != b"step":
            raise ValueError(f"it was asked for {line!r}, and knows only steps")
        print(json.dumps(step()), flush=True)


def read_exercise(stream, device):
    header = json.loads(stream.readline())

    def tensor(shape, dtype):
        data = bytearray(stream.read(4 * math.prod(shape)))
        return torch.frombuffer(data, dtype=dtype).reshape(shape).to(device)

    parameters = {name: tensor(shape, torch.float32) for name, shape in header["parameters"]}
    places = [header["size"]["T"], header["size"]["B"]]
    inputs, targets = (tensor(places, torch.int32).long() for _ in range(2))
    return header["size"], header["adam"], parameters, inputs, targets


def networks():
    """The networks' classes, which cannot be written down before there is torch."""

    class Loop(nn.Module):
        """
        z = σ(x U_z + h W_z + b_z)             h' = (1 − z) ⊙ h + z ⊙ c
        r = σ(x U_r + h W_r + b_r)             y  = h' V + b_y
        c = tanh(x U_h + (r ⊙ h) W_h + b_h)
        """

        def __init__(self, V, H, **_):
            super().__init__()
            self.U_z, self.U_r, self.U_h = (nn.Linear(V, H, bias=False) for _ in range(3))
            self.W_z, self.W_r, self.W_h = (nn.Linear(H, H) for _ in range(3))
            self.V = nn.Linear(H, V)

        def load(self, p):
            for name in ("U_z", "U_r", "U_h", "W_z", "W_r", "W_h", "V"):
                getattr(self, name).weight.copy_(p[name].T)
            for name, bias in (("W_z", "b_z"), ("W_r", "b_r"), ("W_h", "b_h"), ("V", "b_y")):
                getattr(self, name).bias.copy_(p[bias])

        def forward(self, inputs):
            h = inputs.new_zeros(inputs.shape[1], self.V.in_features)
            states = []
            for x in inputs:
                z = torch.sigmoid(self.U_z(x) + self.W_z(h))
                r = torch.sigmoid(self.U_r(x) + self.W_r(h))
                c = torch.tanh(self.U_h(x) + self.W_h(r * h))
                h = (1 - z) * h + z * c
                states.append(h)
            return self.V(torch.stack(states))

    class Module(nn.Module):
        """
        What PyTorch has of a cell. nn.GRU has c = tanh(x U_h + b_h + r ⊙ (h W_h + b_hh)), and z and 1 − z the other way
        round: that is `gru-after`; where `gru` is asked for it starts from the same parameters, but for where r stands. All
        have a second bias for each gate. But for that of c it would only double the first: it stays zero.
        """

        modules = {
            "gru": (nn.GRU, ("r", "z", "h")),
            "gru-after": (nn.GRU, ("r", "z", "h")),
            "lstm": (nn.LSTM, ("i", "f", "g", "o")),
            "rnn-tanh": (nn.RNN, ("",)),
        }

        def __init__(self, V, H, cell, layers, **_):
            super().__init__()
            module, self.gates = self.modules[cell]
            self.rnn = module(V, H, layers)
            self.V = nn.Linear(H, V)

        def load(self, p):
            for layer in range(self.rnn.num_layers):
                suffix = f"_l{layer}" if layer > 0 else ""
                weight_ih, weight_hh, bias_ih, bias_hh = self.rnn.all_weights[layer]

                def gates(kind):
                    names = [f"{kind}_{gate}" if gate else kind for gate in self.gates]
                    return torch.cat([(-1 if name.endswith("_z") else 1) * p[name + suffix] for name in names], dim=-1)

                # In place: cuDNN wants all of them in one piece, as they are.
                weight_ih.copy_(gates("U").T)
                weight_hh.copy_(gates("W").T)
                bias_ih.copy_(gates("b"))
                bias_hh.zero_()
                learned = torch.zeros_like(bias_hh)
                if "b_hh" + suffix in p:
                    H = self.rnn.hidden_size
                    bias_hh[2 * H :] = p["b_hh" + suffix]
                    learned[2 * H :] = 1
                bias_hh.register_hook(learned.mul)
            self.V.weight.copy_(p["V"].T)
            self.V.bias.copy_(p["b_y"] if "b_y" in p else p["c"])

        def forward(self, inputs):
            return self.V(self.rnn(inputs)[0])

    return Loop, Module


def optimizer_of(network, adam):
    """Adam: for the loop as PyTorch does it unasked, for a module in as few kernels as this version can."""
    settings = {"lr": adam["learningRate"], "betas": (adam["beta1"], adam["beta2"]), "eps": adam["epsilon"]}
    for faster in ({"fused": True}, {"foreach": True}) if isinstance(network, Module) else ():
        try:
            return torch.optim.Adam(network.parameters(), **settings, **faster)
        except (TypeError, RuntimeError):
            pass  # Not in this version, or not on this device.
    return torch.optim.Adam(network.parameters(), **settings)


def runs_on(device):
    version = f"PyTorch {torch.__version__.split('+')[0]}"
    if device == "cpu":
        return f"{version}, {torch.get_num_threads()} threads"
    cudnn = torch.backends.cudnn.version() or 0
    major, minor = (cudnn // 10000, cudnn // 100 % 100) if cudnn >= 90000 else (cudnn // 1000, cudnn // 100 % 10)
    return f"{torch.cuda.get_device_name()}, {version}, cuDNN {major}.{minor}"


if __name__ == "__main__":
    # A Ctrl-C is for who started this: it lets the task under way come to its end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        import torch
        from torch import nn
        from torch.nn import functional

        Loop, Module = networks()
        main(*sys.argv[1:])
    except Exception as error:
        why = "this Python has no torch" if isinstance(error, ModuleNotFoundError) else type(error).__name__
        print("problem", " ".join(f"{why}: {error}".split()), flush=True)
        sys.exit(1)
