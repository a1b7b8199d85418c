import { choiceLabel, formatBytes, formatCount, formatFigure } from '../format.ts';
import { same } from './curves.ts';
import type { Contender, Dispatch, Kernels, Phases, Results, Step, Summary, Tuned } from './results.ts';
import { boundBy, floorOf, type Roof, rate, roofOf, shareOf } from './roofline.ts';
import { letterOf, type Size, sizeName, sizeText, stepOperations } from './sizes.ts';
import { summarise } from './statistics.ts';
import { charactersPerSecond } from './steps.ts';
import { rounds, tunedAt } from './tunings.ts';

/** Numbers stand on the right, names on the left, and words may take more than a line. */
export interface Column {
  readonly label: string;
  readonly kind: 'number' | 'name' | 'words';
}

/** Results as tables of text, for the page, for Markdown and for a terminal. */
export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** All tables that results hold; beside them, where there are any, somebody else's figures, and how much faster these are. */
export function tablesOf(results: Results, theirs?: Results): readonly Table[] {
  const roof = results.ceilings && roofOf(results.ceilings);
  return [
    ...results.tunings.map((tuned) => tuningTable(tuned, theirs)),
    ...ceilingsTable(results, theirs),
    ...results.kernels.map((kernels) => kernelsTable(kernels, roof, theirs)),
    ...results.phases.map((phases) => phasesTable(phases, theirs)),
    ...stepsTable(results, theirs),
    ...sizesOf(results.contenders).map((size) => contendersTable(size, results, theirs)),
  ];
}

/** Why a way of cutting up the work has no time. */
const reasons = {
  refused: 'refused: it does not run on this device',
  wrong: 'wrong: loss or gradients are not the default’s',
  slow: 'slow: a few timesteps told enough',
  late: 'late: too little time was left for it',
} as const satisfies Record<NonNullable<Tuned['tried'][number]['why']>, string>;

/** Each way of cutting up the work that was tried at a size, in that order, and what came of it. */
export function tuningTable({ size, winner, tried, untried, milliseconds }: Tuned, theirs?: Results): Table {
  const others = theirs && tunedAt(theirs, size);
  const timeOf = (tuned: Pick<Tuned, 'tried'>, wanted: string) =>
    tuned.tried.find(({ tuning }) => tuning === wanted)?.milliseconds;
  const best = timeOf({ tried }, winner);
  const row = (tuning: string, time: number | undefined, outcome: readonly string[]): string[] => [
    tuning,
    time === undefined ? '–' : formatFigure(time),
    time === undefined || best === undefined ? '–' : times(time / best),
    ...(others ? compared(time, timeOf(others, tuning)) : []),
    outcome.join('; '),
  ];
  const rows = tried.map(({ tuning, milliseconds: time, why }, i) => {
    const untimed = tuning === winner && best === undefined;
    const close = tuning !== winner && !rounds(tuning) && time !== undefined && best !== undefined && time < best;
    return row(tuning, time, [
      ...(untimed ? ['taken, as there was time for none'] : tuning === winner ? ['the winner'] : []),
      ...(i === 0 ? ['the default'] : []),
      ...(rounds(tuning) ? ['with rounded weights: not to be chosen unasked'] : []),
      ...(why && !untimed ? [reasons[why]] : []),
      ...(close ? ['too little faster to count'] : []),
      ...(tuning === others?.winner ? ['the winner of theirs'] : []),
    ]);
  });
  const known = tried.some(({ tuning }) => tuning === others?.winner);
  if (others && !known) rows.push(row(others.winner, undefined, ['the winner of theirs; not tried here']));
  if (untried > 0) {
    rows.push([`${untried} more`, '–', '–', ...(others ? ['–', '–'] : []), 'not tried: the time was over']);
  }
  const title = `Ways of cutting up ${nameAndText(size)}; tried for ${formatFigure(milliseconds / 1000)} s`;
  const columns = [
    ['cut up as', 'name'] as const,
    'ms a step',
    'times the winner’s',
    ...(others ? theirColumns : []),
    ['what came of it', 'words'] as const,
  ];
  return table(title, columns, rows);
}

/** What the device can do at most. */
export function ceilingsTable({ ceilings }: Results, theirs?: Results): readonly Table[] {
  if (!ceilings) return [];
  const other = theirs?.ceilings;
  const rates = (of: NonNullable<Results['ceilings']>) => [
    roofOf(of).operations / 1e9,
    roofOf(of).bytes / 1e9,
    of.least.median * 1000,
  ];
  const [ours, others] = [rates(ceilings), other && rates(other)];
  const rows = ['Multiply-adds, GFLOP/s', 'Copying, GB/s', 'The least dispatch, µs'].map((name, i) => [
    name,
    formatFigure(ours[i]!),
    ...(others ? [formatFigure(others[i]!), times(i === 2 ? others[i]! / ours[i]! : ours[i]! / others[i]!)] : []),
  ]);
  return [table('Ceilings', [['of the device', 'name'], 'measured', ...(others ? theirColumns : [])], rows)];
}

