import type { Samples } from '../../../src/data/labelled/samples.ts';
import { absent } from '../../../src/engine/batch.ts';
import { Random } from '../../../src/model/random.ts';
import { type Configuration, defaultConfiguration } from '../../../src/training/configuration.ts';

/** Settings that do not matter to a test are the default ones. */
export const configured = (settings: Partial<Configuration>): Configuration => ({
  ...defaultConfiguration,
  ...settings,
});

/** Words of some letters with a label each: sample by sample, its letters and its class. */
export function words(...pairs: readonly (readonly [string, string])[]): Samples {
  const symbols = [...new Set(pairs.flatMap(([word]) => [...word]))].sort();
  const classes = [...new Set(pairs.map(([, label]) => label))].sort();
  return {
    kind: 'labelled',
    name: 'words',
    inputs: { kind: 'symbols', symbols, ids: pairs.map(([word]) => Uint32Array.from(word, (x) => symbols.indexOf(x))) },
    targets: {
      kind: 'classes',
      at: 'end',
      classes,
      ids: pairs.map(([, label]) => Uint32Array.of(classes.indexOf(label))),
    },
  };
}

/** How the samples of `drawn` are made: what goes in, what comes out, and when. */
export const forms = ['symbols', 'vectors'].flatMap((inputs) =>
  ['classes', 'vectors'].flatMap((targets) => (['end', 'timestep'] as const).map((at) => ({ inputs, targets, at }))),
);

/** Samples of 1 to `longest` timesteps; where each timestep has a target, every third is absent, but for the first. */
export function drawn(form: (typeof forms)[number], count: number, longest: number, seed = 1): Samples {
  const random = new Random(seed);
  const lengths = Array.from({ length: count }, () => 1 + random.integer(longest));
  const places = lengths.map((length) => (form.at === 'end' ? 1 : length));
  const numbers = (length: number) => Float32Array.from({ length }, () => 10 + 3 * random.uniform());
  const ids = (length: number, below: number) => Uint32Array.from({ length }, () => random.integer(below));
  return {
    kind: 'labelled',
    name: 'drawn',
    inputs:
      form.inputs === 'symbols'
        ? { kind: 'symbols', symbols: ['a', 'b', 'c'], ids: lengths.map((length) => ids(length, 3)) }
        : { kind: 'vectors', names: ['x', 'y'], values: lengths.map((length) => numbers(2 * length)) },
    targets:
      form.targets === 'classes'
        ? {
            kind: 'classes',
            at: form.at,
            classes: ['one', 'two', 'three'],
            ids: places.map((length) => ids(length, 3).map((id, place) => (place % 3 === 2 ? absent : id))),
          }
        : {
            kind: 'vectors',
            at: form.at,
            names: ['u', 'v'],
            values: places.map((length) => numbers(2 * length).map((value, i) => (i % 6 === 5 ? Number.NaN : value))),
          },
  };
}
