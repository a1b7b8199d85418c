import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import { cautionAboutMemory } from '../../src/page/memory-caution.ts';
import { noticesOf } from '../../src/page/notices.ts';
import {
  announcementOf,
  cautionOf,
  primaryOf,
  secondsLeft,
  shareWords,
  statusOf,
} from '../../src/page/run-controls.ts';
import { type Action, initialState, type PageState, pending, reduce, shouldOpen } from '../../src/page/state.ts';
import { defaultConfiguration } from '../../src/training/configuration.ts';
import type { Event, RunState } from '../../src/training/protocol.ts';

const dataset = { kind: 'text', name: 'field notes', text: 'abc' } as const;

const noPoints = { stride: 1, filled: 0, steps: [], losses: [] };

const opened: Event = {
  kind: 'opened',
  engine: {
    name: 'webgpu',
    device: 'SwiftShader',
    software: true,
    reason: 'There is no other.',
    cost: { dispatches: 11, bytes: 1000 },
    parameters: 10,
  },
  datasetName: 'field notes',
  measure: { key: 'bitsPerCharacter', name: 'bits per character', unit: 'bits', scale: 1 / Math.LN2 },
  unit: 'character',
  place: 'character',
  facts: [],
  step: 0,
  trainingLength: 3,
  validationLength: 0,
  course: { seconds: 0, training: noPoints, heldOut: noPoints },
};

const enter = (state: RunState): Action => ({ kind: 'event', event: { kind: 'state', state } });

const progress = (step: number): Action => ({
  kind: 'event',
  event: {
    kind: 'progress',
    steps: [{ step, loss: Math.LN2, gradientNorm: 1, learningRate: 0.005 }],
    placesPerSecond: 2048,
    secondsTraining: 3,
  },
});

const having = (state: PageState, ...actions: readonly Action[]): PageState => actions.reduce(reduce, state);

const loaded = having(initialState({ ...defaultConfiguration }), { kind: 'dataLoaded', dataset, own: false });
const ready = having(
  loaded,
  { kind: 'opening', plan: { dataset, configuration: loaded.configuration } },
  { kind: 'event', event: opened },
  enter({ kind: 'paused' }),
);
const trained = having(ready, enter({ kind: 'training' }), progress(40));

