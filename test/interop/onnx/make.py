"""Writes the networks beside it as PyTorch's users export them: see README.md. Made with PyTorch 1.13."""

import pathlib

import torch
from torch import nn

V, E, H = 7, 4, 5
here = pathlib.Path(__file__).parent


class Network(nn.Module):
    def __init__(self, rnn=None):
        super().__init__()
        self.embed = nn.Embedding(V, E)
        self.rnn = rnn or nn.GRU(E, H, batch_first=True)
        self.fc = nn.Linear(H, V)

    def states(self, tokens):
        return self.rnn(self.embed(tokens))[0]


class Flattened(Network):
    def forward(self, tokens, h0):
        y, h = self.rnn(self.embed(tokens), h0)
        return self.fc(y.reshape(y.size(0) * y.size(1), y.size(2))), h


class ThereAndBack(Network):
    def forward(self, tokens, h0):
        y, h = self.rnn(self.embed(tokens), h0)
        return self.fc(y.reshape(-1, H)).view(tokens.size(0), tokens.size(1), -1), h


class TimeFirst(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(V, E)
        self.rnn = nn.GRU(E, H, 2, dropout=0.3)
        self.fc = nn.Linear(H, V, bias=False)

    def forward(self, tokens):
        return torch.softmax(self.fc(self.rnn(self.embed(tokens))[0]), -1).log()


class Vectors(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, H, 2, batch_first=True)
        self.fc = nn.Linear(H, 2)

    def forward(self, x, h, c):
        y, (h, c) = self.rnn(x, (h, c))
        return torch.sigmoid(self.fc(y)), h, c


class ClassesSecond(Network):
    def forward(self, tokens):
        return torch.log_softmax(self.fc(self.states(tokens)).transpose(1, 2), 1)


class Step(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(V, E)
        self.rnn = nn.GRU(E, H)
        self.fc = nn.Linear(H, V)

    def forward(self, tokens, h):
        y, h = self.rnn(self.embed(tokens).unsqueeze(0), h)
        return self.fc(y.squeeze(0)), h


class LastState(Network):
    def forward(self, tokens):
        return self.fc(self.rnn(self.embed(tokens))[1][-1])


class LastTimestep(Network):
    def forward(self, tokens):
        return self.fc(self.states(tokens)[:, -1])


class Bidirectional(Network):
    def __init__(self):
        super().__init__(nn.GRU(E, H, batch_first=True, bidirectional=True))
        self.fc = nn.Linear(2 * H, V)

    def forward(self, tokens):
        return self.fc(self.states(tokens))


class Relu(Network):
    def forward(self, tokens):
        return self.fc(torch.relu(self.states(tokens)))


class ReluCell(Network):
    def __init__(self):
        super().__init__(nn.RNN(E, H, batch_first=True, nonlinearity="relu"))

    def forward(self, tokens):
        return self.fc(self.states(tokens))


class Normalised(Network):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(H)

    def forward(self, tokens):
        return self.fc(self.norm(self.states(tokens)))


class Packed(Network):
    def forward(self, tokens, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.embed(tokens), lengths, batch_first=True)
        y, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.fc(y)


class LearnedStart(Network):
    def __init__(self):
        super().__init__()
        self.h0 = nn.Parameter(torch.randn(1, 1, H))

    def forward(self, tokens):
        h0 = self.h0.expand(-1, tokens.size(0), -1).contiguous()
        return self.fc(self.rnn(self.embed(tokens), h0)[0])


torch.manual_seed(7)
tokens = torch.randint(0, V, (3, 6))
rows = {0: "batch", 1: "time"}
state = {1: "batch"}


def write(name, module, inputs, opset, axes=None, fold=True):
    names = list(inputs)
    torch.onnx.export(
        module.eval(), tuple(inputs.values()), here / f"{name}.onnx", input_names=names, opset_version=opset,
        do_constant_folding=fold, dynamic_axes=dict(zip(names, axes)) if axes else None,
    )


def states(layers):
    return torch.zeros(layers, 3, H)


gru = nn.GRU(E, H, 2, batch_first=True)
rnn = nn.RNN(E, H, batch_first=True)
vectors = {"x": torch.randn(3, 6, 3), "h": states(2), "c": states(2)}
write("flattened-opset-9", Flattened(gru), {"tokens": tokens, "h0": states(2)}, 9, [rows, state])
write("there-and-back-opset-16", ThereAndBack(rnn), {"tokens": tokens, "h0": states(1)}, 16, [rows, state])
write("time-first-unfolded-opset-13", TimeFirst(), {"tokens": tokens}, 13, [{0: "time", 1: "batch"}], False)
write("vectors-opset-9", Vectors(), vectors, 9, [rows, state, state])
write("vectors-unfolded-opset-16", Vectors(), vectors, 16, [rows, state, state], False)
write("classes-second-opset-16", ClassesSecond(), {"tokens": tokens}, 16, [rows])
write("one-row-opset-11", ThereAndBack(rnn), {"tokens": tokens[:1], "h0": states(1)[:, :1]}, 11)
write("step-opset-16", Step(), {"tokens": tokens[:, 0], "h": states(1)}, 16, [{0: "batch"}, state])
for name, module in {
    "last-state": LastState, "last-timestep": LastTimestep, "bidirectional": Bidirectional, "relu": Relu,
    "relu-cell": ReluCell, "normalised": Normalised, "learned-start": LearnedStart,
}.items():
    write(f"refused-{name}", module(), {"tokens": tokens}, 11, [rows])
write("refused-packed", Packed(), {"tokens": tokens, "lengths": torch.tensor([6, 5, 3])}, 11, [rows, {}])
