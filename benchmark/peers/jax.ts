import { defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import type { Exercise, Training } from '../../src/benchmark/contenders.ts';

type Weights = { U: np.Array; b: np.Array; W: np.Array; W_h: np.Array; V: np.Array; b_y: np.Array };

/**
 * The exercise with jax-js in its faster form: the whole step, Adam included, under one `jit`; the input products of all
 * timesteps as one, z and r as one, the outputs of all timesteps as one. It has no `lax.scan`, so the loop over T is
 * unrolled. Every use of an array but the last is its `ref`: jax-js counts them.
 */
export async function prepare(backend: 'webgpu' | 'wasm', exercise: Exercise): Promise<Training> {
  const { size, parameters, adam } = exercise;
  const { V, H, B, T } = size;
  if (!(await init(backend)).includes(backend)) throw new Error(`jax-js has no ${backend} here.`);
  defaultDevice(backend);

  const join = (...names: string[]) => {
    const parts = names.map((name) => parameters[name]!);
    const rows = parts[0]!.shape.length > 1 ? parts[0]!.shape[0]! : 1;
    const columns = parts.map(({ shape }) => shape.at(-1)!);
    const width = columns.reduce((sum, count) => sum + count, 0);
    const joined = new Float32Array(rows * width);
    let place = 0;
    for (const [i, { data }] of parts.entries()) {
      for (let row = 0; row < rows; row++) {
        joined.set(data.subarray(row * columns[i]!, (row + 1) * columns[i]!), row * width + place);
      }
      place += columns[i]!;
    }
    return np.array(joined, { shape: parts[0]!.shape.length > 1 ? [rows, width] : [width] });
  };
  const weights = (): Weights => ({
    U: join('U_z', 'U_r', 'U_h'),
    b: join('b_z', 'b_r', 'b_h'),
    W: join('W_z', 'W_r'),
    W_h: join('W_h'),
    V: join('V'),
    b_y: join('b_y'),
  });
  const names = ['U', 'b', 'W', 'W_h', 'V', 'b_y'] as const;
  const each = (make: (name: keyof Weights) => np.Array): Weights =>
    Object.fromEntries(names.map((name) => [name, make(name)])) as Weights;

  const oneHot = (ids: Uint32Array) => {
    const rows = new Float32Array(ids.length * V);
    for (const [i, id] of ids.entries()) rows[i * V + id] = 1;
    return np.array(rows, { shape: [ids.length, V] });
  };
  const [x, goal] = [oneHot(exercise.inputs), oneHot(exercise.targets)];

  const loss = ({ U, b, W, W_h, V: V_, b_y }: Weights, x: np.Array, goal: np.Array): np.Array => {
    const inputs = np
      .matmul(x, U)
      .add(b)
      .reshape([T, B, 3 * H]);
    const states: np.Array[] = [];
    let h = np.zeros([B, H]);
    for (let t = 0; t < T; t++) {
      const input = inputs.ref.slice(t);
      const gates = nn.sigmoid(np.matmul(h.ref, W.ref).add(input.ref.slice([], [0, 2 * H])));
      const z = gates.ref.slice([], [0, H]);
      const r = gates.slice([], [H, 2 * H]);
      const c = np.tanh(np.matmul(r.mul(h.ref), W_h.ref).add(input.slice([], [2 * H, 3 * H])));
      h = h.ref.add(z.mul(c.sub(h)));
      states.push(h.ref);
    }
    for (const used of [inputs, h, W, W_h]) used.dispose();
    const logits = np.matmul(np.concatenate(states, 0), V_).add(b_y);
    return goal
      .mul(nn.logSoftmax(logits))
      .sum()
      .mul(-1 / (B * T));
  };

  const { learningRate, beta1, beta2, epsilon } = adam;
  /** Corrections: α / (1 − β₁ᵗ) and 1 / √(1 − β₂ᵗ). */
  const step = jit((w: Weights, m: Weights, v: Weights, corrections: np.Array, x: np.Array, goal: np.Array) => {
    const [value, gradients] = valueAndGrad(loss)(
      each((name) => w[name].ref),
      x,
      goal,
    ) as [np.Array, Weights];
    const first = each((name) => m[name].mul(beta1).add(gradients[name].ref.mul(1 - beta1)));
    const second = each((name) => v[name].mul(beta2).add(np.square(gradients[name]).mul(1 - beta2)));
    const next = each((name) => {
      const length = first[name].ref.mul(corrections.ref.slice(0));
      return w[name].sub(length.div(np.sqrt(second[name].ref).mul(corrections.ref.slice(1)).add(epsilon)));
    });
    corrections.dispose();
    return { value, next, first, second };
  });

  let w = weights();
  let m = each((name) => np.zeros(w[name].shape));
  let v = each((name) => np.zeros(w[name].shape));
  let count = 0;
  return {
    async step() {
      // Another backend may have had its turn in between.
      defaultDevice(backend);
      count++;
      const corrections = np.array([learningRate / (1 - beta1 ** count), 1 / Math.sqrt(1 - beta2 ** count)]);
      const taken = step(w, m, v, corrections, x.ref, goal.ref);
      ({ next: w, first: m, second: v } = taken);
      const [nats] = await taken.value.data();
      return nats!;
    },
    close() {
      for (const used of [w, m, v]) for (const name of names) used[name].dispose();
      for (const used of [x, goal]) used.dispose();
      step.dispose();
    },
  };
}
