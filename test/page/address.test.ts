import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from '../../src/page/address.ts';
import type { Configuration } from '../../src/training/configuration.ts';
import { defaultsFor } from '../../src/training/recipes.ts';

const defaults = defaultsFor('field-notes');

describe('the address', () => {
  it('is empty for the defaults', () => {
    expect(formatAddress(defaults)).toBe('');
    expect(parseAddress('')).toEqual({ configuration: defaults, problems: [], present: false, predictFirst: false });
  });

  it('holds what differs, and nothing else', () => {
    expect(formatAddress({ ...defaults, hidden: 64, schedule: 'constant' })).toBe('?hidden=64&schedule=constant');
  });

  it('leaves out what the data it names have as their own', () => {
    const copying = parseAddress('?dataset=copying');
    expect(copying.configuration).toMatchObject({ dataset: 'copying', learningRate: 0.02, hidden: 64, sequence: 64 });
    expect(formatAddress(copying.configuration)).toBe('?dataset=copying');
    const slower = parseAddress('?learningRate=0.005&dataset=copying').configuration;
    expect(slower.learningRate).toBe(0.005);
    expect(formatAddress(slower)).toBe('?dataset=copying&learningRate=0.005');
    expect(parseAddress('?dataset=copying&hidden=none').problems).toEqual([
      expect.stringMatching(/The default, 64, is used/),
    ]);
  });

  it('restores every setting it holds', () => {
    const configuration: Configuration = {
      dataset: 'origin-of-species',
      inputs: 'a, b',
      predict: 'b',
      ahead: 2,
      engine: 'reference',
      tuning: 'stepwise rows=16',
      cell: 'rnn',
      layers: 3,
      output: 'sigmoid',
      biases: 'off',
      hidden: 17,
      batch: 3,
      sequence: 5,
      steps: 11,
      batches: 'streams',
      learningRate: 1e-7,
      schedule: 'constant',
      decay: 0.2,
      warmup: 0,
      clipNorm: 0,
      leadIn: 12,
      parts: 4,
      dropout: 0.3,
      recurrentDropout: 0.2,
      dropoutMasks: 'sequence',
      weightDecay: 0.05,
      averaging: 0.995,
      beta1: 0.8,
      beta2: 0.99,
      epsilon: 1e-9,
      evaluateEvery: 50,
      patience: 5,
      keep: 'last',
      validation: 0.25,
      seed: 4_294_967_295,
      prime: ' a&b=ü?\u{1F30A} +',
      temperature: 0,
    };
    for (const shown of [
      { present: false, predictFirst: false },
      { present: true, predictFirst: false },
      { present: true, predictFirst: true },
    ]) {
      expect(parseAddress(formatAddress(configuration, shown))).toEqual({ configuration, problems: [], ...shown });
    }
  });

  it('says in a sentence what it could not use, and takes the default', () => {
    const { configuration, problems } = parseAddress(
      '?hidden=many&engine=abacus&seed=7&colour=blue&batch=&tuning=stepwise+rows',
    );
    expect(configuration).toEqual({ ...defaults, seed: 7 });
    expect(problems).toHaveLength(5);
    expect(problems[0]).toContain('Hidden units is a whole number from 1 to 65536, not “many”.');
    expect(problems[0]).toContain(`The default, ${defaults.hidden}, is used.`);
    expect(problems[1]).toContain('“abacus”');
    expect(problems[2]).toContain('“colour”');
    expect(problems[3]).toContain('Batch');
    expect(problems[4]).toMatch(/stepwise takes rows, .* not “rows”\. The default, auto, is used\./);
  });
});
