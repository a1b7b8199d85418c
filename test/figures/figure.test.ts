import { describe, expect, it } from 'vitest';
import { linearTicks, logarithmicTicks, placeLabels } from '../../src/figures/axes.ts';
import { csvOf } from '../../src/figures/csv.ts';
import type { Figure, Look } from '../../src/figures/figure.ts';
import { svgOf } from '../../src/figures/svg.ts';

const look: Look = { colour: '#123456', width: 2, dash: [], radius: 0, hollow: false };
const figure: Figure = {
  name: 'some-loss',
  title: 'A <GRU> & more',
  across: { name: 'step', low: 0, high: 100, scale: 'whole' },
  up: { name: 'loss', unit: 'bits', low: 0.1, high: 10, scale: 'logarithmic' },
  lines: [
    { name: 'training', xs: [1, 50, 100], ys: [10, 1, 0.1], look },
    { name: 'held out', xs: [50, 75, 100], ys: [0.123456789012345, Number.NaN, 0.5], look: { ...look, radius: 2 } },
  ],
  levels: [
    { name: 'floor', figure: 0.2 },
    { name: 'far above', figure: 40 },
  ],
};

/** The points of each line, from the top down. */
const drawn = (svg: string) =>
  [...svg.matchAll(/<title>([^<]*)<\/title><polyline.*/g)].map(([group, name]) => ({
    name,
    pieces: [...group.matchAll(/points="([^"]*)"/g)].map(([, points]) =>
      points!.split(' ').map((point) => point.split(',').map(Number)),
    ),
  }));

describe('A figure as a table', () => {
  it('has a row for each place, all digits, and a cell left empty where there is nothing', () => {
    expect(csvOf(figure)).toBe(
      'step,training (bits),held out (bits),floor (bits),far above (bits)\r\n' +
        '1,10,,0.2,40\r\n50,1,0.123456789012345,0.2,40\r\n75,,,0.2,40\r\n100,0.1,0.5,0.2,40\r\n',
    );
  });
});

describe('A figure as a drawing', () => {
  const svg = svgOf(figure);

  it('draws each line through its points, between its axes, and breaks it where there is no number', () => {
    const [below, top] = drawn(svg);
    expect([below!.name, top!.name]).toEqual(['held out', 'training']);
    const [first, middle, last] = top!.pieces[0]!;
    // Half way down a logarithmic axis from 10 to 0.1 is 1; half way across from 0 to 100 is 50.
    expect(middle![1]).toBeCloseTo((first![1]! + last![1]!) / 2, 1);
    expect(last![0]! - middle![0]!).toBeCloseTo((50 / 99) * (last![0]! - first![0]!), 1);
    expect(below!.pieces.map(({ length }) => length)).toEqual([1, 1]);
    expect(below!.pieces.flat().map(([x]) => x)).toEqual([middle![0], last![0]]);
    expect(svg.match(/<circle/g)).toHaveLength(3);
  });

  it('says what it is of, by which units, and which line is which, and never as markup', () => {
    expect(svg).toContain('<title>A &lt;GRU&gt; &amp; more</title>');
    for (const words of ['>step<', '>loss (bits)<', '>training<', '>held out<', '>0.2 floor<']) {
      expect(svg).toContain(words);
    }
    expect(svg).not.toContain('far above');
    expect(svg).not.toMatch(/<script|\son\w+=|href/);
  });

  it('grows with its key', () => {
    const many = svgOf({ ...figure, lines: new Array(40).fill(figure.lines[0]) });
    const [, height] = /height="([\d.]+)"/.exec(many)!;
    const places = [...many.matchAll(/ y="([\d.]+)"[^>]*>training</g)].map(([, y]) => Number(y));
    expect(places).toHaveLength(40);
    expect(Math.max(...places)).toBeLessThan(Number(height) - 56);
  });
});

describe('Ticks', () => {
  it('are round, within the axis, and not too many', () => {
    expect(linearTicks(0, 100, 10)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    expect(linearTicks(0, 3, 10, 1)).toEqual([0, 1, 2, 3]);
    expect(linearTicks(-0.31, 0.32, 4)).toEqual([-0.2, 0, 0.2]);
    expect(logarithmicTicks(0.5, 6, 6)).toEqual([0.5, 1, 2, 3, 5]);
    expect(logarithmicTicks(1e-9, 1, 10)).toEqual([1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1]);
    expect(logarithmicTicks(1e-9, 1, 5)).toEqual([1e-8, 1e-6, 1e-4, 1e-2, 1]);
  });

  it('and names keep their distance', () => {
    expect(placeLabels([10, 12, 80], 15, 10, 100)).toEqual([10, 25, 80]);
    expect(placeLabels([90, 95, 99], 15, 10, 100)).toEqual([70, 85, 100]);
  });
});
