import { basename, dirname, join } from 'node:path';
import { encodeModelFile } from '../files/model-file.ts';
import { networkName } from '../format.ts';
import { companionsOf, importNetwork, vocabularyOf } from '../interop/formats.ts';
import type { NamedFile } from '../interop/network.ts';
import { cells } from '../model/cells/cells.ts';
import { outputs } from '../model/configuration.ts';
import type { Command } from './command.ts';
import { assertWritable, isSameFile, readBytes, writeKeeping } from './files.ts';
import { type Given, UsageError } from './options.ts';
import { output } from './output.ts';

/** Makes a model of Sluice of one that another framework wrote. */
export const importCommand: Command = {
  summary:
    'Makes a model of Sluice of a network from elsewhere: a PyTorch state dict as safetensors, an ONNX file, or a ' +
    'TensorFlow.js or Keras model.json with its shards beside it. What cannot be carried over exactly is refused.',
  operands: [{ name: 'FILE' }],
  settings: [],
  options: {
    out: { value: 'm.safetensors', help: 'Where to write the model. What is there already is kept beside it.' },
    vocabulary: {
      value: 'v.json|text.txt',
      help: 'The symbols in the order of their ids, or the text that was learned.',
    },
    map: { value: 'map.json', help: 'Which weights are which, where their names do not tell: docs/interop.md.' },
    cell: { value: cells.join('|'), help: 'The cell, where the names of the weights leave two.' },
    output: { value: outputs.join('|'), help: 'What becomes of the output, where the file does not tell.' },
    json: { help: 'Prints {"model": …, "remarks": […]}.' },
  },
  run,
};

async function run({ operands: [path], value, has }: Given): Promise<number> {
  const out = value('out');
  if (out === undefined) throw new UsageError('--out is missing: it names the model file to write.');
  await assertWritable(out);
  const main = await named(path!);
  const [vocabulary, map] = [value('vocabulary'), value('map')];
  const { file, remarks } = await about(path!, async () => {
    const companions = (await companionsOf(main)).map((name) => join(dirname(path!), name));
    for (const input of [path, vocabulary, map, ...companions]) {
      if (input !== undefined && (await isSameFile(out, input))) {
        throw new UsageError(`--out is ${input}, which is read: name another one.`);
      }
    }
    return importNetwork([main, ...(await Promise.all(companions.map(named)))], {
      vocabulary: vocabulary === undefined ? undefined : vocabularyOf(await named(vocabulary)),
      map: map === undefined ? undefined : new TextDecoder().decode(await readBytes(map)),
      cell: oneOf('cell', cells, value('cell')),
      output: oneOf('output', outputs, value('output')),
    });
  });
  const { model } = file;
  const kept = await writeKeeping(out, encodeModelFile(file));
  if (has('json')) output.printJson({ model, remarks });
  else {
    const { cell, layers, hiddenSize: hidden, inputSize, outputSize } = model;
    const reads = model.inputs === 'symbols' ? `reads ${inputSize} symbols` : `reads vectors of ${inputSize}`;
    output.print(
      `${out}: ${networkName({ cell, layers, hidden })}, ${reads}, puts out ${outputSize} (${model.output}).`,
    );
    for (const remark of remarks) output.print(remark);
    if (kept !== undefined) output.print(`What was there before is kept as ${kept}.`);
  }
  return 0;
}

async function named(path: string): Promise<NamedFile> {
  return { name: basename(path), bytes: new Uint8Array(await readBytes(path)) };
}

/** Says of which file it is that something is wrong with it. */
async function about<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof RangeError)) throw error;
    throw new UsageError(`${path} cannot be used. ${error.message}`);
  }
}

function oneOf<Word extends string>(
  name: string,
  words: readonly Word[],
  written: string | undefined,
): Word | undefined {
  if (written === undefined) return undefined;
  const word = words.find((each) => each === written);
  if (word === undefined) throw new UsageError(`--${name} is ${written}, but has to be one of ${words.join(', ')}.`);
  return word;
}
