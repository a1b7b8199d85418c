import { afterEach, describe, expect, it } from 'vitest';
import { embeddedReber, embeddedReberText, reber, reberText } from '../../src/corpus/reber.ts';
import { initialState } from '../../src/engine/initial-state.ts';
import type { Cell } from '../../src/model/configuration.ts';
import { type Configuration, defaultConfiguration } from '../../src/training/configuration.ts';
import { lookInto } from '../../src/training/looks/look.ts';
import { reachOf, untrainedReach } from '../../src/training/looks/reach.ts';
import { readText } from '../../src/training/looks/reading.ts';
import { grammarOf, readReberString, testReber } from '../../src/training/looks/reber.ts';
import { Run } from '../../src/training/run.ts';

const corpus = { name: 'cat', text: 'The cat sat on the mat, and the dog on the log. '.repeat(20) };
const small = { engine: 'reference', hidden: 5, batch: 4, sequence: 12, steps: 100, warmup: 0 } as const;

const runs: Run[] = [];
afterEach(() => {
  for (const run of runs.splice(0)) run.close();
});

async function start(configuration: Partial<Configuration>, text = corpus): Promise<Run> {
  const run = await Run.open(text, { ...defaultConfiguration, ...small, ...configuration });
  runs.push(run);
  run.startAfresh();
  return run;
}

/** The loss at a window's last timestep as a function of the state before timestep `t`. */
async function lossFrom(run: Run, window: Uint32Array, t: number, state: Float32Array<ArrayBuffer>): Promise<number> {
  const timesteps = window.length - 1 - t;
  return run.session.evaluate({
    rows: 1,
    timesteps,
    inputs: window.slice(t, -1),
    targets: window.slice(t + 1),
    initialState: state,
    countFrom: timesteps - 1,
  });
}

describe('The reach of the gradient', () => {
  it.each(['gru', 'rnn'] as const)('is the length of the loss’s slope in the states: %s', async (cell: Cell) => {
    // A text with room for one window alone: all of them are the same.
    const text = { name: 'short', text: 'abcabdacbdcb' };
    const run = await start({ cell, batch: 1, sequence: 11, validation: 0 }, text);
    const { norms } = await reachOf(run);
    expect(norms).toHaveLength(12);

    const window = run.text.training;
    const { states } = await run.session.trace({
      rows: 1,
      timesteps: 11,
      inputs: window.slice(0, -1),
      targets: window.slice(1),
      initialState: 'zero',
    });
    const epsilon = 2 ** -10;
    for (const back of [1, 4, 11]) {
      const t = 11 - back;
      const state = Float32Array.from(states.slice(t * 5, (t + 1) * 5));
      let squares = 0;
      for (let unit = 0; unit < 5; unit++) {
        const moved = (by: number) => state.map((value, i) => (i === unit ? value + by : value));
        const [above, below] = [moved(epsilon), moved(-epsilon)];
        const rise = (await lossFrom(run, window, t, above)) - (await lossFrom(run, window, t, below));
        squares += (rise / (above[unit]! - below[unit]!)) ** 2;
      }
      expect(norms[back]! / Math.sqrt(squares)).toBeCloseTo(1, 3);
    }
  });

  it('does not depend on how many windows are read side by side', async () => {
    const reaches = await Promise.all([1, 4, 16].map(async (batch) => reachOf(await start({ batch }))));
    for (const { norms } of reaches) {
      for (const [back, norm] of norms.entries()) expect(norm / reaches[0]!.norms[back]!).toBeCloseTo(1, 9);
    }
  });

  it('is compared with an untrained network of the other cell and the same sizes', async () => {
    const run = await start({ cell: 'gru' });
    await run.takeStep();
    const other = await untrainedReach(run);
    const rnn = await start({ cell: 'rnn' });
    expect(other).toEqual(await reachOf(rnn));
    expect(await reachOf(run)).toMatchObject({ cell: 'gru', step: 1, hidden: 5, corpusName: 'cat' });
  });

  it('leaves the training as it would have been', async () => {
    const [watched, alone] = [await start({ batches: 'streams' }), await start({ batches: 'streams' })];
    for (let step = 0; step < 4; step++) {
      await lookInto(watched, { kind: 'reach' });
      await lookInto(watched, { kind: 'reading', text: 'The cat' });
      const [a, b] = [await watched.takeStep(), await alone.takeStep()];
      expect(a.loss).toBe(b.loss);
    }
    expect(await watched.read()).toEqual(await alone.read());
  });
});

describe('A reading', () => {
  const text = 'The dog sat on the mat';

  it('goes on over the pieces that a long text is read in', async () => {
    const [pieces, whole] = [await start({ sequence: 4 }), await start({ sequence: 64 })];
    pieces.write(initialState(pieces.model, pieces.session.capacity, 3));
    whole.write(initialState(whole.model, whole.session.capacity, 3));
    const [a, b] = [await readText(pieces, text), await readText(whole, text)];
    expect(a.symbols.join('')).toBe(text);
    for (const quantity of ['h', 'z', 'r'] as const) {
      expect(a.values[quantity]).toHaveLength(text.length * 5);
      a.values[quantity]!.forEach((value, i) => {
        expect(value).toBeCloseTo(b.values[quantity]![i]!, 6);
      });
    }
  });

  it('of an RNN has no gates', async () => {
    const { values } = await readText(await start({ cell: 'rnn' }), text);
    expect(Object.keys(values)).toEqual(['h']);
  });

  it('names the character that the network does not know', async () => {
    await expect(readText(await start({}), 'The ζ')).rejects.toThrow(/“ζ”/);
    await expect(readText(await start({}), '')).rejects.toThrow(/at least one character/);
  });
});

describe('A look at a Reber grammar', () => {
  it('knows a text of either grammar by what it says', () => {
    expect(grammarOf(reberText().text)).toBe(reber);
    expect(grammarOf(embeddedReberText(5).text)).toBe(embeddedReber);
    expect(grammarOf(corpus.text)).toBeUndefined();
    expect(grammarOf('')).toBeUndefined();
  });

  it('shows how likely each symbol is after each symbol of a string', async () => {
    const text = embeddedReberText();
    const run = await start({ sequence: 5 }, text);
    const { string, symbols, outputs, allowed, isEmbedded } = await readReberString(run, 3);
    expect(string).toMatch(/^B([TP])B.*E\1E$/);
    expect(symbols.join('')).toBe('BEPSTVX');
    expect(allowed).toHaveLength(string.length);
    expect(allowed.at(-1)).toEqual(['B']);
    expect(isEmbedded).toBe(true);
    for (let place = 0; place < string.length; place++) {
      const sum = outputs.slice(7 * place, 7 * place + 7).reduce((sum, y) => sum + y, 0);
      expect(sum).toBeCloseTo(1, 5);
    }
    expect(await readReberString(run, 4)).not.toMatchObject({ string });
    expect(await testReber(run, 20)).toMatchObject({ cell: 'gru', hidden: 5, step: 0, strings: 20 });
  });

  it('says that a text follows none', async () => {
    await expect(testReber(await start({}), 10)).rejects.toThrow(/follows no Reber grammar/);
  });
});
