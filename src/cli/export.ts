import { mkdir, rm, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { exportFormats } from '../interop/export-formats.ts';
import { exportNetwork, remarkOnExport } from '../interop/formats.ts';
import type { Command } from './command.ts';
import { assertWritable, isSameFile, readModelFile, writeKeeping } from './files.ts';
import { type Given, UsageError } from './options.ts';
import { output } from './output.ts';
import { reasonOf } from './reasons.ts';

/** Writes a model as other frameworks keep theirs. */
export const exportCommand: Command = {
  summary:
    'Writes a model for PyTorch (a state dict), ONNX, or TensorFlow.js (a folder with model.json and its weights), or as a ' +
    'web page that writes with it in any browser, offline; docs/interop.md says how each opens it. Training is left away.',
  operands: [{ name: 'm.safetensors' }],
  settings: [],
  options: {
    to: { value: exportFormats.join('|'), help: 'The format.' },
    out: {
      value: 'FILE',
      help: 'Where to write it: a file, for tfjs a folder. What is there already is kept beside it.',
    },
    json: { help: 'Prints {"files": […]}, and the remark if there is one.' },
  },
  run,
};

async function run({ operands: [path], value, has }: Given): Promise<number> {
  const [to, out] = [value('to'), value('out')];
  const format = exportFormats.find((each) => each === to);
  if (format === undefined) throw new UsageError(`--to has to be one of ${exportFormats.join(', ')}.`);
  if (out === undefined) throw new UsageError('--out is missing: it names the file or, for tfjs, the folder to write.');
  const { training, ...network } = await readModelFile(path!);
  // A page writes as the training did that it is from.
  const exported = format === 'page' && training ? { ...network, training } : network;
  const written = await exportNetwork(exported, format, basename(out, extname(out))).catch((error: Error) => {
    if (error instanceof RangeError) throw new UsageError(`${path} cannot be written for ${format}. ${error.message}`);
    throw error;
  });
  const isFolder = written.length > 1;
  const made = isFolder ? await makeFolder(out) : undefined;
  const places = written.map(({ name, bytes }) => ({ to: isFolder ? join(out, name) : out, bytes }));
  const files = places.map(({ to }) => to);
  const kept: string[] = [];
  try {
    for (const to of files) {
      await assertWritable(to);
      if (await isSameFile(to, path!)) throw new UsageError(`--out is ${path}, which is read: name another one.`);
    }
    for (const { to, bytes } of places) kept.push(...[(await writeKeeping(to, bytes)) ?? []].flat());
  } catch (error) {
    // Part of a network is none.
    if (made !== undefined) await rm(made, { recursive: true, force: true });
    throw error;
  }
  const remark = remarkOnExport(network, format);
  if (has('json')) output.printJson({ files, ...(remark && { remark }) });
  else {
    for (const file of files) output.print(file);
    for (const name of kept) output.print(`What was there before is kept as ${name}.`);
    if (remark) output.print(remark);
  }
  return 0;
}

/**
 * A folder that there shall be.
 *
 * @returns the first of the folders that had to be made for it, if any had to be
 * @throws UsageError if there can be none
 */
async function makeFolder(path: string): Promise<string | undefined> {
  if ((await stat(path).catch(() => undefined))?.isDirectory()) return undefined;
  try {
    // By itself first: for what it makes with its parents Node does not tell well why it cannot be made.
    return await mkdir(path).then(
      () => path,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return mkdir(path, { recursive: true });
      },
    );
  } catch (error) {
    throw new UsageError(`${path} cannot be made a folder: ${reasonOf(error)}.`);
  }
}
