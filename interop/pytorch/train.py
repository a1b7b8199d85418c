"""
Goes on with a training of Sluice, on as many devices and machines as torchrun starts processes for:

    torchrun --nproc_per_node 8 train.py m.safetensors my-text.txt --save m.safetensors --steps 20000

Batches are those that Sluice itself would take next; each process computes its share of their rows. Without torchrun
there is one process. What is saved, Sluice opens and goes on with. With `--batch-file` the gradients of a batch are
computed instead, as `sluice gradients` does it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import signal
import time
from typing import Any, NamedTuple, NoReturn, Optional, Sequence

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from sluice import FileError, Network, Training, load, read_bytes, save, write_tensors

LOOK_EVERY = 10  # steps: a GPU that is asked for the loss of each has to wait
TELL_EVERY = 5.0  # seconds
REMEDY = "what was saved before stays; let Sluice go on with a lower --learning-rate or --clip-norm"
# Settings that have to be 0, for want of what computes them here.
UNKNOWN = ("dropout", "recurrentDropout")
# Symbols that are at least read of a text to find out in which state those that follow are met: as Sluice does.
LEAST_BEFORE = 64


class Runaway(ArithmeticError):
    """Numbers that are not finite any more, in a sentence."""


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong, once on each machine."""

    def fail(self, code: int, sentence: str) -> NoReturn:
        self.exit(code, f"{self.prog}: {sentence}\n" if os.environ.get("LOCAL_RANK", "0") == "0" else None)

    def error(self, message: str) -> NoReturn:
        self.fail(2, message)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """:returns: the exit code"""
    parser = parser_of_options()
    options = parser.parse_args(arguments)
    if options.device == "cuda" and not torch.cuda.is_available():
        parser.error("torch finds no GPU here that it can use: leave --device away.")
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = options.tf32
    try:
        with Workers(options.device) as workers:
            return (go_on if options.batch_file is None else find_gradients)(options, workers)
    except FileError as error:
        parser.fail(2, str(error))
    except (Runaway, OSError) as error:
        parser.fail(1, str(error))


def parser_of_options() -> Parser:
    parser = Parser(prog="train.py", description="Goes on with a training of Sluice, also under torchrun.")
    parser.add_argument("checkpoint", help="a file that Sluice has saved")
    parser.add_argument("text", nargs="?", help="the text that it learns, UTF-8")
    parser.add_argument("--save", required=True, metavar="FILE", help="where to save, now and then and at the end")
    parser.add_argument("--save-every", type=whole_number, default=60, metavar="SECONDS", help="(60)")
    parser.add_argument("--steps", type=whole_number, help="the goal, those before included (as in the checkpoint)")
    parser.add_argument("--batch", type=whole_number, help="rows of all processes together (as in the checkpoint)")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--compile", action="store_true", help="lets torch fuse what is in a timestep of gru and rnn")
    parser.add_argument("--tf32", action="store_true", help="lets a GPU round to 11 bits in products: faster")
    parser.add_argument("--json", action="store_true", help="prints an object a line")
    parser.add_argument("--batch-file", metavar="FILE", help="saves the gradients of this batch, and trains nothing")
    return parser


def whole_number(written: str) -> int:
    if not (written.isdecimal() and int(written) > 0):
        raise argparse.ArgumentTypeError(f"it is a whole number from 1, not {written!r}.")
    return int(written)


def is_first() -> bool:
    """Whether this is the process that speaks and saves."""
    return os.environ.get("RANK", "0") == "0"


