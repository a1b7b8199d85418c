/**
 * `npm run reber`: trains both cells on both Reber grammars, from several seeds, and prints the table of `docs/reber.md`.
 *
 *     npm run reber -- [--seeds 5] [--hidden 16] [--steps 3000] [--output log-softmax]
 */

import { parseArgs } from 'node:util';
import { floorOf } from '../corpus/corpus.ts';
import { generated } from '../corpus/generated.ts';
import { embeddedReber, reber } from '../corpus/reber.ts';
import { type ReberScore, scoreReber } from '../experiment/reber.ts';
import { cells } from '../model/configuration.ts';
import { type Configuration, defaultConfiguration, parseSetting } from '../training/configuration.ts';
import { Run } from '../training/run.ts';

const grammars = { reber, 'embedded-reber': embeddedReber } as const;
type Grammar = keyof typeof grammars;

const options = {
  seeds: { type: 'string', default: '5' },
  hidden: { type: 'string', default: '16' },
  steps: { type: 'string', default: '3000' },
  output: { type: 'string', default: 'log-softmax' },
  help: { type: 'boolean', default: false },
} as const;

/** Strings that each network is asked about, drawn from a seed that no text is drawn from. */
const trial = { strings: 1000, seed: 99 } as const;

type Result = ReberScore & { readonly above: number };

async function train(grammar: Grammar, configuration: Configuration): Promise<Result> {
  const corpus = generated[grammar]();
  const run = await Run.open(corpus, configuration);
  run.startAfresh();
  while (!run.finished) await run.takeStep();
  const held = (await run.validate())! / Math.LN2;
  const score = await scoreReber(run.session, run.vocabulary, { automaton: grammars[grammar], ...trial });
  run.close();
  return { ...score, above: held - floorOf(corpus, configuration.output)! };
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

async function tabulate(): Promise<void> {
  const { values } = parseArgs({ options });
  if (values.help) {
    console.log('npm run reber -- [--seeds n] [--hidden n] [--steps n] [--output log-softmax|sigmoid]');
    return;
  }
  const configuration: Configuration = {
    ...defaultConfiguration,
    engine: 'cpu',
    batches: 'streams',
    sequence: 32,
    learningRate: 0.02,
    hidden: parseSetting('hidden', values.hidden),
    steps: parseSetting('steps', values.steps),
    output: parseSetting('output', values.output),
  };
  const seeds = Array.from({ length: parseSetting('steps', values.seeds) }, (_, i) => i + 1);
  console.log('| grammar | cell | bits above the floor | decisive symbol right | allowed set right |');
  console.log('|---|---|---|---|---|');
  for (const grammar of Object.keys(grammars) as Grammar[]) {
    for (const cell of cells) {
      const results: Result[] = [];
      for (const seed of seeds) results.push(await train(grammar, { ...configuration, cell, seed }));
      const list = (of: (result: Result) => string) => results.map(of).join(', ');
      const decisive = list(({ decisive }) => (decisive === undefined ? '–' : percent(decisive)));
      const above = list(({ above }) => above.toFixed(3));
      const figures = [above, grammar === 'reber' ? '–' : decisive, list(({ sets }) => percent(sets))];
      console.log(`| ${grammar} | ${cell.toUpperCase()} | ${figures.join(' | ')} |`);
    }
  }
}

try {
  await tabulate();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = error instanceof RangeError || error instanceof TypeError ? 2 : 1;
}
