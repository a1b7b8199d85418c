import { describe, expect, it } from 'vitest';
import { defaultConfiguration, parseSetting, settingNames, settings } from '../../src/training/configuration.ts';
import { learningRateAt } from '../../src/training/schedule.ts';

describe('A setting', () => {
  it('is read from what a person writes', () => {
    expect(parseSetting('hidden', ' 256 ')).toBe(256);
    expect(parseSetting('learningRate', '2e-3')).toBe(0.002);
    expect(['2,500', '1,000,000', '+12', '1e3', '5.'].map((written) => parseSetting('steps', written))).toEqual([
      2500, 1_000_000, 12, 1000, 5,
    ]);
    expect(['.5', '1,000.25', '0.01'].map((written) => parseSetting('clipNorm', written))).toEqual([
      0.5, 1000.25, 0.01,
    ]);
    expect(parseSetting('engine', 'reference')).toBe('reference');
    expect(parseSetting('prime', ' It was ')).toBe(' It was ');
    expect(parseSetting('tuning', 'measure')).toBe('measure');
    expect(parseSetting('tuning', 'stepwise rows=16')).toBe('stepwise rows=16');
  });

  it.each([
    ['hidden', '', /Hidden units is a whole number from 1 to 65536, not “”/],
    ['hidden', '12.5', /whole number/],
    ['batch', '0', /Batch is a whole number from 1/],
    ['learningRate', 'fast', /Learning rate is a number from 0 .*, not “fast”/],
    ['learningRate', 'NaN', /not “NaN”/],
    ['learningRate', '0,01', /not “0,01”: write decimals after a point, as 0\.01\.$/],
    ['temperature', ',7', /not “,7”: write decimals after a point, as 0\.7\.$/],
    ['steps', '2,50', /not “2,50”\.$/],
    ['steps', '25,0000', /not “25,0000”/],
    ['steps', '0,500', /not “0,500”/],
    ['steps', '0x10', /Steps is a whole number from 1 .*, not “0x10”\.$/],
    ['steps', '0b11', /not “0b11”/],
    ['steps', '1e', /not “1e”/],
    ['steps', '-', /not “-”/],
    ['steps', ' ', /not “ ”/],
    ['steps', '1 000', /not “1 000”/],
    ['learningRate', 'Infinity', /not “Infinity”/],
    ['learningRate', '1e999', /not “1e999”/],
    ['validation', '0.9', /Held out is a number from 0 to 0.5/],
    ['tuning', 'fast', /Tuning is auto, measure, or begins with whole-sequence or stepwise, not “fast”/],
    ['tuning', '', /Tuning is auto, .*, not “”/],
    ['tuning', 'measure twice', /Tuning takes only weights=f16 after measure, not “twice”/],
    ['tuning', 'stepwise rows=none', /stepwise takes rows, parts, sums, weights, splits, .* not “rows=none”/],
    ['engine', 'cuda', /Engine is one of auto, webgpu, cpu, reference, not “cuda”/],
  ] as const)('refuses %s = “%s”', (name, written, message) => {
    expect(() => parseSetting(name, written)).toThrow(message);
  });

  it('has a default that it would itself accept', () => {
    for (const name of settingNames) {
      expect(parseSetting(name, String(settings[name].default))).toBe(defaultConfiguration[name]);
    }
  });
});

describe('The learning rate', () => {
  const run = { learningRate: 0.01, schedule: 'cosine', decay: 1, warmup: 10, steps: 110 } as const;

  it('rises through the warm-up, then falls along a cosine to nearly nothing', () => {
    expect(learningRateAt(1, run)).toBeCloseTo(0.001, 12);
    expect(learningRateAt(10, run)).toBeCloseTo(0.01, 12);
    expect(learningRateAt(11, run)).toBeCloseTo(0.01, 12);
    expect(learningRateAt(61, run)).toBeCloseTo(0.005, 12);
    expect(learningRateAt(110, run)).toBeLessThan(1e-5);
    expect(learningRateAt(110, run)).toBeGreaterThan(0);
  });

  it('stays where it is when it is constant', () => {
    expect(learningRateAt(100, { ...run, schedule: 'constant' })).toBe(0.01);
  });
});
