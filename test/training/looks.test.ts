import { afterEach, describe, expect, it } from 'vitest';
import type { Corpus } from '../../src/data/text/corpus.ts';
import { embeddedReber, embeddedReberText, reber, reberText } from '../../src/data/text/reber.ts';
import { demandText } from '../../src/data/text/task.ts';
import { initialState } from '../../src/engine/initial-state.ts';
import { type Cell, cells, comparedWith, statesOf } from '../../src/model/cells/cells.ts';
import { type Configuration, defaultConfiguration } from '../../src/training/configuration.ts';
import { lookInto } from '../../src/training/looks/look.ts';
import { reachOf, untrainedReaches } from '../../src/training/looks/reach.ts';
import { readText } from '../../src/training/looks/reading.ts';
import { grammarOf, readReberString, testReber } from '../../src/training/looks/reber.ts';
import { traceAlone } from '../../src/training/looks/trace.ts';
import { Run } from '../../src/training/run.ts';

const dataset: Corpus = {
  kind: 'text',
  name: 'cat',
  text: 'The cat sat on the mat, and the dog on the log. '.repeat(20),
};
const small = { engine: 'reference', hidden: 5, batch: 4, sequence: 12, steps: 100, warmup: 0 } as const;

const runs: Run[] = [];
afterEach(() => {
  for (const run of runs.splice(0)) run.close();
});

async function start(configuration: Partial<Configuration>, text = dataset): Promise<Run> {
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
  it.each<[Cell, number]>([...cells.map((cell): [Cell, number] => [cell, 1]), ['gru', 2], ['lstm', 3]])(
    'is the length of the loss’s slope in each layer’s states: %s, %i layers',
    async (cell, layers) => {
      // A text with room for one window alone: all of them are the same.
      const text = { kind: 'text', name: 'short', text: 'abcabdacbdcb' } as const;
      const run = await start({ cell, layers, batch: 1, sequence: 11, validation: 0 }, text);
      const { norms } = await reachOf(run);
      expect(norms.map(({ length }) => length)).toEqual(Array(layers).fill(12));

      const window = demandText(run.task).text.training;
      const trace = await run.session.trace({
        rows: 1,
        timesteps: 11,
        inputs: window.slice(0, -1),
        targets: window.slice(1),
        initialState: 'zero',
      });
      const states = statesOf(run.model);
      const epsilon = 2 ** -10;
      for (const back of [1, 4, 11]) {
        const t = 11 - back;
        const at = ({ layer, name }: (typeof states)[number]) =>
          Array.from(trace.layers[layer]!.states[name]!.slice(t * 5, (t + 1) * 5));
        const before = Float32Array.from(states.flatMap(at));
        const squares = new Float64Array(layers);
        for (const [i, { layer }] of states.flatMap((state) => Array<typeof state>(5).fill(state)).entries()) {
          const moved = (by: number) => before.map((value, j) => (i === j ? value + by : value));
          const [above, below] = [moved(epsilon), moved(-epsilon)];
          const rise = (await lossFrom(run, window, t, above)) - (await lossFrom(run, window, t, below));
          squares[layer]! += (rise / (above[i]! - below[i]!)) ** 2;
        }
        for (const [layer, square] of squares.entries()) {
          // Where a state is moved here, the layer above has read it already, unless that is where everything begins.
          if (layer < layers - 1 && t > 0) continue;
          expect(norms[layer]![back]! / Math.sqrt(square)).toBeCloseTo(1, 3);
        }
      }
    },
  );

  it('does not depend on how many windows are read side by side', async () => {
    const reaches = await Promise.all([1, 4, 16].map(async (batch) => reachOf(await start({ batch }))));
    const [expected] = reaches[0]!.norms;
    for (const { norms } of reaches) {
      for (const [back, norm] of norms[0]!.entries()) expect(norm / expected![back]!).toBeCloseTo(1, 9);
    }
  });

  it.each<[Cell, Cell]>([
    ['gru', 'rnn'],
    ['lstm', 'rnn'],
    ['rnn-tanh', 'gru'],
  ])(
    'of the %s is compared with that before the first step, and of an untrained %s of the same sizes',
    async (cell, compared) => {
      expect(comparedWith(cell)).toBe(compared);
      const run = await start({ cell, layers: 2 });
      await run.takeStep();
      const untrained = [cell, compared].map(async (of) => reachOf(await start({ cell: of, layers: 2 })));
      expect(await untrainedReaches(run)).toEqual(await Promise.all(untrained));
      expect(await reachOf(run)).toMatchObject({ cell, step: 1, hidden: 5, datasetName: 'cat' });
    },
  );

  it('leaves the training as it would have been', async () => {
    const [watched, alone] = [await start({ batches: 'streams' }), await start({ batches: 'streams' })];
    for (let step = 0; step < 4; step++) {
      await lookInto(watched, { kind: 'reach' });
      await lookInto(watched, { kind: 'reading', what: 'The cat', layer: 0 });
      const [a, b] = [await watched.takeStep(), await alone.takeStep()];
      expect(a.loss).toBe(b.loss);
    }
    expect(await watched.read()).toEqual(await alone.read());
  });
});

