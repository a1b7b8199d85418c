import { describe, expect, it } from 'vitest';
import {
  type Curve,
  curveOf,
  formatShare,
  landmarks,
  nameOf,
  power,
  shortName,
  summaryOf,
} from '../../../src/page/reach/words.ts';

const reach = (change: Partial<Curve>): Curve => ({
  cell: 'gru',
  layer: 0,
  layers: 1,
  hidden: 64,
  datasetName: 'Field notes',
  timestep: 'character',
  step: 1200,
  norms: Float64Array.from({ length: 65 }, (_, back) => 2 * 0.9 ** back),
  ...change,
});
const untrained = reach({ step: 0, norms: Float64Array.from({ length: 65 }, (_, back) => 0.7 ** back) });
const fading = reach({ cell: 'rnn', step: 0, norms: Float64Array.from({ length: 65 }, (_, back) => 0.2 ** back) });

describe('The words on the reach of the gradient', () => {
  it.each([
    [1, '100 %'],
    [1.3, '130 %'],
    [0.0996, '10 %'],
    [0.0312, '3.1 %'],
    [0.00995, '1 %'],
    [0.0042, '0.4 %'],
    [0.0001, '0.01 %'],
    [3e-7, '10⁻⁷'],
    [1e-30, '10⁻³⁰'],
    [0, 'none'],
  ])('say %d as %s', (share, words) => {
    expect(formatShare(share)).toBe(words);
  });

  it('write powers of ten as people do', () => {
    expect([2, 1, 0, -1, -2, -3, -12].map(power)).toEqual(['100', '10', '1', '0.1', '0.01', '10⁻³', '10⁻¹²']);
  });

  it('tell how much is left, from where on there is next to nothing, and how the other cell fares', () => {
    expect(summaryOf(reach({}), untrained, fading)).toBe(
      'In this GRU, at step 1,200, a change of the state 20 characters back still has 12 % of the effect on the loss that ' +
        'the same change has right before it. Less than 1 % is left from 44 characters back on. Before its ' +
        'first step it was 0.08 %. In the RNN, untrained, it is 10⁻¹⁴; less than 1 % is left from 3 characters back on.',
    );
    expect(summaryOf(fading)).toMatch(
      /^In this RNN, untrained, a change .* has only 10⁻¹⁴ .* from 3 characters back on\.$/,
    );
    const short = reach({ norms: Float64Array.of(1, 0.5) });
    expect(summaryOf(short)).toMatch(
      /one character back still has 50 % .* at the start of the sequence, one character back\.$/,
    );
  });

  it('count in what the network reads', () => {
    expect(summaryOf(reach({ timestep: 'row' }))).toMatch(/ 20 rows back .* from 44 rows back on\.$/);
    expect(summaryOf(reach({ timestep: 'timestep' }))).toMatch(/ 20 timesteps back /);
  });

  it('name what tells two networks apart', () => {
    const current = reach({});
    expect(nameOf(current, current)).toBe('GRU, step 1,200');
    expect(nameOf(fading, current)).toBe('RNN, untrained');
    expect([current, untrained, fading].map(shortName)).toEqual(['GRU', 'GRU, untrained', 'RNN, untrained']);
    expect(nameOf(reach({ cell: 'rnn', hidden: 32, datasetName: 'cat' }), current)).toBe(
      'RNN, step 1,200, 32 units, cat',
    );
  });

  it('name the layer where there are several', () => {
    const norms = [1, 2].map((norm) => Float64Array.of(2, norm));
    const stack = {
      cell: 'lstm',
      hidden: 64,
      datasetName: 'Field notes',
      timestep: 'character',
      step: 9,
      norms,
    } as const;
    const [first, last, beyond] = [0, 1, 5].map((layer) => curveOf(stack, layer)) as [Curve, Curve, Curve];
    expect(beyond).toEqual(last);
    expect(summaryOf(first)).toMatch(/^In layer 1 of this LSTM, at step 9, .* still has 50 % of/);
    expect(summaryOf(last)).toMatch(/^In layer 2 of this LSTM, at step 9, .* still has 100 % of/);
    expect(nameOf(first, first)).toBe('LSTM, step 9');
    expect(nameOf(reach({}), last)).toBe('GRU, step 1,200, 64 units, layer 1');
    expect(nameOf(last, reach({}))).toBe('LSTM, step 9, 2 × 64 units, layer 2');
  });

  it('end a table where the sequence ends', () => {
    expect(landmarks(64)).toEqual([1, 2, 5, 10, 20, 50, 64]);
    expect(landmarks(10)).toEqual([1, 2, 5, 10]);
    expect(landmarks(1)).toEqual([1]);
  });
});
