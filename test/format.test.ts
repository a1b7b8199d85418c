import { describe, expect, it } from 'vitest';
import { bitsPerCharacter, figureOf } from '../src/data/measure.ts';
import {
  choiceLabel,
  describeLoss,
  formatBytes,
  formatCount,
  formatDuration,
  formatFigure,
  formatLoss,
  networkName,
} from '../src/format.ts';

describe('figures', () => {
  it('turns nats into bits', () => expect(figureOf(bitsPerCharacter, Math.log(8))).toBeCloseTo(3));

  it.each([
    [2.345, '2.35'],
    [0, '0.00'],
    [Number.NaN, '–'],
  ])('writes the loss %f as %s', (value, written) => expect(formatLoss(value, bitsPerCharacter)).toBe(written));

  it('says of a squared error what it is', () => {
    const measure = {
      key: 'rootMeanSquareError',
      name: 'root mean square error of heat',
      unit: 'heat',
      scale: Math.SQRT2,
      root: true,
    } as const;
    expect(figureOf(measure, 0.5)).toBeCloseTo(1);
    expect(describeLoss(12.3456, measure)).toBe('12.3 (root mean square error of heat)');
    expect(describeLoss(1.5, bitsPerCharacter)).toBe('1.50 bits per character');
  });

  it.each([
    [0, '0'],
    [0.005, '0.005'],
    [0.012345, '0.0123'],
    [1.2e-7, '1.2e-7'],
    [1e37, '1e+37'],
    [1234.5, '1,230'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('writes the figure %f as %s', (value, written) => expect(formatFigure(value)).toBe(written));

  it.each([
    [999, '999 bytes'],
    [1000, '1 kB'],
    [999_900, '1 MB'],
    [31_244_288, '31.2 MB'],
  ])('writes %i bytes as %s', (value, written) => expect(formatBytes(value)).toBe(written));

  it.each([
    [0.4, '0 s'],
    [59.6, '1 min 0 s'],
    [200, '3 min 20 s'],
    [3599.7, '1 h 0 min'],
    [3900, '1 h 5 min'],
    [Number.NaN, '–'],
  ])('writes %f seconds as %s', (value, written) => expect(formatDuration(value)).toBe(written));

  it('groups the digits of counts', () => expect(formatCount(1234567.8)).toBe('1,234,568'));

  it.each([
    [{ cell: 'gru', hidden: 1280 }, 'GRU of 1,280 units'],
    [{ cell: 'lstm', layers: 2, hidden: 128 }, 'LSTM of 2 × 128 units'],
    [{ cell: 'of-tomorrow', layers: 1, hidden: 4 }, 'Of tomorrow of 4 units'],
  ])('names the network %j %s', (network, name) => expect(networkName(network)).toBe(name));

  it('writes choices as a person does', () => {
    expect(choiceLabel('field-notes')).toBe('Field notes');
    expect(choiceLabel('webgpu')).toBe('WebGPU');
    expect(choiceLabel('gru-after')).toBe('GRU (reset after)');
  });
});