describe('opening', () => {
  it('happens as soon as there is a text, and once', () => {
    expect(shouldOpen(initialState({ ...defaultConfiguration }))).toBe(false);
    expect(shouldOpen(loaded)).toBe(true);
    expect(shouldOpen(ready)).toBe(false);
  });

  it('follows the form while nothing has been learned', () => {
    expect(shouldOpen(having(ready, { kind: 'configured', change: { hidden: 64 } }))).toBe(true);
    expect(shouldOpen(having(ready, { kind: 'configured', change: { learningRate: 1, prime: 'x' } }))).toBe(false);
  });

  it('waits to be asked once something has been learned', () => {
    const changed = having(trained, { kind: 'configured', change: { hidden: 64, learningRate: 0.1 } });
    expect(shouldOpen(changed)).toBe(false);
    expect(pending(changed)).toEqual(['hidden']);
    expect(noticesOf(changed).map(({ id }) => id)).toEqual(['pending']);
    const own = { kind: 'text', name: 'mine.txt', text: 'xyz' } as const;
    expect(pending(having(trained, { kind: 'dataLoaded', dataset: own, own: true }))).toEqual(['data']);
  });

  it('is not tried again in vain', () => {
    const asked = having(loaded, { kind: 'opening', plan: { dataset, configuration: loaded.configuration } });
    const failed = having(asked, enter({ kind: 'failed', message: 'No adapter.' }));
    expect(shouldOpen(failed)).toBe(false);
    expect(shouldOpen(having(failed, { kind: 'configured', change: { hidden: 64 } }))).toBe(true);
  });

  it('leaves the old network in place if it is refused', () => {
    const asked = having(trained, { kind: 'opening', plan: { dataset, configuration: trained.configuration } });
    const refused = having(asked, {
      kind: 'event',
      event: { kind: 'refused', of: 'open', message: 'It does not fit.' },
    });
    expect(refused.network).toBe(trained.network);
    expect(refused.opening).toBe(false);
    expect(refused.notes.map(({ text }) => text)).toEqual(['It does not fit.']);
  });

  it('says why a network is refused until the form says another one, and offers one that fits', () => {
    const message = 'It does not fit.';
    const refused = having(loaded, { kind: 'event', event: { kind: 'refused', of: 'open', message, units: 32 } });
    const remedies = (state: PageState) => noticesOf(state).flatMap(({ ways }) => ways.map(({ remedy }) => remedy));
    expect(remedies(refused)).toEqual([
      { kind: 'useUnits', hidden: 32 },
      { kind: 'dismiss', id: 1 },
    ]);
    expect(having(refused, { kind: 'configured', change: { learningRate: 1 } }).notes).toHaveLength(1);
    expect(having(refused, { kind: 'configured', change: { hidden: 64 } }).notes).toEqual([]);
    expect(having(refused, { kind: 'dataLoaded', dataset, own: false }).notes).toEqual([]);
    expect(having(refused, { kind: 'opening', plan: trained.network!.plan }).notes).toEqual([]);

    const failed = (engine: 'webgpu' | 'cpu', units?: number) =>
      having(loaded, enter({ kind: 'failed', message, engine, ...(units !== undefined && { units }) }));
    expect(remedies(failed('cpu', 32))).toEqual([{ kind: 'useUnits', hidden: 32 }]);
    expect(remedies(failed('webgpu', 32))).toEqual([
      { kind: 'useUnits', hidden: 32 },
      { kind: 'tryAgain' },
      { kind: 'useEngine', engine: 'cpu' },
    ]);
    // Where it just failed it is not to be tried, although “auto” is what the form says.
    expect(remedies(failed('cpu'))).toEqual([{ kind: 'tryAgain' }, { kind: 'useEngine', engine: 'reference' }]);
  });

  it('has what a run that goes on had learned', () => {
    const best = { step: 20, loss: 1 };
    const course = {
      seconds: 40,
      training: { stride: 1, filled: 1, steps: [1], losses: [1] },
      heldOut: { stride: 1, filled: 1, steps: [20, 30], losses: [1, 2] },
      last: { step: 30, loss: 1.5, gradientNorm: 0.7, learningRate: 0.01 },
    };
    const asked = having(loaded, { kind: 'opening', plan: { dataset, configuration: loaded.configuration } });
    const resumed = having(asked, { kind: 'event', event: { ...opened, step: 30, best, course } });
    expect(resumed).toMatchObject({ best, last: course.last, validation: { step: 30, loss: 2 }, secondsTraining: 40 });
    // Figures of another step than the one it stands at would be told as that one's.
    expect(having(asked, { kind: 'event', event: { ...opened, step: 31, course } }).last).toBeNull();
    const merged = { ...course, heldOut: { ...course.heldOut, stride: 2, filled: 2 } };
    expect(having(asked, { kind: 'event', event: { ...opened, course: merged } }).validation).toBeNull();
  });

  it('clears what the old network had learned once the new one stands', () => {
    const afresh = having(trained, { kind: 'startedAfresh' });
    expect(afresh.last).not.toBeNull();
    expect(having(afresh, { kind: 'event', event: opened })).toMatchObject({
      last: null,
      passages: [],
      opening: false,
    });
  });
});

