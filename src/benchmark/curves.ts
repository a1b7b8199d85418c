import type { Results, Step, Task } from './results.ts';
import { type Size, stackOf } from './sizes.ts';

/** What a curve goes over. */
export const axes = ['T', 'B', 'H'] as const;
export type Axis = (typeof axes)[number];

/** A sixteenth of the base to four times of it on a GPU; what emulates one has no time for that. */
const factors = { hardware: [1 / 16, 1 / 4, 1 / 2, 2, 4, 8], software: [1 / 4, 1 / 2, 2] } as const;

/** The sizes beside the base at which curves are measured, the smaller first. */
export function sizesAround(base: Size, speed: keyof typeof factors): readonly Size[] {
  const sizes = axes.flatMap((axis) =>
    factors[speed].map((factor) => ({ ...base, [axis]: Math.max(1, Math.round(base[axis] * factor)) })),
  );
  return sizes.filter((size, i) => !same(size, base) && sizes.findIndex((other) => same(size, other)) === i);
}

/** One engine's measurements along an axis. */
export interface Curve {
  readonly engine: string;
  readonly strategy: string;
  readonly points: readonly Step[];
}

/** A curve for each engine and strategy that was measured at more than one place of an axis. */
export function curvesOver(axis: Axis, task: Task, { base, steps }: Results): readonly Curve[] {
  if (!base) return [];
  const along = steps.filter((step) => step.task === task && same({ ...step.size, [axis]: base[axis] }, base));
  const kinds = new Map(along.map(({ engine, strategy }) => [`${engine} ${strategy}`, { engine, strategy }]));
  return [...kinds.values()]
    .map((kind) => ({
      ...kind,
      points: along
        .filter(({ engine, strategy }) => engine === kind.engine && strategy === kind.strategy)
        .toSorted((a, b) => a.size[axis] - b.size[axis]),
    }))
    .filter(({ points }) => points.length > 1);
}

/** Whether two sizes are the same. */
export function same(a: Size, b: Size): boolean {
  const [one, other] = [a, b].map((size) => ({ ...size, ...stackOf(size) })) as [Size, Size];
  return (['V', 'H', 'B', 'T', 'cell', 'layers'] as const).every((name) => one[name] === other[name]);
}
