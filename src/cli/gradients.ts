import { initialState } from '../engine/initial-state.ts';
import { ReferenceSession } from '../engine/reference/engine.ts';
import { encodeNpz } from '../files/npz.ts';
import { encodeTensors, type Tensor } from '../files/safetensors.ts';
import { statesOf } from '../model/cells/cells.ts';
import { parameterLayout } from '../model/parameters.ts';
import { defaultConfiguration } from '../training/configuration.ts';
import type { Command } from './command.ts';
import { chooseInNode } from './engine.ts';
import { assertWritable, isSameFile, readBatchFile, readModelFile, writeKeeping } from './files.ts';
import { type Given, UsageError } from './options.ts';
import { errors, output } from './output.ts';

/** Computes the gradients of a batch. */
export const gradients: Command = {
  summary:
    'Prints the loss of a batch, and writes its gradient by each parameter, under the parameter’s name, with the loss and ' +
    'the final state: F64 from the reference engine, F32 from the others.',
  operands: [{ name: 'm.safetensors' }, { name: 'batch.json' }],
  settings: ['engine', 'seed'],
  options: {
    out: {
      value: 'g.safetensors|g.npz',
      help: 'Where to write the gradients, for safetensors or for NumPy. What is there already is kept beside it.',
    },
    timesteps: {
      help: 'Writes besides, from the reference engine, the gradient at each timestep: dh, da of each gate, dq where there is a q.',
    },
    json: { help: 'Prints {"loss": …}.' },
  },
  run,
};

/** Tensors as a file, by the ending of its name. */
const encode = (path: string, tensors: ReadonlyMap<string, Tensor>, engine: string): Uint8Array<ArrayBuffer> =>
  path.endsWith('.npz') ? encodeNpz(tensors) : encodeTensors({ metadata: new Map([['engine', engine]]), tensors });

async function run({ operands: [modelPath, batchPath], settings, value, has }: Given): Promise<number> {
  const out = value('out');
  const { model, parameters, version } = await readModelFile(modelPath!);
  const batch = await readBatchFile(batchPath!, model);
  if (out !== undefined) {
    const isInput = (await Promise.all([modelPath!, batchPath!].map((path) => isSameFile(path, out)))).includes(true);
    if (isInput) throw new UsageError(`${out} is what the gradients are computed from: choose another name for --out.`);
    await assertWritable(out);
  }
  if (has('timesteps')) {
    if (out === undefined) throw new UsageError('--timesteps writes into a file: name one with --out.');
    if ((settings.engine ?? 'reference') !== 'reference') {
      throw new UsageError(
        '--timesteps is for the reference engine, which alone knows each timestep: leave --engine away.',
      );
    }
  }
  const wanted = has('timesteps') ? 'reference' : (settings.engine ?? defaultConfiguration.engine);
  const { engine } = await chooseInNode(wanted);
  try {
    const session = await engine.open(model, batch);
    session.write({ ...initialState(model, batch, 0), parameters });
    const { loss, flat, finalState } = await session.gradients(batch);
    const timesteps =
      has('timesteps') && session instanceof ReferenceSession ? await session.timestepGradients(batch) : [];
    session.close();
    const { places } = parameterLayout(model);
    const runaways = [
      ...(Number.isFinite(loss) ? [] : ['the loss']),
      ...places
        .filter(({ offset, length }) => !flat.subarray(offset, offset + length).every(Number.isFinite))
        .map(({ name }) => `the gradient of ${name}`),
    ];
    if (runaways.length > 0) {
      throw new Error(`With this model and this batch ${runaways.join(', ')} is not a finite number.`);
    }
    if (out !== undefined) {
      // A file of version 1 has a network with one state, and what reads its gradients knows of no more.
      const states = version === '1' ? [] : [statesOf(model).length];
      const tensors = new Map<string, Tensor>([
        ['loss', { shape: [1], data: Float64Array.of(loss) }],
        ['final_state', { shape: [...states, batch.rows, model.hiddenSize], data: finalState.slice() }],
        ...places.map(({ name, shape, offset, length }): [string, Tensor] => [
          name,
          { shape, data: flat.slice(offset, offset + length) },
        ]),
        ...timesteps.map(([name, data]): [string, Tensor] => {
          const size = batch.rows * model.hiddenSize;
          return [name, { shape: [data.length / size, batch.rows, model.hiddenSize], data }];
        }),
      ]);
      const kept = await writeKeeping(out, encode(out, tensors, engine.name));
      if (kept !== undefined) errors.tell(`What was there before is kept as ${kept}.`);
    }
    if (has('json')) output.printJson({ loss });
    else output.print(String(loss));
    return 0;
  } finally {
    engine.close();
  }
}