describe('A reading', () => {
  const text = 'The dog sat on the mat';

  it.each<[Cell, number, string]>([
    ['gru', 1, 'zrch'],
    ['gru-after', 2, 'zrch'],
    ['lstm', 2, 'ifgohc'],
    ['rnn', 1, 'h'],
    ['rnn-tanh', 2, 'h'],
  ])('goes on over the pieces that a long text is read in: %s, %i layers', async (cell, layers, letters) => {
    const [pieces, whole] = [await start({ cell, layers, sequence: 4 }), await start({ cell, layers, sequence: 64 })];
    pieces.write(initialState(pieces.model, pieces.session.capacity, 3));
    whole.write(initialState(whole.model, whole.session.capacity, 3));
    const top = layers - 1;
    const [a, b] = [await readText(pieces, text, top), await readText(whole, text, top)];
    expect(a).toMatchObject({ cell, layer: top, layers });
    expect(a.read.symbols!.join('')).toBe(text);
    expect(Object.keys(a.values).join('')).toBe(letters);
    for (const [name, values] of Object.entries(a.values)) {
      expect(values).toHaveLength(text.length * 5);
      values.forEach((value, i) => {
        expect(value).toBeCloseTo(b.values[name]![i]!, 6);
      });
    }
  });

  it('is of the layer that was asked for, or the last', async () => {
    const run = await start({ layers: 3 });
    const readings = await Promise.all([0, 1, 2, 9].map((layer) => readText(run, text, layer)));
    expect(readings.map(({ layer }) => layer)).toEqual([0, 1, 2, 2]);
    expect(readings[0]!.values['h']).not.toEqual(readings[1]!.values['h']);
    expect(readings[3]).toEqual(readings[2]);
  });

  it('tells what each character cost: the loss there, in bits', async () => {
    const run = await start({ sequence: 64 });
    const { expectation } = await readText(run, text);
    const ids = demandText(run.task).encoding.vocabulary.encode(text);
    expect(expectation!.surprises).toHaveLength(text.length);
    expect(expectation!.surprises[0]).toBeNaN();
    for (const t of [1, 2, 11, text.length - 1]) {
      const nats = await run.session.evaluate({
        rows: 1,
        timesteps: t,
        inputs: ids.slice(0, t),
        targets: ids.slice(1, t + 1),
        initialState: 'zero',
        countFrom: t - 1,
      });
      expect(expectation!.surprises[t]).toBeCloseTo(nats / Math.LN2, 5);
    }
  });

  it.each(['log-softmax', 'sigmoid'] as const)('tells what is likeliest to come next: %s', async (output) => {
    const run = await start({ output });
    const { expectation } = await readText(run, text);
    const { vocabulary } = demandText(run.task).encoding;
    const inputs = vocabulary.encode(text);
    const { outputs } = await traceAlone(run.network, inputs);
    for (const t of [0, 5, text.length - 2]) {
      const row = Array.from(outputs.slice(t * vocabulary.size, (t + 1) * vocabulary.size));
      const sum = row.reduce((sum, y) => sum + y, 0);
      const expected = row
        .map((y, id) => ({ symbol: vocabulary.symbols[id]!, probability: y / sum }))
        .sort((a, b) => b.probability - a.probability)
        .slice(0, 5);
      expect(expectation!.likeliest[t]).toEqual(expected);
      expect(expectation!.surprises[t + 1]).toBeCloseTo(-Math.log2(row[inputs[t + 1]!]! / sum), 5);
    }
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
    expect(grammarOf(dataset.text)).toBeUndefined();
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
