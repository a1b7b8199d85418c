import { kinds } from '../../src/check/cases.ts';
import { candidates, refinements } from '../../src/engine/webgpu/candidates.ts';
import { generator } from '../../src/engine/webgpu/generate.ts';
import type { Limits } from '../../src/engine/webgpu/limits.ts';
import { networkOf } from '../../src/engine/webgpu/network.ts';
import { passNames, plan } from '../../src/engine/webgpu/plan.ts';
import type { Compilation } from '../../src/engine/webgpu/shaders.ts';
import { predictsItsInput } from '../../src/model/configuration.ts';

/** So many rows and timesteps that everything the tuner may try comes up. */
const capacity = { rows: 130, timesteps: 5 };
/** Hidden units: the fewest, and more than a workgroup has invocations for. */
const hiddenSizes = [4, 140];

/** Every kernel that is compiled for any kind of network, in every way that the tuner may try. */
export function everyCompilation(limits: Limits): readonly Compilation[] {
  const models = Object.values(kinds).flatMap((kind) => hiddenSizes.map((H) => kind(9, H)));
  const dispatches = models.flatMap((model) => {
    const first = candidates(model, capacity, limits);
    const refined = first.flatMap((best) =>
      refinements(model, capacity, limits, 'f16').flatMap((refine) => refine(best)),
    );
    return [...first, ...refined].flatMap((tuning) => {
      const { passes } = plan(model, capacity, limits, tuning);
      return passNames.flatMap((pass) => passes[pass]);
    });
  });
  return [...dispatches, ...models.filter(predictsItsInput).map((model) => generator(networkOf(model), limits))];
}

/** Overrides that are numbers: what is larger than this is a size or a place, and takes no other way through a kernel. */
const largest = 4;

/** What decides which of a kernel's code is run: the files it is linked from, which overrides have a value, and each value. */
function marksOf({ files, constants }: Compilation): string[] {
  const values = Object.entries(constants).map(([name, value]) => `${name} = ${Math.min(value, largest)}`);
  return [Object.keys(constants).join(), ...values].map((mark) => `${files.join()}: ${mark}`);
}

/** As few of them as have every mark of any, found greedily: each time that which has the most new ones. */
export function cover(compilations: readonly Compilation[]): readonly Compilation[] {
  const marked = new Map(compilations.map((each) => [JSON.stringify([each.files, each.constants]), each]));
  const left = Array.from(marked.values(), (each) => ({ each, marks: marksOf(each) }));
  const missing = new Set(left.flatMap(({ marks }) => marks));
  const chosen: Compilation[] = [];
  const gain = (marks: readonly string[]) => marks.filter((mark) => missing.has(mark)).length;
  while (missing.size > 0) {
    const best = left.reduce((a, b) => (gain(b.marks) > gain(a.marks) ? b : a));
    chosen.push(best.each);
    for (const mark of best.marks) missing.delete(mark);
  }
  return chosen;
}
