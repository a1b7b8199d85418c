/** A symbol of a text that is laid out: which of the text it is, counted from 0, and where in its row it stands, in pixels. */
export interface Placed {
  readonly symbol: string;
  readonly place: number;
  readonly x: number;
  readonly width: number;
}

/**
 * Lays a text out in rows no wider than `width`, broken between words where that can be; what does not fit ends in “…”.
 *
 * @param measure the width of a symbol
 * @param most how many rows there is room for
 */
export function layOut(text: string, measure: (symbol: string) => number, width: number, most: number): Placed[][] {
  const rows: Placed[][] = [[]];
  let x = 0;
  let place = 0;
  const breakRow = () => {
    rows.push([]);
    x = 0;
  };
  for (const piece of text.match(/\s|\S+/gu) ?? []) {
    const symbols = Array.from(piece);
    const widths = symbols.map(measure);
    const whole = widths.reduce((sum, each) => sum + each, 0);
    if (x > 0 && x + whole > width && whole <= width) breakRow();
    for (const [i, symbol] of symbols.entries()) {
      if (symbol === '\n') breakRow();
      else {
        if (x > 0 && x + widths[i]! > width) breakRow();
        // A blank between two rows takes no room in either.
        if (x > 0 || rows.length === 1 || symbol.trim() !== '') {
          rows.at(-1)!.push({ symbol, place, x, width: widths[i]! });
          x += widths[i]!;
        }
      }
      place++;
    }
  }
  if (rows.length <= most) return rows;
  const kept = rows.slice(0, most);
  const last = kept.at(-1)!;
  const end = last.findLast((placed) => placed.x + placed.width + measure('…') <= width);
  const cut = end ? last.slice(0, last.indexOf(end) + 1) : [];
  const dots = { symbol: '…', place: Number.POSITIVE_INFINITY, x: end ? end.x + end.width : 0, width: measure('…') };
  return [...kept.slice(0, -1), [...cut, dots]];
}
