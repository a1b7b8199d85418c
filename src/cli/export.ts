import { mkdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { exportFormats } from '../interop/export-formats.ts';
import { exportNetwork } from '../interop/formats.ts';
import type { Command } from './command.ts';
import { assertWritable, isSameFile, readModelFile, writeKeeping } from './files.ts';
import { type Given, UsageError } from './options.ts';
import { output } from './output.ts';

/** Writes a model as other frameworks keep theirs. */
export const exportCommand: Command = {
  summary:
    'Writes a model for PyTorch (a state dict), ONNX, or TensorFlow.js (a folder with model.json and its weights); ' +
    'docs/interop.md says how each opens it. Training is left away.',
  operands: [{ name: 'm.safetensors' }],
  settings: [],
  options: {
    to: { value: exportFormats.join('|'), help: 'The format.' },
    out: {
      value: 'FILE',
      help: 'Where to write it: a file, for tfjs a folder. What is there already is kept beside it.',
    },
    json: { help: 'Prints {"files": […]}.' },
  },
  run,
};

async function run({ operands: [path], value, has }: Given): Promise<number> {
  const [to, out] = [value('to'), value('out')];
  const format = exportFormats.find((each) => each === to);
  if (format === undefined) throw new UsageError(`--to has to be one of ${exportFormats.join(', ')}.`);
  if (out === undefined) throw new UsageError('--out is missing: it names the file or, for tfjs, the folder to write.');
  const { training: _, ...network } = await readModelFile(path!);
  const written = await exportNetwork(network, format, basename(out, extname(out))).catch((error: Error) => {
    if (error instanceof RangeError) throw new UsageError(`${path} cannot be written for ${format}. ${error.message}`);
    throw error;
  });
  const isFolder = written.length > 1;
  if (isFolder) {
    await mkdir(out, { recursive: true }).catch(() => {
      throw new UsageError(`${out} cannot be made: name a folder, or one to make.`);
    });
  }
  const places = written.map(({ name, bytes }) => ({ to: isFolder ? join(out, name) : out, bytes }));
  for (const { to } of places) {
    await assertWritable(to);
    if (await isSameFile(to, path!)) throw new UsageError('--out is the file that is read: name another one.');
  }
  const files = places.map(({ to }) => to);
  const kept: string[] = [];
  for (const { to, bytes } of places) kept.push(...[(await writeKeeping(to, bytes)) ?? []].flat());
  if (has('json')) output.printJson({ files });
  else {
    for (const file of files) output.print(file);
    for (const name of kept) output.print(`What was there before is kept as ${name}.`);
  }
  return 0;
}
