import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-webgpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import wasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import wasmSimd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import * as tf from '@tensorflow/tfjs-core';
import type { Exercise, Training } from '../../src/benchmark/contenders.ts';

/**
 * The exercise with TensorFlow.js's core operations, in its faster form: the input products of all timesteps as one, z
 * and r as one, the outputs of all timesteps as one. One-hot arrays are made here: on its WebGPU, some operations on what
 * `oneHot` returns fail without a word.
 */
export async function prepare(backend: 'webgpu' | 'wasm', exercise: Exercise): Promise<Training> {
  const { size, parameters, adam } = exercise;
  const { V, H, B, T } = size;
  if (backend === 'wasm') {
    // Its threads need scripts that a bundle does not have, and were never seen to be more than one.
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    setWasmPaths({
      'tfjs-backend-wasm.wasm': wasm,
      'tfjs-backend-wasm-simd.wasm': wasmSimd,
      'tfjs-backend-wasm-threaded-simd.wasm': wasmSimd,
    });
  }
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no ${backend} here.`);
  await tf.ready();

  const variable = (name: string) => {
    const { shape, data } = parameters[name]!;
    return tf.variable(tf.tensor(data, [...shape]), true, `${backend} ${name}`);
  };
  const join = (...names: string[]) => {
    const parts = names.map((name) => tf.tensor(parameters[name]!.data, [...parameters[name]!.shape]));
    return tf.variable(tf.concat(parts, parts[0]!.rank - 1), true, [backend, ...names].join(' '));
  };
  const U = join('U_z', 'U_r', 'U_h');
  const b = join('b_z', 'b_r', 'b_h');
  const W = join('W_z', 'W_r');
  const [W_h, V_, b_y] = [variable('W_h'), variable('V'), variable('b_y')];
  const weights = [U, b, W, W_h, V_, b_y];

  const oneHot = (ids: Uint32Array) => {
    const rows = new Float32Array(ids.length * V);
    for (const [i, id] of ids.entries()) rows[i * V + id] = 1;
    return tf.tensor2d(rows, [ids.length, V]);
  };
  const [x, goal, h0] = [oneHot(exercise.inputs), oneHot(exercise.targets), tf.zeros<tf.Rank.R2>([B, H])];
  const optimizer = tf.train.adam(adam.learningRate, adam.beta1, adam.beta2, adam.epsilon);

  const loss = () =>
    tf.tidy(() => {
      const inputs = tf.add(tf.matMul(x, U as tf.Tensor2D), b);
      const steps = tf.unstack(tf.reshape(inputs, [T, B, 3 * H])) as tf.Tensor2D[];
      const states: tf.Tensor2D[] = [];
      let h = h0 as tf.Tensor2D;
      for (const input of steps) {
        const [a_zr, a_h] = tf.split(input, [2 * H, H], 1) as [tf.Tensor2D, tf.Tensor2D];
        const gates = tf.sigmoid(tf.add(a_zr, tf.matMul(h, W as tf.Tensor2D)));
        const [z, r] = tf.split(gates, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
        const c = tf.tanh(tf.add(a_h, tf.matMul(tf.mul(r, h) as tf.Tensor2D, W_h as tf.Tensor2D)));
        h = tf.add(h, tf.mul(z, tf.sub(c, h)));
        states.push(h);
      }
      const logits = tf.add(tf.matMul(tf.concat(states, 0), V_ as tf.Tensor2D), b_y);
      return tf.neg(tf.div(tf.sum(tf.mul(goal, tf.logSoftmax(logits))), B * T)) as tf.Scalar;
    });

  return {
    async step() {
      // Another backend may have had its turn in between.
      await tf.setBackend(backend);
      const { value, grads } = tf.variableGrads(loss, weights);
      optimizer.applyGradients(Object.entries(grads).map(([name, tensor]) => ({ name, tensor })));
      const [nats] = await value.data();
      tf.dispose([value, grads]);
      return nats!;
    },
    close() {
      optimizer.dispose();
      tf.dispose([...weights, x, goal, h0]);
    },
  };
}
