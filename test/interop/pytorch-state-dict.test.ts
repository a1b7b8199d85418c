import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { initialState } from '../../src/engine/initial-state.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { exportNetwork } from '../../src/interop/formats.ts';
import { cells } from '../../src/model/cells/cells.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { initialParameters } from '../../src/model/parameters.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { relativeError } from '../fixtures.ts';
import { python, runPython } from './python.ts';

/** Loads each state dict into the module that docs/interop.md shows, or Sluice's own, and says what it makes of tokens. */
const program = `
import json, sys, torch
from torch import nn
import sluice

class Module(nn.Module):
    def __init__(self, kind, symbols, hidden, layers, bias):
        super().__init__()
        self.rnn = kind(symbols, hidden, layers, batch_first=True, bias=bias)
        self.decoder = nn.Linear(hidden, symbols, bias=bias)

    def forward(self, inputs):
        return self.decoder(self.rnn(inputs)[0])

kinds = {"lstm": nn.LSTM, "gru-after": nn.GRU, "rnn-tanh": nn.RNN}
tokens, V, H = torch.tensor([[3, 0, 4, 4, 1, 2, 0], [1, 2, 3, 4, 0, 1, 1]]), 5, 6
answers = []
for path, cell, layers, bias in json.load(sys.stdin):
    metadata, tensors = sluice.read_tensors(path)
    assert metadata["format"] == "pt"
    with torch.no_grad():
        if cell in kinds:
            module = Module(kinds[cell], V, H, layers, bias)
            module.load_state_dict(tensors, strict=True)
            logits = module(nn.functional.one_hot(tokens, V).float())
        else:
            module = sluice.Network(cell, V, H, V, layers)
            module.load_state_dict(tensors, strict=True)
            logits = module(tokens.T)[0].transpose(0, 1)
        answers.append(logits.log_softmax(-1).tolist())
print(json.dumps(answers))
`;

const folder = mkdtempSync(join(tmpdir(), 'sluice-state-dicts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('State dicts, in PyTorch', () => {
  it.skipIf(python === undefined)('are loaded strictly, and give what Sluice gives', async () => {
    const [V, H] = [5, 6];
    const tokens = [
      [3, 0, 4, 4, 1, 2, 0],
      [1, 2, 3, 4, 0, 1, 1],
    ];
    const kinds = cells.flatMap((cell) => [
      { cell, layers: 1, biases: true },
      { cell, layers: 2, biases: true },
      { cell, layers: 2, biases: false },
    ]);
    const networks = kinds.map(({ cell, layers, biases }, seed) => {
      const model = symbolModel(cell, V, H, { layers, biases });
      return { model, vocabulary: Vocabulary.of('abcde'), parameters: initialParameters(model, seed) };
    });
    const asked: unknown[] = [];
    for (const [i, network] of networks.entries()) {
      const [written] = await exportNetwork(network, 'pytorch', 'm');
      writeFileSync(join(folder, `${i}.safetensors`), written!.bytes);
      asked.push([join(folder, `${i}.safetensors`), network.model.cell, network.model.layers, network.model.biases]);
    }
    const { code, stdout, stderr } = await runPython(['-c', program], JSON.stringify(asked));
    expect(code, stderr).toBe(0);
    const answers = JSON.parse(stdout) as number[][][][];
    expect(answers).toHaveLength(15);
    for (const [i, { model, parameters }] of networks.entries()) {
      const [rows, timesteps] = [tokens.length, tokens[0]!.length];
      const session = await new ReferenceEngine().open(model, { rows, timesteps });
      session.write({ ...initialState(model, { rows, timesteps }, 0), parameters });
      const inputs = Uint32Array.from(
        { length: rows * timesteps },
        (_, at) => tokens[at % rows]![Math.floor(at / rows)]!,
      );
      const { outputs } = await session.trace({ rows, timesteps, inputs, targets: inputs, initialState: 'zero' });
      const found = Array.from({ length: timesteps }, (_, t) => answers[i]!.map((row) => row[t]!)).flat(2);
      expect(relativeError(Array.from(outputs, Math.log), found), `${model.cell}, ${model.layers}`).toBeLessThan(1e-5);
    }
  });
});
