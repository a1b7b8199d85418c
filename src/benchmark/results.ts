import { cells } from '../model/cells/cells.ts';
import { boolean, laterList, list, number, object, oneOf, optional, record, type Shaped, text } from './shape.ts';
import { type Summary, summary } from './statistics.ts';

/** What a run of the suite leaves behind, as it stands in a JSON file. Times are in milliseconds. */

const size = object({
  V: number,
  H: number,
  B: number,
  T: number,
  cell: optional(oneOf(...cells)),
  layers: optional(number),
});
const clock = oneOf('timestamps', 'repetition');

const adapter = object({
  name: text,
  /** Whether it emulates a GPU on the processor. */
  software: boolean,
  vendor: text,
  architecture: text,
  device: text,
  description: text,
  features: list(text),
  limits: record(number),
});

const environment = object({
  /** The browser, or Node, with its version. */
  host: text,
  system: text,
  cores: number,
  engines: list(object({ name: text, device: text })),
  adapter: optional(adapter),
});

/** What the tuner found at a size. */
const tuned = object({
  size,
  /** The fastest, as the engine writes a tuning. */
  winner: text,
  /** In the order in which they were tried, the default first. */
  tried: list(
    object({
      tuning: text,
      milliseconds: optional(number),
      /** Why there is no time. */
      why: optional(oneOf('refused', 'wrong', 'slow', 'late')),
    }),
  ),
  /** How many there was no time for. */
  untried: number,
  /** How long all of it took. */
  milliseconds: number,
});

/** The device's own kernels for nothing but multiply-adds, nothing but copying, and next to nothing. */
const ceilings = object({
  clock,
  operations: number,
  bytes: number,
  multiplyAdd: summary,
  copy: summary,
  least: summary,
});

const dispatch = object({
  kernel: text,
  /** How many of a step do the same, if more than one; the other figures are of one of them. */
  count: optional(number),
  operations: number,
  bytes: number,
  milliseconds: summary,
});
const kernels = object({
  size,
  strategy: text,
  /** How the work was cut up, in full. */
  tuning: optional(text),
  clock,
  dispatches: list(dispatch),
});

const phases = object({
  size,
  engine: text,
  milliseconds: summary,
  phases: list(object({ name: text, milliseconds: summary })),
});

const step = object({
  engine: text,
  strategy: text,
  /** How the work was cut up, in full, on an engine that is tuned. */
  tuning: optional(text),
  task: oneOf('training', 'generation'),
  size,
  milliseconds: summary,
  dispatches: number,
  /** Held on the device. */
  bytes: number,
});

const contender = object({
  size,
  system: text,
  device: text,
  /** From nothing to the loss of the first step: loading, compiling, and the step itself. */
  first: optional(number),
  /** Of the first steps, in nats. */
  losses: list(number),
  milliseconds: optional(summary),
  /** Milliseconds a step in each round, in which all systems of a size took turns; earlier versions took none. */
  rounds: optional(list(number)),
  /** Why there are no times. */
  problem: optional(text),
});

const results = object({
  format: oneOf('sluice-benchmark'),
  version: oneOf(1),
  /** When it began, as ISO 8601 has it. */
  date: text,
  /** Whether all that was asked for was gone through. */
  complete: boolean,
  environment,
  tunings: laterList(tuned),
  ceilings: optional(ceilings),
  kernels: list(kernels),
  phases: list(phases),
  /** What the curves start from. */
  base: optional(size),
  steps: list(step),
  contenders: list(contender),
  /** What could not be measured, and why, in sentences. */
  problems: list(text),
});

export type Results = Shaped<typeof results>;
export type Environment = Shaped<typeof environment>;
export type Adapter = Shaped<typeof adapter>;
export type Tuned = Shaped<typeof tuned>;
export type Ceilings = Shaped<typeof ceilings>;
export type Dispatch = Shaped<typeof dispatch>;
export type Kernels = Shaped<typeof kernels>;
export type Phases = Shaped<typeof phases>;
export type Step = Shaped<typeof step>;
export type Task = Step['task'];
export type Contender = Shaped<typeof contender>;
export type { Summary };

/** Results in which nothing is measured yet. */
export const noResults = (environment: Environment, date = new Date()): Results => ({
  format: 'sluice-benchmark',
  version: 1,
  date: date.toISOString(),
  complete: false,
  environment,
  tunings: [],
  kernels: [],
  phases: [],
  steps: [],
  contenders: [],
  problems: [],
});

/**
 * Reads the results in a JSON file.
 *
 * @throws TypeError in one sentence if it holds something else
 */
export function readResults(name: string, json: string): Results {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new TypeError(`${name} is no benchmark of Sluice: it is not JSON.`);
  }
  const { format, version } = (value ?? {}) as Partial<Record<string, unknown>>;
  if (format !== 'sluice-benchmark') {
    throw new TypeError(`${name} is no benchmark of Sluice: its format is not “sluice-benchmark”.`);
  }
  if (version !== 1)
    throw new TypeError(`${name} is of version ${version}, which this page does not know: it reads 1.`);
  try {
    return results(value, '');
  } catch (error) {
    throw new TypeError(`${name} is a damaged benchmark: ${(error as Error).message}.`, { cause: error });
  }
}
