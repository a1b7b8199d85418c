import { fingerprint } from '../data/fingerprint.ts';
import { split } from '../data/text/split.ts';
import { initialState } from '../engine/initial-state.ts';
import { defaultConfiguration } from '../training/configuration.ts';
import {
  dynamicDefaults,
  type Evaluation,
  type EvaluationProgress,
  evaluate,
  evaluationCapacity,
} from '../training/evaluation.ts';
import type { Command } from './command.ts';
import { readText } from './data.ts';
import { chooseInNode } from './engine.ts';
import { readModelFile } from './files.ts';
import { type Given, readNumber, UsageError } from './options.ts';
import { errors, output } from './output.ts';
import { writersVocabulary } from './purpose.ts';

/** Measures a model on the part of its text that was held out. */
export const evaluateCommand: Command = {
  summary:
    'Measures a model on the part of its text that was held out, in bits a character: as it is; going on to learn from what it ' +
    'has read (dynamic evaluation); and mixed with n-grams. Three figures that are not to be mixed up.',
  operands: [{ name: 'm.safetensors' }, { name: 'text.txt' }],
  settings: ['engine'],
  options: {
    segment: {
      value: 'n',
      help: `Characters between two steps of the dynamic evaluation. (${dynamicDefaults.segment})`,
    },
    'dynamic-rate': { value: 'n', help: `Its learning rate. (${dynamicDefaults.learningRate})` },
    json: { help: 'Prints one object: the figures, and how many characters they are the mean of.' },
  },
  run,
};

async function run({ operands, settings, value, has }: Given): Promise<number> {
  const [path, word] = operands as [string, string];
  const dynamic = {
    segment: readNumber('segment', value('segment') ?? String(dynamicDefaults.segment), {
      minimum: 1,
      maximum: 4096,
      whole: true,
    }),
    learningRate: readNumber('dynamic-rate', value('dynamic-rate') ?? String(dynamicDefaults.learningRate), {
      minimum: 0,
      maximum: 1,
      whole: false,
    }),
  };
  const file = await readModelFile(path);
  const { model, parameters, training } = file;
  const vocabulary = writersVocabulary(path, file);
  if (model.output !== 'log-softmax') {
    throw new UsageError(`${path} has a ${model.output} for an output, which is no probability of the next character.`);
  }
  const dataset = await readText(word);
  if (training?.dataset.sha256 !== fingerprint(dataset)) {
    throw new UsageError(
      `${path} does not say what was held out of ${word}: give the text that it was trained on${training ? `, ${training.dataset.name}` : ''}.`,
    );
  }
  const parts = split(dataset.text, training.configuration.validation, vocabulary);
  if (parts.validation.length === 0) {
    throw new UsageError(`Nothing of ${word} was held out when ${path} was trained: train with --validation 0.1.`);
  }
  const { engine, reason } = await chooseInNode(settings.engine ?? defaultConfiguration.engine);
  try {
    const capacity = evaluationCapacity(dynamic);
    const session = await engine.open(model, capacity);
    const { step, m, v } = training;
    session.write({ ...initialState(model, capacity, 0), step, parameters, m, v });
    (has('json') ? errors : output).tell(`Engine: ${engine.name} on ${engine.device}. ${reason}`);
    const heard = (progress: EvaluationProgress) => errors.tellProgress(wordsOf(progress));
    const evaluation = await evaluate(session, parts, dynamic, heard).finally(() => errors.tellProgress());
    session.close();
    if (has('json')) output.printJson({ text: dataset.name, step, ...evaluation, dynamicSettings: dynamic });
    else output.print(describe(evaluation, dataset.name));
    return 0;
  } finally {
    engine.close();
  }
}

function describe({ characters, network, dynamic, mixed }: Evaluation, text: string): string {
  const bits = (figure: number) => `${figure.toFixed(4)} bits a character`;
  return [
    `The last ${characters.toLocaleString('en')} characters of ${text}, which were held out:`,
    `  ${bits(network)}  the network as it is`,
    `  ${bits(dynamic)}  the network that goes on learning from what it has read`,
    `  ${bits(mixed)}  the network mixed with n-grams`,
  ].join('\n');
}

function wordsOf({ phase, share }: EvaluationProgress): string {
  const words = {
    network: 'The network reads',
    'n-grams': 'N-grams are counted',
    dynamic: 'The network reads and learns',
  };
  return `${words[phase]}: ${Math.floor(100 * share)} %`;
}
