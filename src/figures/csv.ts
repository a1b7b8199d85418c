import { type Figure, labelOf } from './figure.ts';

/** A figure as comma-separated values: a row for each place across, a column for each line and each level, in full precision. */
export function csvOf({ across, up, lines, levels = [] }: Figure): string {
  const named = (name: string) => labelOf({ ...up, name });
  const rows = new Map<number, (string | number)[]>();
  for (const [column, { xs, ys }] of lines.entries()) {
    for (let i = 0; i < xs.length; i++) {
      if (!rows.has(xs[i]!)) rows.set(xs[i]!, new Array<string>(lines.length).fill(''));
      if (Number.isFinite(ys[i]!)) rows.get(xs[i]!)![column] = ys[i]!;
    }
  }
  const inOrder = [...rows].toSorted(([a], [b]) => a - b);
  return csv([
    [labelOf(across).toLowerCase(), ...lines.map(({ name }) => named(name)), ...levels.map(({ name }) => named(name))],
    ...inOrder.map(([x, row]) => [x, ...row, ...levels.map(({ figure }) => figure)]),
  ]);
}

/** Comma-separated values after RFC 4180. */
export function csv(lines: readonly (readonly (string | number)[])[]): string {
  const field = (value: string | number) => {
    const text = String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return lines.map((line) => `${line.map(field).join(',')}\r\n`).join('');
}
