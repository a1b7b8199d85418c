import { sizesAround } from './curves.ts';
import type { Environment } from './results.ts';
import { type Size, stepOperations } from './sizes.ts';
import type { Assignment } from './suite.ts';
import { tuningBudget } from './tunings.ts';

/** Floating-point operations a second that a training step reaches, to one digit. */
const speed = { software: 1.5e9, gpu: 5e11, core: 1.5e10 } as const;
/** Seconds to open a session: to compile its kernels, most of all. */
const opening = { software: 4, gpu: 0.5, cpu: 0.1 } as const;

/** How many ways of cutting up the work are tried, and how many steps each takes. */
const tries = 10;
const tryRounds = 8;
/** How often a step is taken for each part, and the seconds that pass at least. */
const kernelRounds = 10;
const stepRounds = 12;
const leastSeconds = 3;
/** Other frameworks together, in steps of Sluice's. */
const contenderSteps = 300;

/** About how many seconds a run will take. Nobody should plan a day by it. */
export function estimate({ engines, adapter, cores }: Environment, { sizes, parts }: Assignment): number {
  const running = engines.map(({ name }) => {
    if (name === 'cpu') return { name, rate: speed.core * Math.min(cores, 8), opening: opening.cpu };
    return adapter?.software
      ? { name, rate: speed.software, opening: opening.software }
      : { name, rate: speed.gpu, opening: opening.gpu };
  });
  const each = (rounds: number, sizes: readonly Size[], most = Number.POSITIVE_INFINITY) =>
    running.reduce((total, { rate, opening }) => {
      const times = sizes.map((size) => stepOperations(size) / rate).filter((time) => time < most);
      return total + times.reduce((sum, time) => sum + opening + Math.max(leastSeconds, rounds * time), 0);
    }, 0);
  let seconds = 0;
  if (parts.includes('tuning') && adapter) {
    const { rate, opening } = running.find(({ name }) => name === 'webgpu')!;
    const budget = tuningBudget[adapter.software ? 'software' : 'hardware'] / 1000;
    for (const size of sizes) {
      seconds += Math.min(budget, tries * (opening + (tryRounds * stepOperations(size)) / rate));
    }
  }
  if (parts.includes('kernels')) seconds += each(kernelRounds, sizes) + 2;
  if (parts.includes('steps')) seconds += each(stepRounds, sizes);
  if (parts.includes('curves'))
    seconds += each(stepRounds, sizesAround(sizes[0]!, adapter?.software === false ? 'hardware' : 'software'), 4);
  if (parts.includes('contenders')) seconds += each(contenderSteps, sizes);
  return seconds;
}