describe('data', () => {
  const column = { name: 'x', values: Float64Array.of(1, 2, 3) };
  const series: Dataset = { kind: 'series', name: 'a.csv', columns: [column], remarks: ['One.', 'Two.'] };
  const load = (dataset: Dataset): Action => ({ kind: 'dataLoaded', dataset, own: true });
  const columns = { inputs: 'x', predict: 'x', ahead: 3 };

  it('that come first have the columns of the address, others than before have none', () => {
    const first = having(initialState({ ...defaultConfiguration, ...columns }), load(series));
    expect(first.configuration).toMatchObject(columns);
    expect(having(first, load(series)).configuration).toMatchObject(columns);
    expect(having(first, load(dataset)).configuration).toEqual(defaultConfiguration);
  });

  it('have remarks, which go with them and are no errors', () => {
    const read = having(loaded, load(series));
    expect(noticesOf(read).map(({ text, tone }) => [text, tone])).toEqual([['One. Two.', 'info']]);
    expect(having(read, load(dataset)).notes).toEqual([]);
    // A file that is refused leaves what was said of the data that stay.
    expect(having(read, { kind: 'dataRefused', message: 'No.' }).notes.map(({ text }) => text)).toEqual([
      'One. Two.',
      'No.',
    ]);
  });

  it('make another network by the settings alone that mean something to them', () => {
    const learned = having(trained, { kind: 'configured', change: { predict: 'x', ahead: 2 } });
    expect(pending(learned)).toEqual([]);
    const other = having(trained, load(series), { kind: 'configured', change: { output: 'sigmoid', ahead: 2 } });
    expect(pending(other)).toEqual(['data', 'ahead']);
  });

  it('on their way are told with how much of them is read', () => {
    const loading = (share?: number) =>
      having(initialState({ ...defaultConfiguration }), {
        kind: 'dataLoading',
        loading: { name: share === undefined ? 'reber' : 'a.csv', ...(share !== undefined && { share }) },
      });
    expect(statusOf(loading())).toBe('Fetching Reber grammar.');
    expect(statusOf(loading(0.459))).toBe('Reading a.csv.');
    expect(shareWords(loading(0.459).loading!)).toBe('45 %');
    expect(having(loading(0.4), { kind: 'dataRefused', message: 'No.' }).loading).toBeNull();
  });

  it('that are labelled take memory by their longest sample, and by no more of them than there are', () => {
    const ids = Array.from({ length: 300 }, (_, i) => new Uint32Array(i === 7 ? 256 : 2));
    const samples: Dataset = {
      kind: 'labelled',
      name: 'a.jsonl',
      inputs: { kind: 'symbols', symbols: ['a', 'b'], ids },
      targets: { kind: 'classes', at: 'end', classes: ['x', 'y'], ids: ids.map(() => new Uint32Array(1)) },
    };
    const asked = (batch: number) =>
      cautionAboutMemory(
        having(loaded, load(samples), { kind: 'configured', change: { hidden: 1024, batch, sequence: 1 } }),
      );
    expect(asked(256)).toMatch(
      /^The network will take at least 1\.3\d GB .* shorter samples or more parts take less\.$/,
    );
    expect(asked(1e4)).toMatch(/at least 1\.62 GB/);
    expect(asked(8)).toBe('');
  });
});

