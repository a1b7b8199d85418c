/** The command line: `node dist/cli.js COMMAND …`, or `npm run COMMAND -- …`. */

import { inspect } from 'node:util';
import { CapacityError } from '../engine/engine.ts';
import { bench } from './bench.ts';
import { check } from './check.ts';
import { classify } from './classify.ts';
import type { Command } from './command.ts';
import { evaluateCommand } from './evaluate.ts';
import { exportCommand } from './export.ts';
import { forecast } from './forecast.ts';
import { gradients } from './gradients.ts';
import { importCommand } from './import.ts';
import { match } from './match.ts';
import { describeSyntax, parseCommandLine, UsageError } from './options.ts';
import { errors, output } from './output.ts';
import { predict } from './predict.ts';
import { probe, probeWord } from './probe.ts';
import { reber } from './reber.ts';
import { sample } from './sample.ts';
import { text } from './text.ts';
import { train } from './train.ts';

const commands: Readonly<Record<string, Command>> = {
  train,
  sample,
  predict,
  forecast,
  classify,
  match,
  evaluate: evaluateCommand,
  import: importCommand,
  export: exportCommand,
  text,
  gradients,
  check,
  reber,
  bench,
};

async function main([name, ...line]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help') {
    for (const [name, { summary }] of Object.entries(commands)) output.print(`npm run ${name}\n  ${summary}\n`);
    return codeFor(0);
  }
  if (name === probeWord) return probe();
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new UsageError(`There is no command “${name}”, only ${Object.keys(commands).join(', ')}.`);
  const given = parseCommandLine(line, command);
  if (given !== 'help') {
    const code = await command.run(given);
    return command.printsByTheWay ? code : codeFor(code);
  }
  output.print(describeSyntax(name, command.summary, command));
  return codeFor(0);
}

/** The exit code of what was done for what it prints: that did not work out if some of it is lost. */
async function codeFor(code: number): Promise<number> {
  await output.settle();
  return output.failure === undefined ? code : code || 1;
}

/** What a person can do something about is told in its own words; a mistake of the program’s, with where it was made. */
function tell(error: unknown): number {
  if (error instanceof RangeError || error instanceof CapacityError) {
    errors.tell(error.message);
    return 2;
  }
  const isMistake = !(error instanceof Error) || error instanceof TypeError || error instanceof ReferenceError;
  errors.print(isMistake ? inspect(error) : error.message);
  return 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = tell(error);
}
