import { describe, expect, it } from 'vitest';
import { layOut } from '../../src/page/sharing/lay-out.ts';

const rows = (text: string, width: number, most = 10) =>
  layOut(text, (symbol) => (symbol === '水' ? 2 : 1), width, most).map((row) =>
    row.map(({ symbol }) => symbol).join(''),
  );

describe('A passage in a picture', () => {
  it('is broken between words, and within those that are longer than a row', () => {
    expect(rows('sea shells by', 6)).toEqual(['sea ', 'shells', 'by']);
    expect(rows('unbroken', 5)).toEqual(['unbro', 'ken']);
    expect(rows('a\n\nb', 5)).toEqual(['a', '', 'b']);
    expect(rows('水水水', 5)).toEqual(['水水', '水']);
  });

  it('knows which symbol stands where', () => {
    const [, second] = layOut('sea shells', () => 2, 12, 10);
    expect(second![1]).toEqual({ symbol: 'h', place: 5, x: 2, width: 2 });
  });

  it('ends in dots where there is no more room', () => {
    expect(rows('sea shells by the sea', 6, 2)).toEqual(['sea ', 'shell…']);
  });
});