/** Each dispatch of a training step, those that do the same as one, and their sum. */
export function kernelsTable(
  { size, strategy, tuning = strategy, dispatches }: Kernels,
  roof?: Roof,
  theirs?: Results,
): Table {
  const others = theirs?.kernels.find((other) => same(other.size, size) && other.strategy === strategy)?.dispatches;
  const many = dispatches.some(({ count }) => count !== undefined);
  const row = (dispatch: Dispatch, i: number): string[] => {
    const { kernel, count = 1, operations, bytes, milliseconds } = dispatch;
    const other = others?.[i]?.kernel === kernel ? others[i] : undefined;
    return [
      String(i + 1),
      kernel,
      ...(many ? [formatCount(count)] : []),
      spread(milliseconds),
      operations > 0 ? formatFigure(rate(operations, milliseconds) / 1e9) : '–',
      formatFigure(rate(bytes, milliseconds) / 1e9),
      ...(roof
        ? [formatFigure(floorOf(dispatch, roof)), boundBy(dispatch, roof), percent(shareOf(dispatch, roof))]
        : []),
      ...(others ? compared(milliseconds.median, other?.milliseconds.median) : []),
    ];
  };
  const all = (of: readonly Dispatch[], figure: (dispatch: Dispatch) => number) =>
    sum(of.map((dispatch) => (dispatch.count ?? 1) * figure(dispatch)));
  const median = ({ milliseconds }: Dispatch) => milliseconds.median;
  const total = all(dispatches, median);
  const operations = all(dispatches, ({ operations }) => operations);
  const bytes = all(dispatches, ({ bytes }) => bytes);
  const floor = roof && all(dispatches, (dispatch) => floorOf(dispatch, roof));
  const last = [
    '',
    'together',
    ...(many ? [formatCount(all(dispatches, () => 1))] : []),
    formatFigure(total),
    formatFigure(operations / total / 1e6),
    formatFigure(bytes / total / 1e6),
    ...(floor === undefined ? [] : [formatFigure(floor), '', percent(floor / total)]),
    ...(others ? compared(total, all(others, median)) : []),
  ];
  return table(
    `Kernels at ${sizeName(size)}, ${tuning}`,
    [
      '#',
      ['kernel', 'name'],
      ...(many ? ['dispatches'] : []),
      many ? 'ms each' : 'ms',
      'GFLOP/s',
      'GB/s',
      ...(roof ? ['floor, ms', ['bound by', 'name'] as const, 'of the floor'] : []),
      ...(others ? theirColumns : []),
    ],
    [...dispatches.map(row), last],
  );
}

/** A training step on the processor by phase. */
export function phasesTable({ size, engine, milliseconds, phases }: Phases, theirs?: Results): Table {
  const others = theirs?.phases.find((other) => same(other.size, size) && other.engine === engine);
  const rows = [...phases, { name: 'whole step', milliseconds }].map(({ name, milliseconds }) => {
    const other = name === 'whole step' ? others : others?.phases.find((phase) => phase.name === name);
    return [name, spread(milliseconds), ...(others ? compared(milliseconds.median, other?.milliseconds.median) : [])];
  });
  const speed = ({ median }: Summary) => stepOperations(size) / median / 1e6;
  rows.push([
    'products, GFLOP/s',
    formatFigure(speed(milliseconds)),
    ...(others ? [formatFigure(speed(others.milliseconds)), ''] : []),
  ]);
  const columns = [['phase', 'name'] as const, 'ms', ...(others ? theirColumns : [])];
  return table(`Phases on the ${choiceLabel(engine)} at ${sizeName(size)}`, columns, rows);
}