class Workers:
    """The processes that compute together: those that torchrun has started, or one."""

    def __init__(self, device: str) -> None:
        self.rank, self.count = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        self.on_gpu = device == "cuda"
        self.device = torch.device(device, int(os.environ.get("LOCAL_RANK", 0)) if self.on_gpu else None)
        name = torch.cuda.get_device_name(self.device) if self.on_gpu else "CPU"
        self.name = f"PyTorch {torch.__version__}, {self.count} × {name}"

    def __enter__(self) -> Workers:
        if self.on_gpu:
            torch.cuda.set_device(self.device)
        if self.count > 1:
            distributed.init_process_group("nccl" if self.on_gpu else "gloo")
        return self

    def __exit__(self, *_: object) -> None:
        if self.count > 1:
            distributed.destroy_process_group()

    def share(self, rows: int) -> slice:
        """
        Which rows of a batch are this process's.

        :raises FileError: if there are fewer than processes
        """
        if rows < self.count:
            raise FileError(f"A batch of {rows} rows cannot be divided among {self.count} processes.")
        return slice(self.rank * rows // self.count, (self.rank + 1) * rows // self.count)

    def wrap(self, network: Network) -> nn.Module:
        """A network on this process's device, by whose gradients all processes get to know the mean of everyone's."""
        network.to(self.device)
        if self.count == 1:
            return network
        return DistributedDataParallel(network, device_ids=[self.device] if self.on_gpu else None)

    def sum(self, values: Tensor) -> Tensor:
        """The sum of what each process has."""
        if self.count > 1:
            distributed.all_reduce(values)
        return values

    def gather(self, states: Tensor, rows: int) -> Tensor:
        """The states of all rows, [S, B, H], of those of each process's own."""
        whole = states.new_zeros(states.shape[0], rows, states.shape[2])
        whole[:, self.share(rows)] = states
        return self.sum(whole)


# Going on with a training.


def go_on(options: argparse.Namespace, workers: Workers) -> int:
    """Trains up to the goal, or until a signal comes, and saves."""
    run = Run(options, workers)
    signals: list[int] = []

    def stop(number: int, _: object) -> None:
        signals.append(number)
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    log = Log(options.json, run)
    saved, stopping = time.monotonic(), False
    while run.step < run.goal and not stopping:
        first = run.step + 1
        run.take_step()
        # The loss of the first step, where the training was handed over, is told by itself.
        while first != log.first and run.step % LOOK_EVERY != 0 and run.step < run.goal:
            run.take_step()
        due = time.monotonic() - saved > options.save_every
        loss, stopped, saving = run.look(len(signals), is_first() and due)
        log.steps(loss, run.step + 1 - first)
        stopping = stopped > 0
        is_last = stopping or run.step == run.goal
        if is_last or saving > 0:
            try:
                run.save(options.save)
            except OSError as error:
                if is_last:
                    raise
                log.note(f"{error}: it is tried again.")
            saved = time.monotonic()
    log.note(f"Step {run.step} is saved in {options.save}.")
    if stopping:
        return 128 + (signals or [signal.SIGTERM])[0]
    log.validation(run.validate())
    return 0


class Run:
    """A training that goes on, of which each process computes its rows."""

    def __init__(self, options: argparse.Namespace, workers: Workers) -> None:
        self.checkpoint, self.workers = load(options.checkpoint), workers
        if self.checkpoint.training is None:
            raise FileError(f"{options.checkpoint} holds no training: begin one with Sluice’s own train --resume.")
        self.training = self.checkpoint.training
        for name in UNKNOWN:
            if self.training.configuration.get(name, 0) > 0:
                raise FileError(f"{options.checkpoint} is trained with {name}, which is not computed here: go on in Sluice.")
        if options.text is None:
            raise FileError("The text is missing: name the file that the network learns.")
        self.configuration, self.step = self.training.configuration, self.training.step
        self.goal = options.steps or self.configuration["steps"]
        if self.step >= self.goal:
            at = f"{options.checkpoint} is at step {self.step}"
            raise FileError(f"{at}, and --steps is {self.goal}: give a higher one.")
        self.text = read_text(options.text, self.training, self.checkpoint.vocabulary or [], workers.device)
        assert_writable(options.save, options.text)
        self.rows = options.batch or self.configuration["batch"]
        sequence = self.configuration["sequence"]
        leading = self.configuration.get("leadIn", 0) if self.configuration["batches"] == "windows" else 0
        self.timesteps = min(sequence + leading, len(self.text.training) - 1)
        # The timesteps of each window that do not count: in a short text fewer than were asked for.
        self.leading = max(0, self.timesteps - sequence)
        self.counted = self.rows * (self.timesteps - self.leading)
        self.mine = workers.share(self.rows)
        carried = self.training.carried_state
        if self.rows != self.configuration["batch"]:
            carried = carried.new_zeros(len(carried), self.rows, carried.shape[2])
        self.configuration.update(steps=self.goal, batch=self.rows)
        self.states = carried[:, self.mine].to(workers.device)
        self.network = self.checkpoint.network
        self.averaging = self.configuration.get("averaging", 0)
        # The network of a file that averages is the averaged one, unless a better one was kept.
        asked = {name: parameter.detach().clone() for name, parameter in self.network.named_parameters()}
        averaged = self.training.averaged or asked
        self.averaged = {name: mean.to(workers.device) for name, mean in averaged.items()} if self.averaging > 0 else None
        if self.training.trained is not None:
            self.network.load_state_dict(self.training.trained)
        self.training.trained = self.training.averaged = self.training.held_out = None
        if options.compile:
            self.network.compile_timestep()
        self.model = workers.wrap(self.network)
        self.optimizer = adam_of(self.network, self.training)
        self.loss = torch.zeros((), device=workers.device)

    def take_step(self) -> None:
        self.step += 1
        starts, carried = starts_of(self.step, self.configuration, self.rows, self.timesteps, len(self.text.training))
        inputs, targets = windows(self.text.training, starts[self.mine], self.timesteps)
        logits, states = self.model(inputs, self.states if carried else None)
        share = self.network.costs(logits, targets)[self.leading :].sum() / self.counted
        self.optimizer.zero_grad()
        # The loss is the sum of all processes' shares, and DistributedDataParallel takes means.
        (share * self.workers.count).backward()
        # What has no gradient is left out of the norm, and AdamW does not move it.
        if self.configuration.get("biases") == "off":
            for bias in biases_of(self.network):
                bias.grad = None
        if self.configuration["clipNorm"] > 0:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.configuration["clipNorm"])
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate_at(self.step, self.configuration)
        self.optimizer.step()
        self.average()
        self.states = states.detach()
        self.loss += share.detach()

    @torch.no_grad()
    def average(self) -> None:
        """Moves the averaged parameters, where they are kept: β is (1 + step)/(10 + step) while that is less."""
        beta = min(self.averaging, (1 + self.step) / (10 + self.step))
        for name, mean in (self.averaged or {}).items():
            mean.lerp_(self.network.get_parameter(name), 1 - beta)

    def exchange(self) -> None:
        """Puts the averaged parameters in the place of those that are trained, and these in theirs; nothing without averages."""
        for name, mean in (self.averaged or {}).items():
            parameter = self.network.get_parameter(name)
            parameter.data, self.averaged[name] = mean, parameter.data

    def look(self, *flags: int) -> list[float]:
        """The sum of the losses since the last look, and that of each flag: all processes get to know the same."""
        sums = self.workers.sum(torch.stack([self.loss, *self.loss.new_tensor(flags)])).tolist()
        if not math.isfinite(sums[0]):
            raise Runaway(f"By step {self.step} the loss is not a finite number: {REMEDY}.")
        self.loss.zero_()
        return sums

    def save(self, path: str) -> None:
        """:raises Runaway: and leaves what is there, if not all numbers are finite"""
        training, state = self.training, self.optimizer.state
        training.step = self.step
        # Names are those of Sluice's engines; from the device it is told that none of them has computed this.
        training.engine = {"name": (training.engine or {}).get("name", "cpu"), "device": self.workers.name}
        for name, parameter in self.network.named_parameters():
            training.m[name], training.v[name] = state[parameter]["exp_avg"], state[parameter]["exp_avg_sq"]
        training.carried_state = self.workers.gather(self.states, self.rows)
        averaged = list((self.averaged or {}).values())
        learned = [*self.network.parameters(), *averaged, *training.m.values(), *training.v.values()]
        if not all(tensor.isfinite().all() for tensor in learned):
            raise Runaway(f"After step {self.step} not all that is learned is finite: {REMEDY}.")
        self.exchange()
        training.trained = self.averaged
        if is_first():
            save(path, self.checkpoint)
        training.trained = None
        self.exchange()

    @torch.no_grad()
    def validate(self) -> Optional[float]:
        """
        The loss of the network to be asked, the averaged one where there is one, over the held-out text, each symbol once; None if nothing is held out. It is read side by side in
        stretches: before each, of the first the end of the training text, so much that its state is not blank.
        """
        training, held, T = self.text.training, self.text.validation, self.timesteps
        if len(held) == 0:
            return None
        text, least = torch.cat([training, held]), max(T, LEAST_BEFORE)
        before = min(least, len(training) - 1)
        rows = max(1, min(self.rows, len(held) // least))
        edges = torch.arange(rows + 1, device=text.device) * len(held) // rows
        # A text may have fewer stretches than there are processes.
        mine = torch.arange(self.workers.rank, rows, self.workers.count, device=text.device)
        ends = before + edges[mine + 1] - edges[mine]
        longest = int(ends.max()) if len(mine) > 0 else 0
        total, states = torch.zeros((), dtype=torch.float64, device=text.device), None
        self.exchange()
        for first in range(0, longest, T):
            count = min(T, longest - first)
            inputs, targets = windows(text, len(training) + edges[mine] - before - 1 + first, count)
            logits, states = self.network(inputs, states)
            places = torch.arange(first, first + count, device=text.device)[:, None]
            counts = (places >= before) & (places < ends)
            total += self.network.costs(logits, targets)[counts].sum()
        self.exchange()
        return self.workers.sum(total).item() / len(held)


def biases_of(network: Network) -> list[nn.Parameter]:
    """All parameters that are no matrices."""
    return [parameter for parameter in network.parameters() if parameter.dim() == 1]


def adam_of(network: Network, training: Training) -> torch.optim.AdamW:
    """PyTorch's AdamW, where the checkpoint's stands: the same formula, with ε outside the root; matrices alone decay."""
    chosen = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.0, **training.configuration}
    matrices, biases = [parameter for parameter in network.parameters() if parameter.dim() > 1], biases_of(network)
    groups = [{"params": matrices, "weight_decay": chosen["weightDecay"]}, {"params": biases, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, betas=(chosen["beta1"], chosen["beta2"]), eps=chosen["epsilon"])
    for name, parameter in network.named_parameters():
        m, v = (moments[name].to(parameter.device) for moments in (training.m, training.v))
        optimizer.state[parameter] = {"step": torch.tensor(float(training.step)), "exp_avg": m, "exp_avg_sq": v}
    return optimizer


def learning_rate_at(step: int, configuration: dict[str, Any]) -> float:
    """
    A linear warm-up, then constant, then over the last share `decay` of the steps after it down to zero at the goal, along
    half a cosine or a straight line. Steps are counted from 1.
    """
    rate, warmup = configuration["learningRate"], configuration["warmup"]
    if step <= warmup:
        return rate * step / warmup
    if configuration["schedule"] == "constant":
        return rate
    goal = configuration["steps"]
    falling = configuration.get("decay", 1) * (goal - warmup)
    progress = min(1, max(0, step - 1 - (goal - falling)) / max(1, falling))
    if configuration["schedule"] == "linear":
        return rate * (1 - progress)
    return rate * (1 + math.cos(math.pi * progress)) / 2


# The text, and what is read of it at each step.


class Text(NamedTuple):
    """A text as ids of symbols."""

    training: Tensor
    validation: Tensor


def read_text(path: str, training: Training, vocabulary: list[str], device: torch.device) -> Text:
    """
    A text as Sluice reads it, with its end held out.

    :raises FileError: if it is not the one that was trained on
    """
    try:
        text = read_bytes(path).decode()
    except UnicodeDecodeError as error:
        raise FileError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8.") from error
    for _ in range(2):
        text = text[1:] if text.startswith("\ufeff") else text
    text = text.replace("\r\n", "\n")
    name, sha256 = training.dataset["name"], training.dataset["sha256"]
    if hashlib.sha256(text.encode()).hexdigest() != sha256:
        before = f"It was trained on {name!r} (SHA-256 {sha256[:12]}…)"
        raise FileError(f"{before}, not on {path} as it is: give that text.")
    ids = encode(text, vocabulary).to(device)
    held_out = math.floor(training.configuration["validation"] * len(ids))
    return Text(*ids.tensor_split([max(2, len(ids) - held_out)]))


def encode(text: str, vocabulary: list[str]) -> Tensor:
    """
    The ids of a text's code points, int32.

    :raises FileError: if one is not in the vocabulary
    """
    codes = torch.frombuffer(bytearray(text.encode("utf-32-le")), dtype=torch.int32)
    symbols, ids = torch.tensor([ord(symbol) for symbol in vocabulary], dtype=torch.int32).sort()
    places = torch.searchsorted(symbols, codes).clamp(max=len(symbols) - 1)
    strange = codes[symbols[places] != codes]
    if len(strange) > 0:
        raise FileError(f"The text has the character {chr(int(strange[0]))!r}, which the network does not know.")
    return ids[places].int()


def windows(text: Tensor, starts: Tensor, timesteps: int) -> tuple[Tensor, Tensor]:
    """What goes in and what should come out, [T, B] each, of the windows that begin at `starts` [B]."""
    places = torch.arange(timesteps, device=text.device)[:, None] + starts.to(text.device)
    return text[places].long(), text[places + 1].long()


def starts_of(step: int, configuration: dict[str, Any], rows: int, timesteps: int, length: int) -> tuple[Tensor, bool]:
    """
    Where the windows of a step (from 1) begin in a text of that length, [B], as Sluice has it; and whether the step
    begins with the states in which the one before ended.
    """
    row = torch.arange(rows)
    if configuration["batches"] == "windows":
        seed, position = configuration["seed"], 2 * (rows * step + row)
        value = uniform_at(seed, position) + uniform_at(seed, position + 1) / 2**24
        return (value * (length - timesteps)).long(), False
    stream = max(timesteps, (length - 1) // rows)
    pieces = stream // timesteps
    piece = (step - 1) % pieces
    last = length - 1 - pieces * timesteps
    return (row * stream).clamp(max=last) + piece * timesteps, piece > 0


def uniform_at(seed: int, positions: Tensor) -> Tensor:
    """Sluice's random numbers at these positions of their sequence, in [0, 1), float64."""
    key = hash32(hash32(torch.tensor(seed)) ^ (positions >> 32))
    return (hash32(key ^ (positions & 0xFFFFFFFF)) >> 8).double() / 2**24


def hash32(value: Tensor) -> Tensor:
    """The PCG output permutation, 32 bits to 32 bits, in int64."""
    state = (value * 747796405 + 2891336453) & 0xFFFFFFFF
    word = (((state >> ((state >> 28) + 4)) ^ state) * 277803737) & 0xFFFFFFFF
    return (word >> 22) ^ word


def assert_writable(path: str, *inputs: str) -> None:
    """:raises FileError: if a file cannot be written there, or would take the place of one that was read"""
    folder = os.path.dirname(os.path.realpath(path))
    if os.path.isdir(path) or not os.path.isdir(folder) or not os.access(folder, os.W_OK):
        raise FileError(f"{path} cannot be written: name a file in a folder that is there.")
    if os.path.exists(path) and any(os.path.samefile(path, each) for each in inputs):
        raise FileError(f"{path} is what is read: choose another name for --save.")


class Log:
    """What the first process prints. Losses are in nats, as JSON also in bits."""

    def __init__(self, as_json: bool, run: Run) -> None:
        self.as_json, self.run, self.first = as_json, run, run.step + 1
        self.told = self.since = time.monotonic()

    def steps(self, loss: float, count: int) -> None:
        """:param loss: the sum over the last `count` steps"""
        run, now = self.run, time.monotonic()
        speed = count * run.counted / max(1e-9, now - self.since)
        self.since = now
        bits = loss / count / math.log(2)
        if self.as_json:
            fields = {"loss": loss / count, "bitsPerCharacter": bits, "charactersPerSecond": speed}
            self.print(json.dumps({"step": run.step, **fields}))
        elif now - self.told > TELL_EVERY or run.step in (self.first, run.goal):
            self.told = now
            self.print(f"step {run.step} of {run.goal}: {bits:.3f} bits per character, {speed:,.0f} characters/s")

    def validation(self, loss: Optional[float]) -> None:
        if loss is None:
            return
        bits = loss / math.log(2)
        if self.as_json:
            self.print(json.dumps({"step": self.run.step, "validationLoss": loss, "validationBitsPerCharacter": bits}))
        else:
            self.print(f"held out: {bits:.3f} bits per character")

    def note(self, sentence: str) -> None:
        if not self.as_json:
            self.print(sentence)

    @staticmethod
    def print(line: str) -> None:
        if is_first():
            print(line, flush=True)


# The gradients of a batch.


def find_gradients(options: argparse.Namespace, workers: Workers) -> int:
    """Saves the gradient by each parameter under its name, `loss` [1] and `final_state` [S, B, H]; prints the loss."""
    network = load(options.checkpoint).network
    batch = read_batch(options.batch_file, network)
    assert_writable(options.save, options.checkpoint, options.batch_file)
    if options.compile:
        network.compile_timestep()
    model = workers.wrap(network)
    rows = batch.counts.shape[1]
    mine = workers.share(rows)
    inputs, targets, counts = (each[:, mine].to(workers.device) for each in batch[:3])
    states, lengths = batch.states[:, mine].to(workers.device), batch.lengths
    logits, states = model(inputs, states, None if lengths is None else lengths[mine].to(workers.device))
    share = network.costs(logits, targets)[counts].sum() / batch.counts.sum()
    (share * workers.count).backward()
    loss = workers.sum(share.detach()[None])
    tensors = {"loss": loss, "final_state": workers.gather(states.detach(), rows)}
    tensors.update({name: parameter.grad for name, parameter in network.named_parameters()})
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise Runaway(f"With this network and this batch {name} is not a finite number.")
    if is_first():
        write_tensors(options.save, tensors, {"engine": "pytorch"})
        print(json.dumps({"loss": loss.item()}) if options.json else loss.item(), flush=True)
    return 0


class Batch(NamedTuple):
    inputs: Tensor  # symbols [T, B], or vectors [T, B, I]
    targets: Tensor  # [T, B], or [T, B, O]
    counts: Tensor  # [T, B]: which places' costs count
    states: Tensor  # before the first timestep, [S, B, H]
    lengths: Optional[Tensor]  # [B]


def read_batch(path: str, network: Network) -> Batch:
    """
    A batch as docs/command-line.md describes it.

    :raises FileError: if it is none for this network
    """
    try:
        fields = json.loads(read_bytes(path).decode())
        written = fields["targets"]
        T, B, I, O = len(written), len(written[0]), network.input_size, network.output_size
        of_symbols = network.inputs == "symbols"
        inputs = numbers(fields["tokens"], [T, B], I) if of_symbols else numbers(fields["inputs"], [T, B, I])
        counts = torch.tensor([[target is not None for target in row] for row in written])
        as_ids = network.output == "log-softmax" or (network.output == "sigmoid" and of_symbols)
        nothing = 0 if as_ids else [0] * O
        present = [[nothing if target is None else target for target in row] for row in written]
        targets = numbers(present, [T, B], O) if as_ids else numbers(present, [T, B, O])
        lengths = numbers(fields["lengths"], [B], T + 1) if "lengths" in fields else None
        if lengths is not None:
            counts &= torch.arange(T)[:, None] < lengths
        states = torch.zeros(network.states, B, network.hidden_size)
        if "initialState" in fields:
            states = torch.tensor(fields["initialState"], dtype=torch.float32).view_as(states)
        if not counts.any():
            raise ValueError("nothing in it counts")
    except FileError:
        raise
    except KeyError as error:
        raise FileError(f"{path} is not a batch for this network: it has no {error.args[0]}.") from error
    except (ValueError, TypeError, IndexError, RuntimeError, RecursionError) as error:
        raise FileError(f"{path} is not a batch for this network: {' '.join(str(error).split())}.") from error
    return Batch(inputs, targets, counts, states, lengths)


def numbers(lists: Any, shape: list[int], count: Optional[int] = None) -> Tensor:
    """Real numbers of that shape, or with a count whole ones from 0 to below it."""
    tensor = torch.tensor(lists)
    if list(tensor.shape) != shape:
        raise ValueError(f"there are {list(tensor.shape)} numbers where {shape} are needed")
    if count is None:
        tensor = tensor.float()
        if not tensor.isfinite().all():
            raise ValueError("float32 cannot hold all of its numbers")
    elif tensor.dtype != torch.int64 or not ((tensor >= 0) & (tensor < count)).all():
        raise ValueError(f"there are other ids or lengths than whole numbers from 0 to {count - 1}")
    return tensor


if __name__ == "__main__":
    raise SystemExit(main())