describe('a run', () => {
  it('is told in words', () => {
    expect(statusOf(ready)).toBe('Ready to train');
    expect(statusOf(trained)).toBe('Training: step 40 of 2,000');
    expect(announcementOf(trained)).toBe('Training: step 40 of 2,000. Loss 1.00 bits per character.');
    expect(cautionOf(trained)).toContain('software');
    expect(secondsLeft(trained)).toBeCloseTo(1960 * (3 / 40));
  });

  it('that takes much memory has a caution before it trains, by what stands or at the least by what is asked for', () => {
    const much = { hidden: 1024, batch: 256, sequence: 256 };
    expect(cautionAboutMemory(ready)).toBe('');
    expect(cautionAboutMemory(having(loaded, { kind: 'configured', change: much }))).toMatch(
      /^The network will take at least 1\.3\d GB of memory, more than most phones have/,
    );
    expect(cautionAboutMemory(having(trained, { kind: 'configured', change: much }))).toMatch(
      /will take at least 1\.3/,
    );
    const engine = { ...opened.engine, cost: { dispatches: 11, bytes: 1.6e9 } };
    expect(cautionAboutMemory(having(ready, { kind: 'event', event: { ...opened, engine } }))).toMatch(
      /^The network takes 1\.60? GB of memory/,
    );
  });

  it('has one primary button', () => {
    expect(primaryOf(ready)).toBe('train');
    expect(primaryOf(trained)).toBe('pause');
    expect(primaryOf(having(trained, progress(2000), enter({ kind: 'finished' })))).toBe('trainMore');
    expect(primaryOf(having(loaded, { kind: 'trainWhenReady', wanted: true }))).toBe('pause');
  });

  it('goes back to its snapshot when it goes on after a break', () => {
    const lost = having(trained, enter({ kind: 'lost', reason: 'gone', snapshotStep: 30 }));
    expect(lost.last?.step).toBe(40);
    expect(having(lost, enter({ kind: 'opening' }), enter({ kind: 'training' })).last?.step).toBe(30);
    const fromStart = having(trained, enter({ kind: 'lost', reason: 'gone', snapshotStep: 0 }));
    expect(having(fromStart, enter({ kind: 'training' })).last).toBeNull();
  });

  it('keeps passages, the newest first', () => {
    const passage = (step: number): Action => ({
      kind: 'event',
      event: { kind: 'passage', step, prime: 'a', text: 'b', temperature: 1 },
    });
    const wrote = having(trained, ...Array.from({ length: 9 }, (_, i) => passage(i)));
    expect(wrote.passages.map(({ step }) => step)).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(wrote.passages[0]?.loss).toBe(Math.LN2);
  });

  it('know the best on what is held out, until the run goes back to before it', () => {
    const best = { step: 20, loss: 1 };
    const looked = having(trained, { kind: 'event', event: { kind: 'validation', step: 25, loss: 2, best } });
    expect([looked.validation, looked.best]).toEqual([{ step: 25, loss: 2 }, best]);
    for (const [snapshotStep, known] of [
      [20, best],
      [19, null],
    ] as const) {
      const lost = having(looked, enter({ kind: 'lost', reason: 'gone', snapshotStep }));
      expect(having(lost, enter({ kind: 'training' })).best).toEqual(known);
    }
  });

  it('say why they stopped before the goal', () => {
    const finished = having(trained, enter({ kind: 'finished' }));
    const goal = (steps: number) => having(finished, { kind: 'configured', change: { steps } });
    const { step } = trained.last!;
    expect(statusOf(goal(step))).toBe(`Finished after ${step} steps`);
    expect(statusOf(goal(step + 9))).toBe(`Stopped at step ${step} of ${step + 9}: no better on what is held out`);
    expect(primaryOf(goal(step + 9))).toBe('train');
  });
});

describe('notices', () => {
  const remedies = (state: PageState) => noticesOf(state)[0]?.ways.map(({ remedy }) => remedy.kind);

  it('give every broken state a way on', () => {
    expect(remedies(having(trained, enter({ kind: 'lost', reason: 'gone', snapshotStep: 30 })))).toEqual(['recover']);
    const notFinite = enter({ kind: 'notFinite', step: 41, tensor: 'W_h', snapshotStep: 30 });
    expect(remedies(having(trained, notFinite))).toEqual(['recoverSlower', 'recover']);
    expect(remedies(having(trained, { kind: 'crashed', message: 'boom' }))).toEqual(['restartWorker']);
    const failed = enter({ kind: 'failed', message: 'No adapter.' });
    expect(remedies(having(loaded, failed))).toEqual(['tryAgain', 'useEngine']);
    const reference = having(loaded, { kind: 'configured', change: { engine: 'reference' } });
    expect(remedies(having(reference, failed))).toEqual(['tryAgain']);
  });

  it('suggest a tenth of the learning rate', () => {
    const state = having(trained, enter({ kind: 'notFinite', step: 41, tensor: 'W_h', snapshotStep: 30 }));
    expect(noticesOf(state)[0]?.ways[0]).toEqual({
      label: 'Go back to step 30 with learning rate 0.0005',
      remedy: { kind: 'recoverSlower', learningRate: 0.0005 },
    });
  });

  it('keep the latest word about data, until it is dismissed or data arrive', () => {
    const refused = (message: string): Action => ({ kind: 'dataRefused', message });
    const twice = having(trained, refused('It is empty.'), refused('It is not UTF-8.'));
    expect(twice.notes.map(({ text }) => text)).toEqual(['It is not UTF-8.']);
    expect(having(twice, { kind: 'dataLoaded', dataset, own: false }).notes).toEqual([]);
    expect(having(twice, { kind: 'dismissed', id: twice.notes[0]?.id ?? 0 }).notes).toEqual([]);
  });
});
