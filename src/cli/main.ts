/** The command line: `node dist/cli.js COMMAND …`, or `npm run COMMAND -- …`. */

import { CapacityError } from '../engine/engine.ts';
import { bench } from './bench.ts';
import { check } from './check.ts';
import type { Command } from './command.ts';
import { gradients } from './gradients.ts';
import { match } from './match.ts';
import { describeSyntax, parseCommandLine, UsageError } from './options.ts';
import { reber } from './reber.ts';
import { sample } from './sample.ts';
import { train } from './train.ts';

const commands: Readonly<Record<string, Command>> = { train, sample, match, gradients, check, reber, bench };

async function main([name, ...line]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help') {
    for (const [name, { summary }] of Object.entries(commands)) console.log(`npm run ${name}\n  ${summary}\n`);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new UsageError(`There is no command “${name}”, only ${Object.keys(commands).join(', ')}.`);
  const given = parseCommandLine(line, command);
  if (given !== 'help') return command.run(given);
  console.log(describeSyntax(name, command.summary, command));
  return 0;
}

/** What a person can do something about is told in its own words; a mistake of the program’s, with where it was made. */
function tell(error: unknown): number {
  if (error instanceof RangeError || error instanceof CapacityError) {
    // Names of files and texts may have line ends in them, and worse.
    console.error(error.message.replace(/\p{Control}/gu, '\uFFFD'));
    return 2;
  }
  const isMistake = !(error instanceof Error) || error instanceof TypeError || error instanceof ReferenceError;
  console.error(isMistake ? error : error.message);
  return 1;
}

// Whoever reads may have read enough: that is no reason to break off with a trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = tell(error);
}
