import { floorOf } from '../data/text/corpus.ts';
import { embeddedReber, embeddedReberText, reber as reberGrammar, reberText } from '../data/text/reber.ts';
import { demandText } from '../data/text/task.ts';
import { type ReberScore, scoreReber } from '../experiment/reber.ts';
import { type Cell, cells, describeCell } from '../model/cells/cells.ts';
import { type Configuration, defaultConfiguration, parseSetting } from '../training/configuration.ts';
import { Run } from '../training/run.ts';
import type { Command } from './command.ts';
import { chooseInNode } from './engine.ts';
import { type Given, readNumber, UsageError } from './options.ts';
import { output } from './output.ts';

/** What is used unless something else is asked for: enough for small networks to learn these small grammars. */
const defaults = {
  hidden: 16,
  batches: 'streams',
  sequence: 32,
  steps: 3000,
  learningRate: 0.02,
} as const satisfies Partial<Configuration>;

/** Compares the cells on the Reber grammars. */
export const reber: Command = {
  summary:
    'Trains every cell on both Reber grammars, each from several seeds, asks each network about 1,000 fresh strings, and ' +
    'prints the table of docs/reber.md: a figure for each seed.',
  operands: [],
  settings: ['engine', 'layers', 'hidden', 'output', 'batch', 'sequence', 'steps', 'learningRate', 'seed'],
  defaults,
  options: {
    cells: { value: cells.join(','), help: 'Which cells. (all of these)' },
    runs: { value: 'n', help: 'From how many seeds, counted from the seed. (5)' },
  },
  run,
};

const texts = { reber: reberText, 'embedded-reber': embeddedReberText } as const;
const grammars = { reber: reberGrammar, 'embedded-reber': embeddedReber } as const;
type Grammar = keyof typeof grammars;

/** Strings that each network is asked about, drawn from a seed that no text is drawn from. */
const trial = { strings: 1000, seed: 99 } as const;

type Result = ReberScore & { readonly above: number };

async function train(grammar: Grammar, configuration: Configuration): Promise<Result> {
  const dataset = texts[grammar]();
  const run = await Run.open(dataset, configuration, chooseInNode);
  run.startAfresh();
  while (!run.finished) await run.takeStep();
  const held = (await run.validate())! / Math.LN2;
  const score = await scoreReber(run.network, demandText(run.task).encoding.vocabulary, {
    automaton: grammars[grammar],
    ...trial,
  });
  run.close();
  return { ...score, above: held - floorOf(dataset, configuration.output)! };
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

async function run({ settings, value }: Given): Promise<number> {
  const configuration: Configuration = { ...defaultConfiguration, ...defaults, ...settings };
  const chosen = value('cells')?.split(',').map(readCell) ?? cells;
  const runs = readNumber('runs', value('runs') ?? '5', { minimum: 1, whole: true });
  output.print('| grammar | cell | bits above the floor | decisive symbol right | allowed set right |');
  output.print('|---|---|---|---|---|');
  for (const grammar of Object.keys(grammars) as Grammar[]) {
    for (const cell of chosen) {
      const results: Result[] = [];
      for (let i = 0; i < runs; i++) {
        results.push(await train(grammar, { ...configuration, cell, seed: configuration.seed + i }));
      }
      const list = (of: (result: Result) => string) => results.map(of).join(', ');
      const above = list(({ above }) => above.toFixed(3));
      const decisive = grammar === 'reber' ? '–' : list(({ decisive }) => percent(decisive!));
      const figures = [above, decisive, list(({ sets }) => percent(sets))];
      output.print(`| ${grammar} | ${describeCell(cell).title} | ${figures.join(' | ')} |`);
    }
  }
  return 0;
}

function readCell(written: string): Cell {
  try {
    return parseSetting('cell', written.trim());
  } catch (error) {
    throw new UsageError(`--cells: ${(error as Error).message}`);
  }
}
