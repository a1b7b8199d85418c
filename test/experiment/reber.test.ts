import { describe, expect, it } from 'vitest';
import { type Automaton, embeddedReber, embeddedReberText, reber, reberText } from '../../src/data/text/reber.ts';
import { demandText } from '../../src/data/text/task.ts';
import type { Batch, Session } from '../../src/engine/engine.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { scoreReber } from '../../src/experiment/reber.ts';
import type { Cell } from '../../src/model/cells/cells.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { Random } from '../../src/model/random.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { type Configuration, defaultConfiguration } from '../../src/training/configuration.ts';
import { Run } from '../../src/training/run.ts';

const vocabulary = Vocabulary.of('BEPSTVX');

/** A session that predicts what `next` says of the text of each row so far. Its state is the rows' texts, by number. */
async function oracle(next: (text: string) => readonly string[], capacity = { rows: 64, timesteps: 100 }) {
  const texts: string[] = [''];
  const session = await new ReferenceEngine().open(symbolModel('gru', vocabulary.size, 1), capacity);
  const trace: Session['trace'] = async ({ rows, timesteps, inputs, initialState }: Batch) => {
    const states = new Float32Array((timesteps + 1) * rows);
    if (initialState instanceof Float32Array) states.set(initialState);
    const outputs: number[] = [];
    for (let i = 0; i < timesteps * rows; i++) {
      const text = texts[states[i]!]! + vocabulary.symbols[inputs[i]!];
      states[i + rows] = texts.push(text) - 1;
      const allowed = next(text);
      outputs.push(...vocabulary.symbols.map((symbol) => (allowed.includes(symbol) ? 1 / allowed.length : 0)));
    }
    return { layers: [{ states: { h: states }, gates: {} }], outputs: Float32Array.from(outputs) };
  };
  return Object.assign(session, { trace });
}

/** What a grammar allows after a text; nothing after one that is padding. */
function allowed(automaton: Automaton, text: string): string[] {
  let state: number | undefined = 0;
  for (const symbol of text) state = state === undefined ? undefined : automaton[state]?.[symbol];
  return state === undefined ? [] : Object.keys(automaton[state]!);
}

describe('The score on a Reber grammar', () => {
  const trial = { automaton: embeddedReber, strings: 500, seed: 7 };

  it('is whole for who knows the grammar, in pieces as in one', async () => {
    const knowing = (text: string) => allowed(embeddedReber, text);
    expect(await scoreReber(await oracle(knowing), vocabulary, trial)).toEqual({ decisive: 1, sets: 1 });
    const small = await oracle(knowing, { rows: 7, timesteps: 5 });
    expect(await scoreReber(small, vocabulary, trial)).toEqual({ decisive: 1, sets: 1 });
    const plain = await oracle((text) => allowed(reber, text));
    expect(await scoreReber(plain, vocabulary, { ...trial, automaton: reber })).toEqual({
      decisive: undefined,
      sets: 1,
    });
  });

  it('is a half for who has forgotten the second symbol and guesses T', async () => {
    const forgetful = (text: string) => {
      const next = allowed(embeddedReber, text);
      return text.endsWith('E') && next.length === 1 && next[0] !== 'B' ? ['T'] : next;
    };
    const { decisive, sets } = await scoreReber(await oracle(forgetful), vocabulary, trial);
    expect(Math.abs(decisive! - 0.5)).toBeLessThan(0.1);
    // One of eleven places a string, in half of the strings.
    expect(sets).toBeCloseTo(1 - (1 - decisive!) / 11, 1);
    expect(sets).toBeLessThan(1);
  });

  it('is another for other strings, and the same for the same', async () => {
    const guess = new Random(1);
    const whim = Array.from({ length: 1000 }, () => 'TP'[guess.integer(2)]!);
    const capricious = async () => oracle((text) => [whim[text.length % 1000]!]);
    const score = async (seed: number) => scoreReber(await capricious(), vocabulary, { ...trial, seed });
    expect(await score(1)).toEqual(await score(1));
    expect(await score(1)).not.toEqual(await score(2));
  });
});

describe('Training on the Reber grammars', () => {
  const configuration: Configuration = {
    ...defaultConfiguration,
    engine: 'cpu',
    batches: 'streams',
    hidden: 16,
    sequence: 32,
    learningRate: 0.02,
  };

  async function train(corpus: ReturnType<typeof reberText>, automaton: Automaton, change: Partial<Configuration>) {
    const run = await Run.open(corpus, { ...configuration, ...change });
    run.startAfresh();
    while (!run.finished) await run.takeStep();
    const bits = (await run.validate())! / Math.LN2;
    const score = await scoreReber(run.session, demandText(run.task).encoding.vocabulary, {
      automaton,
      strings: 1000,
      seed: 99,
    });
    run.close();
    return { ...score, bits };
  }

  it.each<[Cell, number]>([
    ['gru', 500],
    ['gru-after', 500],
    ['lstm', 1000],
    ['rnn', 1000],
    ['rnn-tanh', 500],
  ])('brings the %s to the entropy of the Reber grammar', async (cell, steps) => {
    const corpus = reberText();
    const { bits, sets } = await train(corpus, reber, { cell, steps });
    expect(bits).toBeLessThan(corpus.entropy! + 0.02);
    expect(bits).toBeGreaterThan(corpus.entropy! - 0.01);
    expect(sets).toBe(1);
  });

  it.each<[Cell, number]>([
    ['gru', 1000],
    ['rnn', 2000],
  ])('brings the %s with sigmoid outputs to the least binary cross-entropy', async (cell, steps) => {
    const corpus = reberText();
    const { bits, sets } = await train(corpus, reber, { cell, steps, output: 'sigmoid' });
    expect(bits).toBeLessThan(corpus.binaryEntropy! + 0.02);
    expect(bits).toBeGreaterThan(corpus.binaryEntropy! - 0.01);
    expect(sets).toBe(1);
  });

  it('makes the GRU remember the second symbol of the embedded grammar to the end', async () => {
    const { decisive } = await train(embeddedReberText(), embeddedReber, { steps: 1500 });
    expect(decisive).toBeGreaterThanOrEqual(0.99);
  });
});
