import { type Precision, precisions } from '../engine.ts';

/**
 * How a training step is cut up for a device; it changes the order of some sums, and with it their last bits, but nothing
 * else. Every figure is an upper bound: a kernel takes less of it where the device or the batch has no room for more.
 */
export type Tuning = WholeSequence | Stepwise;

/** Who takes the sum over parts of K: all of a workgroup through its memory, or, where there are any, its subgroups. */
const sumsTaken = ['workgroup', 'subgroup'] as const;

/** What both strategies have. */
export interface Common {
  /** Parts of K, each with as many invocations again, so that one workgroup fills more of its core. */
  readonly parts: number;
  /** Who takes the sum over those parts. */
  readonly sums: (typeof sumsTaken)[number];
  /** As f16 they are half the stream, but rounded to 11 bits: that is chosen by a person, never by the tuner alone. */
  readonly weights: Precision;
  /** Parts into which the weight gradients cut K = T·B. */
  readonly splits: number;
}

/** A workgroup takes a few rows through the whole sequence. */
export interface WholeSequence extends Common {
  readonly strategy: 'whole-sequence';
  /** Rows of the batch that a workgroup owns, and of an invocation's tiles: 4, 2 or 1. */
  readonly rows: number;
  /** Invocations side by side that share them. */
  readonly workgroup: number;
  /** Dispatches into which a sequence is cut, so that none holds the device for long. */
  readonly stretches: number;
}

/** All rows take a timestep together, as products tiled over the whole device, with one or two dispatches a timestep. */
export interface Stepwise extends Common {
  readonly strategy: 'stepwise';
  /** Rows of the batch that a workgroup owns, a multiple of 4. */
  readonly rows: number;
}

/** A tuning as a line that a person can read and write: `stepwise rows=32 parts=4 sums=subgroup weights=f32 splits=8`. */
export function writeTuning({ strategy, ...figures }: Tuning): string {
  const told = figures as Readonly<Record<string, number | string>>;
  return [strategy, ...Object.keys(figuresOf[strategy]).map((name) => `${name}=${told[name]}`)].join(' ');
}

/** What a line says of each strategy: figures, or one of some words. */
const figuresOf = {
  'whole-sequence': {
    rows: 'a figure',
    workgroup: 'a figure',
    parts: 'a figure',
    sums: sumsTaken,
    weights: precisions,
    stretches: 'a figure',
    splits: 'a figure',
  },
  stepwise: { rows: 'a figure', parts: 'a figure', sums: sumsTaken, weights: precisions, splits: 'a figure' },
} as const satisfies Record<Tuning['strategy'], Readonly<Record<string, 'a figure' | readonly string[]>>>;

/**
 * Reads such a line, which may leave out figures.
 *
 * @throws RangeError saying what is wrong with it
 */
export function parseTuning(written: string): Pick<Tuning, 'strategy'> & Partial<Tuning> {
  const [strategy, ...figures] = written.trim().split(/\s+/);
  if (strategy !== 'whole-sequence' && strategy !== 'stepwise') {
    throw new RangeError(`A tuning begins with whole-sequence or stepwise, not “${strategy}”.`);
  }
  const known: Readonly<Record<string, 'a figure' | readonly string[]>> = figuresOf[strategy];
  const read = figures.map((figure) => {
    const [, name = '', value = ''] = /^([a-z]+)=([a-z\d]+)$/.exec(figure) ?? [];
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === 'a figure' && /^[1-9]\d{0,5}$/.test(value)) return [name, Number(value)] as const;
    if (kind !== 'a figure' && kind?.includes(value)) return [name, value] as const;
    const example = typeof kind === 'object' ? `${name}=${kind.join('|')}` : 'rows=4';
    throw new RangeError(
      `The tuning ${strategy} takes ${Object.keys(known).join(', ')}, as in “${example}”, not “${figure}”.`,
    );
  });
  return { strategy, ...Object.fromEntries(read) };
}
