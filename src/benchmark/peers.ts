import type { Exercise, System, Training } from './contenders.ts';
import { type Size, stackOf } from './sizes.ts';

/** What each file in `benchmark/peers/` exports: sets the exercise up on one of its backends. */
export type Prepare = (backend: 'webgpu' | 'wasm', exercise: Exercise) => Promise<Training>;

type Peer = { readonly prepare: Prepare };

/** Other frameworks on their backends. What they are made of is loaded when it is their turn, and not before. */
export const peers: readonly System[] = [
  ...on('jax-js', () => import('virtual:peers/jax')),
  ...on('TensorFlow.js', () => import('virtual:peers/tensorflow')),
];

/** What the programs in `benchmark/peers/` have written out. */
const written = { cell: 'gru', layers: 1 } as const;

function takes(size: Size): boolean {
  const { cell, layers } = stackOf(size);
  return cell === written.cell && layers === written.layers;
}

function on(framework: string, load: () => Promise<Peer>): System[] {
  return (['webgpu', 'wasm'] as const).map((backend) => ({
    system: `${framework}, ${backend}`,
    device: backend,
    takes,
    prepare: async (exercise) => (await load()).prepare(backend, exercise),
  }));
}
