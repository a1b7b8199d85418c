import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { exerciseOf, type System } from '../../src/benchmark/contenders.ts';
import { Contest } from '../../src/benchmark/contest.ts';
import { type Interpreter, pytorch } from '../../src/benchmark/pytorch.ts';
import type { Size } from '../../src/benchmark/sizes.ts';
import type { Cell } from '../../src/model/cells/cells.ts';

const fake = fileURLToPath(new URL('fake-pytorch.js', import.meta.url));
const size = { V: 5, H: 4, B: 2, T: 3 };
/** What a true one says, as another system would. */
const losses = [1.9, 1.8, 1.7];

/** What becomes of a system beside another of these losses. */
async function contend(system: System, losses: readonly number[]) {
  const contest = new Contest(exerciseOf(size), { least: 2, most: 2, milliseconds: 0, turn: 0, pause: 0 });
  let step = 0;
  const prepare = async () => ({ step: async () => losses[step++ % losses.length]!, close: () => {} });
  await contest.admit({ system: 'Another', device: 'none', prepare });
  await contest.admit(system);
  await contest.takeTurns();
  contest.close();
  return contest.contenders[1]!;
}

const interpreter = (nature: string, patience = 20): Interpreter => ({
  command: process.execPath,
  program: [fake, nature],
  patience,
});

/** Those that take a size. */
async function systems(nature: string, patience?: number, taken: Size = size, only?: 'webgpu' | 'cpu') {
  const found = await pytorch(only, interpreter(nature, patience));
  if (typeof found === 'string') throw new Error(found);
  return found.filter(({ takes }) => takes!(taken));
}

describe('PyTorch beside the others', () => {
  it('takes part in every way on every device there is, TF32 where that is', async () => {
    expect((await systems('true')).map(({ system, device }) => [system, device])).toEqual([
      ['PyTorch, cuda: loop over timesteps', 'a card, PyTorch 9.9'],
      ['PyTorch, cuda: nn.GRU (its own form of the GRU), float32', 'a card, PyTorch 9.9'],
      ['PyTorch, cuda: nn.GRU (its own form of the GRU), TF32', 'a card, PyTorch 9.9'],
      ['PyTorch, cpu: loop over timesteps', 'PyTorch 9.9, 2 threads'],
      ['PyTorch, cpu: nn.GRU (its own form of the GRU), float32', 'PyTorch 9.9, 2 threads'],
    ]);
    expect(await systems('true', 20, size, 'cpu')).toHaveLength(2);
    expect(await systems('true', 20, size, 'webgpu')).toHaveLength(3);
  });

  it.each<[Cell, number, readonly string[]]>([
    ['gru', 2, ['nn.GRU (its own form of the GRU), float32']],
    ['gru-after', 1, ['nn.GRU, float32']],
    ['lstm', 3, ['nn.LSTM, float32']],
    ['rnn-tanh', 2, ['nn.RNN, float32']],
    ['rnn', 1, []],
  ])('takes part with its own module beside the cell %s of %i layers', async (cell, layers, names) => {
    const found = await systems('true', 20, { ...size, cell, layers }, 'cpu');
    expect(found.map(({ system }) => system)).toEqual(names.map((name) => `PyTorch, cpu: ${name}`));
    // Only of the GRU it has another form: of all others every loss has to be the same.
    expect(found.map(({ otherForm }) => otherForm)).toEqual(names.map(() => cell === 'gru'));
  });

  it('gets the exercise, and is timed where its losses agree', async () => {
    const [loop] = await systems('true');
    const found = await contend(loop!, losses);
    expect(found.problem).toBeUndefined();
    expect(found.losses.map((loss) => loss.toFixed(3))).toEqual(['1.900', '1.800', '1.700']);
    expect(found.milliseconds!.median).toBeGreaterThan(0);
  });

  it('has to agree in every loss with its loop, and in the first with a network of another form', async () => {
    const [loop, gru] = await systems('wrong');
    expect(await contend(loop!, losses)).toMatchObject({ problem: expect.stringMatching(/loss at step 2/) });
    expect((await contend(gru!, losses)).problem).toBeUndefined();
    const elsewhere = losses.map((loss) => 2 * loss);
    expect(await contend(gru!, elsewhere)).toMatchObject({
      problem: expect.stringMatching(/loss at step 1/),
    });
  });

  it.each([
    ['dies midway', 'mortal', 20, /^PyTorch failed: it ended: out of memory$|^PyTorch failed: out of memory$/],
    ['says something else', 'chatty', 20, /^PyTorch failed: well, hello$/],
    ['never answers', 'silent', 1, /^PyTorch failed: it has not answered within 1 seconds$/],
  ])('says why there is no time where it %s', async (_, nature, patience, problem) => {
    const [loop] = await systems(nature, patience);
    expect(await contend(loop!, losses)).toMatchObject({ problem: expect.stringMatching(problem) });
  });

  it('says why it does not take part', async () => {
    expect(await pytorch(undefined, interpreter('absent'))).toMatch(/^PyTorch does not take part: .* no torch/);
    const nowhere = { command: '/nowhere/python3', program: [] };
    expect(await pytorch(undefined, nowhere)).toMatch(/^PyTorch does not take part: .*\/nowhere\/python3/);
  });
});
