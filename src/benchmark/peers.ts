import type { Exercise, System, Training } from './contenders.ts';

/** What each file in `benchmark/peers/` exports: sets the exercise up on one of its backends. */
export type Prepare = (backend: 'webgpu' | 'wasm', exercise: Exercise) => Promise<Training>;

type Peer = { readonly prepare: Prepare };

/** Other frameworks on their backends. What they are made of is loaded when it is their turn, and not before. */
export const peers: readonly System[] = [
  ...on('jax-js', () => import('virtual:peers/jax')),
  ...on('TensorFlow.js', () => import('virtual:peers/tensorflow')),
];

function on(framework: string, load: () => Promise<Peer>): System[] {
  return (['webgpu', 'wasm'] as const).map((backend) => ({
    system: `${framework}, ${backend}`,
    device: backend,
    prepare: async (exercise) => (await load()).prepare(backend, exercise),
  }));
}
