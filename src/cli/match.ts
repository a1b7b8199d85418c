import { fingerprint } from '../data/fingerprint.ts';
import type { Corpus } from '../data/text/corpus.ts';
import { type Split, split } from '../data/text/split.ts';
import type { Engine } from '../engine/engine.ts';
import { initialState } from '../engine/initial-state.ts';
import { csvOfCurves, csvOfTrials, curvesOf } from '../experiment/curves.ts';
import { type ExperimentProgress, type ExperimentResult, runExperiment } from '../experiment/experiment.ts';
import { complaintAboutParts, defaultOptions, type ExperimentOptions, optionRanges } from '../experiment/options.ts';
import { svgOfCurves } from '../experiment/plot.ts';
import type { ModelFile } from '../files/model-file.ts';
import type { Vocabulary } from '../model/vocabulary.ts';
import { defaultConfiguration, parseValue } from '../training/configuration.ts';
import type { Command } from './command.ts';
import { isBuiltIn, readText } from './data.ts';
import { chooseInNode } from './engine.ts';
import { assertWritable, readModelFile, targetOf, writeKeeping } from './files.ts';
import { circumstancesOf, describeResult, type Subject } from './match-report.ts';
import { type Given, kebab, UsageError } from './options.ts';
import { errors, output } from './output.ts';
import { writersVocabulary } from './purpose.ts';

const numbers = ['trials', 'primeLength', 'length'] as const;

/** What is written to files, by the option that names the file. */
const exports: Readonly<
  Record<string, { value: string; help: string; contents: (result: ExperimentResult, subject: Subject) => string }>
> = {
  csv: {
    value: 'curves.csv',
    help: 'Where to write how many trials reach each length, a column for each curve.',
    contents: (result) => csvOfCurves(curvesOf(result)),
  },
  'trials-csv': {
    value: 'trials.csv',
    help: 'Where to write every trial, a line each.',
    contents: (result) => csvOfTrials(result),
  },
  svg: {
    value: 'plot.svg',
    help: 'Where to write the plot of the curves.',
    contents: (result, subject) => svgOfCurves(curvesOf(result), circumstancesOf(subject, result.options)),
  },
};

/** Measures how long a model's predictions match the text it has learned. */
export const match: Command = {
  summary:
    'The matching experiment: draws primes from the text that a model has learned, lets it go on from each, and counts for ' +
    'how many characters its predictions match the text; character n-grams are the measure. See docs/matching.md.',
  operands: [{ name: 'm.safetensors' }, { name: 'text.txt' }],
  settings: ['engine', 'temperature', 'seed'],
  defaults: { temperature: defaultOptions.temperature },
  options: {
    ...Object.fromEntries(
      numbers.map((name) => [
        kebab(name),
        { value: 'n', help: `${optionRanges[name].help} (${defaultOptions[name]})` },
      ]),
    ),
    'held-out': { help: 'Draws as many primes from the part of the text that was held out in training, too.' },
    json: { help: 'Prints one object: the model, the options, and for each curve its counts and all its trials.' },
    ...exports,
  },
  run,
};

/** Primes that a session has room for side by side; more come one group after the other. */
const sideBySide = 512;

