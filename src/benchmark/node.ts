import { cpus, release, type } from 'node:os';
import { type EquipmentOptions, equip } from './environment.ts';
import { describe, softwareWarning } from './markdown.ts';
import type { Results } from './results.ts';
import { type Assignment, type Part, runSuite } from './suite.ts';
import { type Table, tablesOf } from './tables.ts';

/** The parts that need no browser. */
export const partsInNode = ['kernels', 'steps', 'curves'] as const satisfies readonly Part[];

export interface BenchOptions {
  readonly assignment: Assignment;
  /** WebGPU, or in a sentence why there is none. */
  readonly gpu: GPU | string;
  readonly equipment: Pick<EquipmentOptions, 'only' | 'cpu'>;
  /** Prints the results as the JSON that the page opens, instead of as tables. */
  readonly json: boolean;
  /** Ends the run after the task under way; what was measured by then is printed. */
  readonly signal: AbortSignal;
}

/** Where the suite's words go. */
export interface Printer {
  /** The results. */
  print(text: string): void;
  /** Where things stand, while they do. */
  tell(text: string): void;
}

/**
 * The benchmark page's suite without the page.
 *
 * @throws Error in one sentence if there is no engine to measure
 */
export async function bench(options: BenchOptions, { print, tell }: Printer): Promise<void> {
  const processors = cpus();
  const host = `Node ${process.versions.node}`;
  const system = `${type()} ${release()}, ${processors[0]?.model.trim() ?? process.arch}`;
  const { bench, missing } = await equip({ host, system, cores: processors.length }, options.gpu, options.equipment);
  if (bench.environment.engines.length === 0) throw new Error(`There is nothing to measure. ${missing.join(' ')}`);
  for (const sentence of missing) tell(sentence);
  if (bench.environment.adapter?.software) tell(softwareWarning);
  let results: Results | undefined;
  for await (const progress of runSuite(bench, options.assignment)) {
    results = progress.results;
    if (options.signal.aborted) break;
    if (progress.doing !== '') tell(`${progress.done + 1} of ${progress.of}: ${progress.doing}`);
  }
  if (results) print(options.json ? JSON.stringify(results, null, 1) : textOf(results));
  bench.webgpu?.close();
  bench.cpu?.close();
}

/** Results for a terminal. */
export function textOf(results: Results, theirs?: Results): string {
  return [
    describe(results.environment)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
    ...tablesOf(results, theirs).map(tableText),
    ...results.problems.map((problem) => `Not measured: ${problem}`),
  ].join('\n\n');
}

function tableText({ title, columns, rows }: Table): string {
  const widths = columns.map(({ label }, i) => Math.max(label.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (columns[i]!.kind === 'number' ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [title, line(columns.map(({ label }) => label)), ...rows.map(line)].join('\n');
}
