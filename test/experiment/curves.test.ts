import { describe, expect, test } from 'vitest';
import { csvOfCurves, csvOfTrials, curvesOf } from '../../src/experiment/curves.ts';
import type { ExperimentResult, Trial } from '../../src/experiment/experiment.ts';
import { defaultOptions } from '../../src/experiment/options.ts';
import { svgOfCurves } from '../../src/experiment/plot.ts';

const trial: Trial = {
  start: 7,
  prime: 'say "a",\n',
  prediction: '<b> & c',
  occurrences: 1,
  place: 7,
  length: 2,
  before: '',
  after: '',
};
const result: ExperimentResult = {
  options: { ...defaultOptions, trials: 2, length: 2 },
  series: [
    { model: 'network', primesFrom: 'training text', curve: [2, 1, 1], trials: [trial] },
    {
      model: 'network',
      primesFrom: 'held-out part',
      curve: [2, 0, 0],
      trials: [{ ...trial, occurrences: 0, place: null, length: 0 }],
    },
    { model: 'n-gram, order 4', primesFrom: 'training text', curve: [2, 2, 0], trials: [trial] },
  ],
};

describe('the exports', () => {
  test('have a column for each curve', () => {
    expect(csvOfCurves(curvesOf(result))).toBe(
      'matching string length,network,"network, held-out primes","n-gram, order 4"\r\n0,2,2,2\r\n1,1,0,2\r\n2,1,0,0\r\n',
    );
  });

  test('have a line for each trial, whatever characters it has', () => {
    const [head, ...lines] = csvOfTrials(result).split('\r\n');
    expect(head).toBe('model,primes from,start,prime,prediction,occurrences,place,length');
    expect(lines).toEqual([
      'network,training text,7,"say ""a"",\n",<b> & c,1,7,2',
      'network,held-out part,7,"say ""a"",\n",<b> & c,0,,0',
      '"n-gram, order 4",training text,7,"say ""a"",\n",<b> & c,1,7,2',
      '',
    ]);
  });

  test('draw a point for each n, between the axes', () => {
    const svg = svgOfCurves(curvesOf(result), 'notes & <more>');
    expect(svg).toContain('Matching String Length');
    expect(svg).toContain('>Trials<');
    expect(svg).toContain('notes &amp; &lt;more&gt;');
    const curves = svg.match(/<polyline points="[^"]*"/g)!.map((line) => line.match(/[\d.]+,[\d.]+/g)!);
    expect(curves.map((points) => points.length)).toEqual([3, 3, 3]);
    // The latest network is drawn last, on top: from 2 trials down to 1, at n = 1.
    const [top, middle, end] = curves.at(-1)!.map((point) => Number(point.split(',')[1]));
    expect(middle).toBe(end);
    const bottom = Number(curves.at(-2)!.at(-1)!.split(',')[1]);
    expect(middle! - top!).toBeCloseTo((bottom - top!) / 2, 1);
  });

  test('tell n-grams apart by their dashes, not by colours alone', () => {
    const nGrams = [1, 2, 4, 6].map(
      (order) => ({ name: `n-gram, order ${order}`, kind: 'n-gram', counts: [2, 1], age: 0 }) as const,
    );
    const svg = svgOfCurves(nGrams, 'notes');
    const lines = svg.match(/<polyline [^>]*>/g)!.map((line) => /stroke-dasharray="[^"]*"/.exec(line)?.[0] ?? 'whole');
    expect(new Set(lines).size).toBe(4);
    // Those of the legend are the same.
    expect(
      svg.match(/<path [^>]*h24"[^>]*>/g)!.map((line) => /stroke-dasharray="[^"]*"/.exec(line)?.[0] ?? 'whole'),
    ).toEqual(lines.toReversed());
  });
});