/** Whole steps at every size that was measured. */
export function stepsTable({ steps }: Results, theirs?: Results): readonly Table[] {
  if (steps.length === 0) return [];
  const find = (all: readonly Step[], like: Step, task: Step['task']) =>
    all.find(
      (step) =>
        step.task === task &&
        step.engine === like.engine &&
        step.strategy === like.strategy &&
        same(step.size, like.size),
    );
  const tuned = steps.some(({ tuning }) => tuning !== undefined);
  const rows = steps
    .filter(({ task }) => task === 'training')
    .map((training) => {
      const engine = choiceLabel(training.engine);
      const generation = find(steps, training, 'generation');
      const theirTraining = theirs && find(theirs.steps, training, 'training');
      return [
        training.strategy === training.engine ? engine : `${engine}, ${training.strategy}`,
        nameAndText(training.size),
        spread(training.milliseconds),
        formatCount(charactersPerSecond(training)),
        generation ? formatCount(charactersPerSecond(generation)) : '–',
        training.dispatches > 0 ? String(training.dispatches) : '–',
        formatBytes(training.bytes),
        ...(theirs ? compared(training.milliseconds.median, theirTraining?.milliseconds.median) : []),
        ...(tuned ? [training.tuning ?? '–'] : []),
      ];
    });
  const columns = [
    ...([
      ['engine', 'name'],
      ['size', 'name'],
    ] as const),
    'ms a step',
    'characters/s learned',
    'characters/s written',
    'dispatches a step',
    'memory',
    ...(theirs ? theirColumns : []),
    ...(tuned ? [['cut up as', 'name'] as const] : []),
  ];
  return [table('Whole steps', columns, rows)];
}

/** Everybody who took the same step. */
export function contendersTable(size: Size, { contenders }: Results, theirs?: Results): Table {
  const here = contenders.filter((contender) => same(contender.size, size));
  const others = theirs?.contenders.filter((contender) => same(contender.size, size));
  const troubled = here.some(({ problem }) => problem !== undefined);
  const rows = here.map((contender) => {
    const { system, first, milliseconds, losses, problem } = contender;
    const home = homeOf(contender, here);
    const other = others?.find((other) => other.system === system);
    return [
      system,
      first === undefined ? '–' : formatFigure(first),
      milliseconds ? spread(milliseconds) : '–',
      home ? ratioTo(home, contender) : '–',
      losses[0] === undefined ? '–' : losses[0].toFixed(5),
      ...(others?.length ? compared(milliseconds?.median, other?.milliseconds?.median) : []),
      ...(troubled ? [problem ?? ''] : []),
    ];
  });
  const columns = [
    ['system', 'name'] as const,
    'first step, ms',
    'ms a step',
    'times Sluice’s',
    'first loss, nats',
    ...(others?.length ? theirColumns : []),
    ...(troubled ? [['why not', 'words'] as const] : []),
  ];
  return table(`Side by side at ${nameAndText(size)}`, columns, rows);
}

/** The row of Sluice on what a system runs on. */
function homeOf({ system }: Contender, all: readonly Contender[]): Contender | undefined {
  const engine = /webgpu|cuda/i.test(system) ? 'webgpu' : 'cpu';
  return all.find((other) => other.system === `Sluice, ${engine}`);
}

/** How many times as long a system takes as Sluice: of the rounds that both took, or of their medians where none are kept. */
function ratioTo(home: Contender, { rounds, milliseconds }: Contender): string {
  if (!milliseconds || !home.milliseconds) return '–';
  if (!rounds || !home.rounds) return times(milliseconds.median / home.milliseconds.median);
  const both = Math.min(rounds.length, home.rounds.length);
  const { median, lower, upper } = summarise(rounds.slice(0, both).map((time, round) => time / home.rounds![round]!));
  return lower === upper ? times(median) : `${times(median)} [${formatFigure(lower)}–${formatFigure(upper)}]`;
}

/** Each size that contenders met at, once. */
export const sizesOf = (contenders: readonly Contender[]): readonly Size[] =>
  contenders.map(({ size }) => size).filter((size, i, sizes) => sizes.findIndex((other) => same(other, size)) === i);

const theirColumns = ['theirs', 'times as fast'];

function compared(ours: number | undefined, theirs: number | undefined): [string, string] {
  if (theirs === undefined) return ['–', '–'];
  return [formatFigure(theirs), ours === undefined ? '–' : times(theirs / ours)];
}

/** A column's label alone is one of numbers. */
type ColumnSpec = string | readonly [label: string, kind: 'name' | 'words'];

function table(title: string, columns: readonly ColumnSpec[], rows: readonly (readonly string[])[]): Table {
  return {
    title,
    columns: columns.map((column) =>
      typeof column === 'string' ? { label: column, kind: 'number' } : { label: column[0], kind: column[1] },
    ),
    rows,
  };
}

const spread = ({ median, lower, upper }: Summary): string =>
  `${formatFigure(median)} [${formatFigure(lower)}–${formatFigure(upper)}]`;

const percent = (share: number): string => `${formatFigure(share * 100)} %`;
const times = (ratio: number): string => `${formatFigure(ratio)} ×`;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, x) => total + x, 0);

function nameAndText(size: Size): string {
  const letter = letterOf(size);
  return letter === undefined ? sizeText(size) : `${letter}: ${sizeText(size)}`;
}
