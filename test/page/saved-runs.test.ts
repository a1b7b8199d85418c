import { describe, expect, it } from 'vitest';
import { bitsPerCharacter } from '../../src/data/measure.ts';
import { mostCompared, noComparison, withoutRun, withRun } from '../../src/page/saved-runs/choice.ts';
import { bestOf, comparableGroups, differingSettings, toldSetting } from '../../src/page/saved-runs/columns.ts';
import { curveOf, figureAt } from '../../src/page/saved-runs/curves.ts';
import { type ComparedRun, overlayOf, type Standing, whyNotDrawn } from '../../src/page/saved-runs/overlay.ts';
import { whatIfs } from '../../src/page/saved-runs/what-if.ts';
import type { SavedRun } from '../../src/storage/saved-runs.ts';
import { type Configuration, defaultConfiguration } from '../../src/training/configuration.ts';

const run = (id: string, change: Partial<Configuration> = {}, words: Partial<SavedRun> = {}): SavedRun => ({
  ...{ id, name: null, savedAt: 0, step: 10, loss: null, cell: 'gru', hidden: 4, measure: bitsPerCharacter },
  ...{ dataset: { name: 'story.txt', sha256: 'abc' }, dataKind: 'text' },
  configuration: { ...defaultConfiguration, ...change },
  ...words,
});

describe('The table of runs', () => {
  it('has a column for each setting that differs, and for no other', () => {
    expect(differingSettings([run('a'), run('b')])).toEqual([]);
    const runs = [run('a'), run('b', { learningRate: 0.01, seed: 2 }), run('c', { seed: 2 })];
    expect(differingSettings(runs)).toEqual(['learningRate', 'seed']);
    expect(runs.map((run) => toldSetting(run, 'learningRate'))).toEqual(['0.005', '0.01', '0.005']);
  });

  it('has none for what has its own, for how a network writes, or for what means nothing to the data', () => {
    const other = { cell: 'lstm', layers: 2, hidden: 9, prime: 'A', temperature: 1, dataset: 'names' } as const;
    expect(differingSettings([run('a'), run('b', other)])).toEqual([]);
    const samples = { dataKind: 'labelled' } as const;
    expect(differingSettings([run('a', {}, samples), run('b', { sequence: 9, batch: 9 }, samples)])).toEqual(['batch']);
  });

  it('has none for settings that are not known', () => {
    const { configuration: _, ...unknown } = run('b');
    expect(differingSettings([run('a', { seed: 2 }), unknown])).toEqual([]);
    expect(toldSetting(unknown, 'seed')).toBeUndefined();
  });

  it('tells apart what learns something else or is measured by something else', () => {
    const runs = [
      run('text'),
      run('otherText', {}, { dataset: { name: 'story.txt', sha256: 'def' } }),
      run('other measure', {}, { measure: { ...bitsPerCharacter, key: 'bitsPerLabel', name: 'bits per label' } }),
      run('another part held out', { validation: 0.2 }),
      run('same text', { hidden: 9 }),
    ];
    expect(comparableGroups(runs).map((group) => group.map(({ id }) => id))).toEqual([
      ['text', 'same text'],
      ['otherText'],
      ['other measure'],
      ['another part held out'],
    ]);
  });

  it('ranks by the lowest, where there is something to rank', () => {
    const runs = [
      run('a', {}, { trainingFigure: 2, bestLoss: 1 }),
      run('b', {}, { trainingFigure: 1, bestLoss: 2 }),
      run('c'),
    ];
    expect(bestOf(runs, 'training')?.id).toBe('b');
    expect(bestOf(runs, 'heldOut')?.id).toBe('a');
    expect(bestOf(runs.slice(1), 'heldOut')).toBeUndefined();
  });
});

/** A run of a hundred steps, from two bits to one, in ten seconds. */
const course = {
  seconds: 10,
  training: { stride: 1, filled: 1, steps: [50, 100], losses: [2 * Math.LN2, Math.LN2] },
  heldOut: { stride: 1, filled: 1, steps: [60, 100], losses: [3 * Math.LN2, 2 * Math.LN2] },
};
const configuration = { ...defaultConfiguration, batch: 8, sequence: 16 };
const curve = curveOf(course, configuration, 'text', bitsPerCharacter);
const compared = (change: Partial<ComparedRun> = {}): ComparedRun => ({
  ...{ place: 0, title: 'GRU of 4 units', measure: bitsPerCharacter, curve },
  ...change,
});
/** Half as many characters a step as the compared run, and twice as fast. */
const standing: Standing = {
  ...{ measure: bitsPerCharacter, unit: 'character', step: 80 },
  perStep: { steps: 1, places: 64, seconds: 0.05 },
};

