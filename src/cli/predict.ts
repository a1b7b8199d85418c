import { kindLearned } from '../data/kinds.ts';
import { answersTo } from '../data/labelled/answers.ts';
import { predictSeries } from '../data/series/predict.ts';
import type { EngineName } from '../engine/engine.ts';
import type { ModelFile } from '../files/model-file.ts';
import { defaultConfiguration } from '../training/configuration.ts';
import { about, capacityFor, readAskedData, readAskedSeries, wordsOfUnknown } from './asked.ts';
import type { Command } from './command.ts';
import { readModelFile } from './files.ts';
import { seriesCapacity, withNetwork } from './network.ts';
import type { Given } from './options.ts';
import { output } from './output.ts';
import { forNumbers } from './purpose.ts';
import { outOption, RowsOut } from './rows.ts';

/** Predicts numbers. */
export const predict: Command = {
  summary:
    'Predicts each row of a series from those before it, or the numbers of labelled sequences: as CSV, in their own units.',
  operands: [{ name: 'm.safetensors' }, { name: 'data' }],
  settings: ['engine'],
  options: { out: outOption, json: { help: 'Prints one object a line for each prediction.' } },
  run,
};

/** What is predicted, row by row. */
interface Predictions {
  /** What tells rows from each other: numbers from 1. */
  readonly keys: readonly string[];
  /** Of each row its keys, then a number for each variable: NaN where nothing is predicted. */
  readonly rows: readonly (readonly number[])[];
}

/** What is needed to predict. */
interface Question {
  readonly word: string;
  readonly file: ModelFile;
  readonly engine: 'auto' | EngineName;
  note(sentence: string): void;
}

async function run(given: Given): Promise<number> {
  const [path, word] = given.operands as [string, string];
  const file = forNumbers(path, await readModelFile(path));
  const out = await RowsOut.open(given, [path, word]);
  const { engine = defaultConfiguration.engine } = given.settings;
  const question = { word, file, engine, note: (sentence: string) => out.note(sentence) };
  const { keys, rows } = await (kindLearned(file) === 'series' ? predictRows : predictSamples)(question);
  const names = file.outputs.map(({ name }) => name);
  if (given.has('json')) {
    for (const row of rows) {
      const predicted = Object.fromEntries(names.map((name, i) => [name, row[keys.length + i]!]));
      output.printJson({ ...Object.fromEntries(keys.map((key, i) => [key, row[i]!])), predicted });
    }
  }
  await out.write([...keys, ...names.map((name) => `${name} predicted`)], rows);
  return 0;
}

async function predictRows({ word, file, engine, note }: Question): Promise<Predictions> {
  const { columns, remarks = [] } = await readAskedSeries(word);
  for (const remark of remarks) note(remark);
  const predicted = await about(word, () =>
    withNetwork(file, engine, seriesCapacity, (network) => predictSeries(network, file, columns)),
  );
  const rows = Array.from(columns[0]!.values, (_, row) => [row + 1, ...predicted.map(({ values }) => values[row]!)]);
  return { keys: ['row'], rows };
}

async function predictSamples({ word, file, engine, note }: Question): Promise<Predictions> {
  const asked = await readAskedData(word, file);
  const { each, unknown } = await about(word, () =>
    withNetwork(file, engine, capacityFor(asked), (network) => answersTo(network, file, asked.inputs)),
  );
  if (unknown.size > 0) note(wordsOfUnknown(word, file, unknown));
  const O = file.model.outputSize;
  if (file.answers === 'timestep') {
    const rows = each.flatMap(({ outputs }, sample) =>
      Array.from({ length: outputs.length / O }, (_, t) => [
        sample + 1,
        t + 1,
        ...outputs.subarray(t * O, (t + 1) * O),
      ]),
    );
    return { keys: ['sample', 'timestep'], rows };
  }
  const nothing = new Float32Array(O).fill(Number.NaN);
  const rows = each.map(({ outputs }, sample) => [sample + 1, ...(outputs.length > 0 ? outputs.slice(-O) : nothing)]);
  return { keys: ['sample'], rows };
}
