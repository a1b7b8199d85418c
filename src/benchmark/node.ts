import { cpus, release, type } from 'node:os';
import { type EquipmentOptions, equip } from './environment.ts';
import { describe, softwareWarning } from './markdown.ts';
import { pytorch } from './pytorch.ts';
import type { Results } from './results.ts';
import { type Assignment, type Bench, type Part, runSuite } from './suite.ts';
import { type Table, tablesOf } from './tables.ts';

/** The parts that need no browser. */
export const partsInNode = ['tuning', 'kernels', 'steps', 'curves', 'contenders'] as const satisfies readonly Part[];

export interface BenchOptions {
  /** Where it names no parts, they are all that Node has; but the tuner and PyTorch only run unasked beside a real GPU. */
  readonly assignment: Omit<Assignment, 'parts'> & Partial<Pick<Assignment, 'parts'>>;
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
 * @throws Error if there is no engine to measure, or none that is tuned where that is asked for
 */
export async function bench(options: BenchOptions, { print, tell }: Printer): Promise<void> {
  const processors = cpus();
  const host = `Node ${process.versions.node}`;
  const system = `${type()} ${release()}, ${processors[0]?.model.trim() ?? process.arch}`;
  const wanted = options.assignment.parts?.includes('contenders');
  const others = wanted === false ? [] : await pytorch(options.equipment.only);
  const peers = typeof others === 'string' ? [] : others;
  const equipment = { ...options.equipment, peers };
  const { bench, missing } = await equip({ host, system, cores: processors.length }, options.gpu, equipment);
  if (bench.environment.engines.length === 0) throw new Error(`There is nothing to measure. ${missing.join(' ')}`);
  const { sizes, tuning, parts = usualParts(bench, tuning) } = options.assignment;
  if (!bench.webgpu && (tuning !== undefined || parts.includes('tuning'))) {
    throw new Error(`Only WebGPU is tuned. ${missing.join(' ')}`);
  }
  for (const sentence of missing) tell(sentence);
  if (wanted && typeof others === 'string') tell(others);
  if (bench.environment.adapter?.software) tell(softwareWarning);
  let results: Results | undefined;
  for await (const progress of runSuite(bench, { sizes, parts, ...(tuning !== undefined && { tuning }) })) {
    results = progress.results;
    if (options.signal.aborted) break;
    if (progress.doing !== '') tell(`${progress.done + 1} of ${progress.of}: ${progress.doing}`);
  }
  if (results) print(options.json ? JSON.stringify(results, null, 1) : textOf(results));
  bench.webgpu?.close();
  bench.cpu?.close();
}

function usualParts({ webgpu, peers }: Bench, tuning: string | undefined): readonly Part[] {
  const hardware = webgpu !== undefined && !webgpu.software;
  const unasked: Partial<Record<Part, boolean>> = {
    tuning: hardware && tuning === undefined,
    contenders: hardware && peers.length > 0,
  };
  return partsInNode.filter((part) => unasked[part] ?? true);
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