describe('The curve of a compared run', () => {
  it('has its losses as they are told, what is held out as it was, training as its running mean', () => {
    expect(curve.heldOut).toEqual({ steps: [60, 100], figures: [expect.closeTo(3), expect.closeTo(2)] });
    expect(curve.training.figures[0]).toBeCloseTo(2);
    expect(curve.training.figures[1]).toBeGreaterThan(1);
    expect(curve.training.figures[1]).toBeLessThan(2);
    expect(curve.perStep).toEqual({ steps: 1, places: 128, seconds: 0.1 });
    expect(curveOf(course, configuration, 'labelled', bitsPerCharacter).perStep.places).toBe(8);
  });

  it('is found between its points, and nowhere else', () => {
    expect(figureAt(curve.heldOut, 70)).toBeCloseTo(2.75);
    expect(figureAt(curve.heldOut, 100)).toBeCloseTo(2);
    expect(figureAt(curve.heldOut, 59)).toBeUndefined();
    expect(figureAt(curve.heldOut, 101)).toBeUndefined();
  });

  it.each([
    ['steps', [50, 60, 100], '80 steps'],
    ['places', [100, 120, 200], '5.12K characters'],
    ['seconds', [100, 120, 200], '4 seconds'],
  ] as const)('lies beside the run that stands over %s', (axis, steps, at) => {
    const overlay = overlayOf([compared()], standing, axis)!;
    expect(overlay.steps).toEqual(steps);
    expect(overlay.perStep).toBe(standing.perStep![axis]);
    expect(overlay.summary).toContain(`At ${at}, of those compared,`);
    const held = /held out ([\d.]+)/.exec(overlay.reading(steps[1]))?.[1];
    expect(held).toBe('3.00');
  });

  it('is told in words where the other stands, and where it ended', () => {
    const told = (step: number) => overlayOf([compared()], { ...standing, step }, 'steps')!.summary;
    expect(told(80)).toMatch(/A \(GRU of 4 units\) had 1\.\d\d, and 2\.50 on what is held out\.$/);
    expect(told(101)).toMatch(
      /A \(GRU of 4 units\) ended after 100 steps with 1\.\d\d, and 2\.00 on what is held out\.$/,
    );
    expect(told(0)).toMatch(/^Of those compared, A .* ended after 100 steps/);
  });

  it('is not drawn where it would say nothing, and that is said', () => {
    const inDegrees = compared({ measure: { ...bitsPerCharacter, name: 'root mean square error in °C' } });
    expect(whyNotDrawn(inDegrees, standing, 'steps')).toBe('it is measured in root mean square error in °C');
    expect(whyNotDrawn(compared({ curve: undefined }), standing, 'steps')).toMatch(/file/);
    const timeless = compared({ curve: curveOf({ ...course, seconds: 0 }, configuration, 'text', bitsPerCharacter) });
    expect(whyNotDrawn(timeless, standing, 'seconds')).toMatch(/how long/);
    expect(whyNotDrawn(timeless, standing, 'places')).toBeUndefined();
    expect(overlayOf([inDegrees], standing, 'steps')).toMatchObject({ steps: [], figures: [], summary: '' });
    expect(overlayOf([], standing, 'steps')).toBeUndefined();
  });

  it('has a scale before the run that stands has taken any time', () => {
    const overlay = overlayOf(
      [compared()],
      { ...standing, step: 0, perStep: { ...standing.perStep!, seconds: 0 } },
      'seconds',
    );
    expect(overlay!.steps).toEqual([50, 60, 100]);
    expect(overlay!.perStep).toBe(0.1);
  });
});

describe('The runs that are compared', () => {
  it('are at most five, each with a place that it keeps', () => {
    const isThere = () => true;
    const add = (comparison = noComparison, id: string) => withRun(comparison, id, isThere)!;
    const full = ['a', 'b', 'c', 'd', 'e'].reduce(add, noComparison);
    expect(full.places).toHaveLength(mostCompared);
    expect(withRun(full, 'f', isThere)).toBeUndefined();
    expect(withRun(full, 'c', isThere)).toBe(full);
    expect(add(withoutRun(full, 'b'), 'f').places).toEqual(['a', 'f', 'c', 'd', 'e']);
    // One that is not kept any more makes room.
    expect(withRun(full, 'f', (id) => id !== 'd')?.places).toEqual(['a', 'b', 'c', 'f', 'e']);
  });
});

describe('What if', () => {
  it('changes one thing, and nothing else', () => {
    for (const { id, configuration } of whatIfs(defaultConfiguration)) {
      const { cell, hidden, layers, ...others } = configuration;
      const { cell: ownCell, hidden: ownHidden, layers: ownLayers, ...own } = defaultConfiguration;
      expect(others).toEqual(own);
      expect([cell !== ownCell, hidden !== ownHidden, layers !== ownLayers]).toEqual(
        ['cell', 'units', 'layers'].map((name) => name === id),
      );
    }
  });

  it('asks for the way back where there is one, and not for half of one unit', () => {
    const [cell] = whatIfs(defaultConfiguration);
    expect(whatIfs(cell!.configuration)[0]!.configuration).toEqual(defaultConfiguration);
    const single = whatIfs({ ...defaultConfiguration, hidden: 1, layers: 3 });
    expect(single.map(({ id }) => id)).toEqual(['cell', 'layers']);
    expect(single[1]!.configuration.layers).toBe(1);
  });

  it('leaves away what the other cell has nothing of, and says so', () => {
    const [cell] = whatIfs({ ...defaultConfiguration, recurrentDropout: 0.1 });
    expect(cell!.configuration.recurrentDropout).toBe(0);
    expect(cell!.words).toContain('recurrent dropout');
  });
});