async function run({ operands, settings, value, has }: Given): Promise<number> {
  const [modelPath, word] = operands as [string, string];
  const { engine: wanted = defaultConfiguration.engine, ...sampling } = settings;
  const options: ExperimentOptions = {
    ...defaultOptions,
    ...readNumbers(value),
    ...sampling,
    heldOut: has('held-out'),
  };
  const note = (sentence: string) => (has('json') ? errors : output).tell(sentence);
  const file = await readModelFile(modelPath);
  const { training } = file;
  const vocabulary = writersVocabulary(modelPath, file);
  const dataset = await readText(word);
  const isItsText = training?.dataset.sha256 === fingerprint(dataset);
  // What was held out is known of the text that it was trained on alone; of any other text all is there to be matched.
  const parts = splitFor(word, dataset, isItsText ? training.configuration.validation : 0, vocabulary);
  if (options.heldOut && !isItsText) {
    throw new UsageError(`${modelPath} does not say what was held out of ${word}: leave --held-out away.`);
  }
  const complaint = complaintAboutParts(options, parts.training.length, parts.validation.length);
  if (complaint) throw new UsageError(complaint);
  const outputs = await openOutputs(value, [
    { what: 'the model', path: modelPath },
    ...(isBuiltIn(word) ? [] : [{ what: 'the text', path: word }]),
  ]);

  const { engine, reason } = await chooseInNode(wanted);
  try {
    const subject: Subject = { dataset: dataset.name, model: file.model, ...(training && { step: training.step }) };
    const session = await openSession(engine, file, options);
    note(`Engine: ${engine.name} on ${engine.device}. ${reason}`);
    if (training && !isItsText) {
      note(
        `It was trained on ${training.dataset.name}, and not on ${word} as it is: all of that is taken as its text.`,
      );
    }
    const heard = (progress: ExperimentProgress) => errors.tellProgress(wordsOf(progress));
    const result = await runExperiment(session, parts, options, heard).finally(() => errors.tellProgress());
    session.close();
    if (has('json')) output.printJson(reportOf(subject, result));
    // With colours of its own, and nothing else of the kind.
    else output.write(`${describeResult(subject, result)}\n`);
    for (const { path, contents } of outputs) {
      const kept = await writeKeeping(path, new TextEncoder().encode(contents(result, subject)));
      note(`${path} is written.${kept === undefined ? '' : ` What was there is kept as ${kept}.`}`);
    }
    return 0;
  } finally {
    engine.close();
  }
}

function readNumbers(value: Given['value']): Partial<ExperimentOptions> {
  const entries = numbers.flatMap((name) => {
    const written = value(kebab(name));
    if (written === undefined) return [];
    try {
      return [
        [name, parseValue({ kind: 'number', default: defaultOptions[name], ...optionRanges[name] }, written)] as const,
      ];
    } catch (error) {
      throw new UsageError(`--${kebab(name)}: ${(error as Error).message}`);
    }
  });
  return Object.fromEntries(entries);
}

/** The text in the model's own symbols. */
function splitFor(word: string, dataset: Corpus, share: number, vocabulary: Vocabulary): Split {
  try {
    return split(dataset.text, share, vocabulary);
  } catch (error) {
    throw new UsageError(`${word} cannot be used. ${(error as Error).message}`);
  }
}

/**
 * The files that are to be written.
 *
 * @param inputs the files that are read
 * @throws UsageError if one cannot be written, or two names lead to the same file, of which one would be lost
 */
async function openOutputs(value: Given['value'], inputs: readonly { readonly what: string; readonly path: string }[]) {
  const outputs = Object.entries(exports).flatMap(([option, { contents }]) => {
    const path = value(option);
    return path === undefined ? [] : [{ what: `the file of --${option}`, path, contents }];
  });
  const known = new Map<string, string>();
  for (const { what, path } of [...inputs, ...outputs]) {
    const target = await targetOf(path);
    const other = known.get(target);
    if (other !== undefined) {
      throw new UsageError(`${path} is ${other} and cannot be ${what} as well: choose another name.`);
    }
    known.set(target, what);
  }
  for (const { path } of outputs) await assertWritable(path);
  return outputs;
}

async function openSession(engine: Engine, { model, parameters }: ModelFile, { trials, heldOut }: ExperimentOptions) {
  const capacity = { rows: Math.min(heldOut ? 2 * trials : trials, sideBySide), timesteps: 1 };
  const session = await engine.open(model, capacity);
  session.write({ ...initialState(model, capacity, 0), parameters });
  return session;
}

function wordsOf({ phase, share }: ExperimentProgress): string {
  const words = {
    predicting: 'The network predicts …',
    'n-grams': 'N-grams predict',
    matching: 'Looking for the predictions in the text',
  };
  return words[phase] + (share === undefined ? '' : `: ${Math.floor(100 * share)} %`);
}

/** The same as the page's JSON has for each of its runs. */
function reportOf({ dataset, step, model }: Subject, result: ExperimentResult) {
  const { cell, layers, hiddenSize: hidden } = model;
  return { text: dataset, step, cell, layers, hidden, ...result };
}
