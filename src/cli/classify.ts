import type { Asked } from '../data/labelled/asked.ts';
import {
  type Classified,
  type Confusion,
  classify as classifyAll,
  confusionIn,
  likeliestOf,
} from '../data/labelled/classify.ts';
import { encodeTargets } from '../data/labelled/encode.ts';
import type { ModelFile } from '../files/model-file.ts';
import { defaultConfiguration } from '../training/configuration.ts';
import { about, capacityFor, readAskedData, wordsOfUnknown } from './asked.ts';
import type { Command } from './command.ts';
import { readModelFile } from './files.ts';
import { withNetwork } from './network.ts';
import type { Given } from './options.ts';
import { errors, output } from './output.ts';
import { forClasses } from './purpose.ts';
import { type Field, outOption, RowsOut } from './rows.ts';

/** Tells labelled sequences apart. */
export const classify: Command = {
  summary:
    'Says what a network takes each sample for, and how likely: a text a line, a table, or JSON Lines, with labels or ' +
    'without. With labels also how many are right, and which are taken for which.',
  operands: [{ name: 'm.safetensors' }, { name: 'data' }],
  settings: ['engine'],
  options: {
    inputs: { value: 'column', help: 'Of a table, the column of the texts.' },
    predict: { value: 'column', help: 'Of a table, the column of the labels.' },
    out: outOption,
    json: { help: 'Prints one object a line for each answer, and one for how many are right.' },
  },
  run,
};

async function run(given: Given): Promise<number> {
  const [path, word] = given.operands as [string, string];
  const { engine = defaultConfiguration.engine } = given.settings;
  const file = forClasses(path, await readModelFile(path));
  const out = await RowsOut.open(given, [path, word]);
  const [inputs, predict] = [given.value('inputs'), given.value('predict')];
  const asked = await readAskedData(word, file, { ...(inputs && { inputs }), ...(predict && { predict }) });
  const heard = (share: number) => errors.tellProgress(`Samples are read: ${Math.floor(100 * share)} %`);
  const { each, unknown, labels } = await about(word, async () => {
    // What the network does not tell apart is refused before it is asked.
    const labels = asked.labels && encodeTargets(asked.labels, file);
    const answers = await withNetwork(file, engine, capacityFor(asked), (network) =>
      classifyAll(network, file, asked.inputs, heard).finally(() => errors.tellProgress()),
    );
    return { ...answers, labels };
  });
  if (unknown.size > 0) out.note(wordsOfUnknown(word, file, unknown));
  const answers = each.flatMap((classified, sample) => answersOf(file, classified, asked, sample));
  if (given.has('json')) for (const answer of answers) output.printJson(answer);
  await out.write(...tableOf(answers));
  if (labels === undefined) return 0;
  const confusion = confusionIn(each, file.classes, labels, answersAt(file));
  if (given.has('json')) {
    const { accuracy, classes, counts } = confusion;
    output.printJson({ accuracy, classes, confusion: counts });
  } else for (const line of linesOf(confusion)) out.note(line);
  return 0;
}

const answersAt = ({ answers = 'end' }: ModelFile) => answers;

/** What a network takes one sample for, or one of its timesteps. */
interface Answer {
  /** From 1, as the timestep is. */
  readonly sample: number;
  readonly timestep?: number;
  /** Of a sample of characters. */
  readonly text?: string;
  /** Nothing, of a sample in which the network knows nothing. */
  readonly label: string | null;
  readonly probability: number | null;
  /** Of each class. */
  readonly probabilities: Readonly<Record<string, number>>;
  /** What it is, where the data say so. */
  readonly actual?: string;
}

function answersOf(
  file: ModelFile & { readonly classes: readonly string[] },
  { atEnd, afterEach }: Classified,
  { inputs, labels }: Asked,
  sample: number,
): readonly Answer[] {
  const { classes } = file;
  const text =
    inputs.kind === 'symbols' ? Array.from(inputs.ids[sample]!, (id) => inputs.symbols[id]!).join('') : undefined;
  const answer = (probabilities: Float32Array | undefined, place: number, timestep?: number): Answer => {
    const actual = labels?.classes[labels.ids[sample]![place]!];
    const likeliest = probabilities && likeliestOf(probabilities);
    return {
      sample: sample + 1,
      ...(timestep !== undefined && { timestep }),
      ...(text !== undefined && { text }),
      label: likeliest === undefined ? null : classes[likeliest]!,
      probability: likeliest === undefined ? null : probabilities![likeliest]!,
      probabilities: Object.fromEntries(Array.from(probabilities ?? [], (p, i) => [classes[i]!, p])),
      ...(actual !== undefined && { actual }),
    };
  };
  if (answersAt(file) === 'end') return [answer(atEnd, 0)];
  const O = classes.length;
  return Array.from({ length: afterEach.length / O }, (_, t) =>
    answer(afterEach.subarray(t * O, (t + 1) * O), t, t + 1),
  );
}

/** Answers as columns and rows, without columns that no answer has anything for. */
function tableOf(answers: readonly Answer[]): [columns: readonly string[], rows: readonly (readonly Field[])[]] {
  const columns = (['sample', 'timestep', 'text', 'label', 'probability', 'actual'] as const).filter((name) =>
    answers.some((answer) => answer[name] !== undefined),
  );
  return [columns, answers.map((answer) => columns.map((name) => answer[name] ?? ''))];
}

/** How many labels are right, and a table with a row for each class: how often it was taken for each. */
function linesOf({ classes, counts, accuracy }: Confusion): readonly string[] {
  const cells = [['', ...classes], ...counts.map((row, label) => [classes[label]!, ...row.map(String)])];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const table = cells.map(([label = '', ...row]) =>
    [label.padEnd(widths[0]!), ...row.map((cell, i) => cell.padStart(widths[i + 1]!))].join('  '),
  );
  return [`${(100 * accuracy).toFixed(1)} % of the labels are right. Each class, a row, was taken for:`, ...table];
}
