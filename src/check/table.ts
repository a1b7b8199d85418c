import { describeCell } from '../model/cells/cells.ts';
import { type CheckRow, type Quantity, type Yardstick, yardsticks } from './check.ts';

/** What is known of one quantity by one yardstick: the worst of all cases. */
type Worst = ReadonlyMap<Quantity, ReadonlyMap<Yardstick, CheckRow>>;

/** What a check found of one engine and one cell. */
export interface CheckSummary {
  /** The engine, the device and the cell. */
  readonly title: string;
  readonly worst: Worst;
  readonly failures: readonly CheckRow[];
}

const engineLabels = { webgpu: 'WebGPU', cpu: 'CPU', reference: 'Reference' } as const;

/** The rows by engine and cell, in the order in which they came. */
export function summarise(rows: readonly CheckRow[]): CheckSummary[] {
  const groups = new Map<string, CheckRow[]>();
  for (const row of rows) {
    const title = `${engineLabels[row.engine]}, ${row.device}: ${describeCell(row.cell).title}`;
    groups.set(title, [...(groups.get(title) ?? []), row]);
  }
  return Array.from(groups, ([title, rows]) => {
    const worst = new Map<Quantity, Map<Yardstick, CheckRow>>();
    for (const row of rows) {
      const known = worst.get(row.quantity) ?? new Map<Yardstick, CheckRow>();
      const before = known.get(row.yardstick);
      // What is not a number is worse than any number.
      if (!before || row.error > before.error || Number.isNaN(row.error)) known.set(row.yardstick, row);
      worst.set(row.quantity, known);
    }
    return { title, worst, failures: rows.filter(({ passed }) => !passed) };
  });
}

/** A failure in a sentence: which engine, what of it, by which measure, how far off, and where. */
export function describeFailure(row: CheckRow): string {
  const where = `${engineLabels[row.engine]}, ${subject(row)}, ${row.case}`;
  if (row.problem !== undefined) return `${where}: ${row.problem}`;
  return `${where}: ${formatError(row.error)} off ${measures[row.yardstick]}, where ${formatError(row.bound)} is allowed.`;
}

/** The whole check in a sentence. */
export function verdict(rows: readonly CheckRow[]): string {
  const failures = rows.filter(({ passed }) => !passed);
  const count = (n: number) => n.toLocaleString('en');
  if (failures.length === 0) return `All ${count(rows.length)} comparisons pass: every difference is rounding.`;
  const broken = [...new Set(failures.map(({ engine }) => engineLabels[engine]))].join(' and ');
  const of = [...new Set(failures.map(({ quantity }) => quantity))].join(', ');
  return `${count(failures.length)} of ${count(rows.length)} comparisons fail, on ${broken}: ${of}.`;
}

/** A check as a page of plain text: a table for each engine and cell, its worst failures, and the verdict. */
export function formatCheck(rows: readonly CheckRow[]): string {
  const sections = summarise(rows).map(({ title, worst, failures }) =>
    [title, '', ...formatTable(worst), '', ...formatFailures(failures)].join('\n'),
  );
  return [
    'Relative error of each gradient, the worst of all cases; “!” marks what is more than rounding.',
    ...sections,
    verdict(rows),
  ].join('\n\n');
}

/** The yardsticks that were held against anything, each with the error that it allows. */
export function columnsOf(worst: Worst): readonly { readonly yardstick: Yardstick; readonly bound: number }[] {
  const rows = [...worst.values()].flatMap((known) => [...known.values()]);
  return yardsticks.flatMap((yardstick) => {
    const row = rows.find((row) => row.yardstick === yardstick);
    return row ? [{ yardstick, bound: row.bound }] : [];
  });
}

function formatTable(worst: Worst): string[] {
  const cell = (row: CheckRow | undefined) =>
    row ? `${row.passed ? '' : '! '}${Number.isNaN(row.error) ? 'none' : formatError(row.error)}` : '';
  const columns = columnsOf(worst);
  const lines = [
    ['', ...columns.map(({ yardstick }) => yardstick)],
    ...Array.from(worst, ([quantity, known]) => [
      quantity,
      ...columns.map(({ yardstick }) => cell(known.get(yardstick))),
    ]),
    ['allowed', ...columns.map(({ bound }) => formatError(bound))],
  ];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) =>
    line
      .map((text, column) => (column === 0 ? `  ${text.padEnd(widths[0]!)}` : text.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}

const mostFailures = 8;

function formatFailures(failures: readonly CheckRow[]): string[] {
  if (failures.length === 0) return ['  Passes.'];
  const more = failures.length - mostFailures;
  return [
    '  Fails:',
    ...failures.slice(0, mostFailures).map((row) => `  - ${describeFailure(row)}`),
    ...(more > 0 ? [`  - and ${more} more`] : []),
  ];
}

const measures: Readonly<Record<Yardstick, string>> = {
  float64: 'float64',
  'finite differences': 'finite differences of the loss',
  'sum over timesteps': 'the sum over timesteps',
  'after Adam': 'float64 after a few steps of Adam',
};

const subject = ({ quantity, yardstick }: CheckRow) =>
  quantity === 'loss' || quantity === 'final state' || yardstick === 'after Adam'
    ? quantity
    : `gradient by ${quantity}`;

/** An error in two digits: 2.1e-7 */
export const formatError = (error: number): string => (error === 0 ? '0' : error.toExponential(1));
