/**
 * `npm run check`: proves this machine's engines, those that there are without a page: each gradient against float64,
 * finite differences and the textbook's sums.
 *
 *     npm run check -- [--json]
 */

import { parseArgs } from 'node:util';
import { type CheckRow, check } from '../check/check.ts';
import { formatCheck } from '../check/table.ts';
import { CpuEngine } from '../engine/cpu/engine.ts';

const options = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** @returns the exit code: 0 if every comparison passes, 1 if one fails */
export async function runCheck(args: readonly string[]): Promise<number> {
  const { json, help } = parseArgs({ args: [...args], options }).values;
  if (help) {
    console.log(
      'npm run check -- [--json]\nChecks every engine there is without a page; the page’s own button checks its GPU.',
    );
    return 0;
  }
  const cpu = await CpuEngine.create();
  if (typeof cpu === 'string') console.error(cpu);
  const engines = typeof cpu === 'string' ? [] : [cpu];
  const rows: CheckRow[] = [];
  const progress = process.stderr.isTTY && !json;
  for await (const { done, total, rows: found } of check(engines)) {
    rows.push(...found);
    if (progress) process.stderr.write(`\rChecking: ${done} of ${total}${done === total ? '\n' : ''}`);
  }
  for (const engine of engines) engine.close();
  if (json) for (const row of rows) console.log(JSON.stringify(row));
  else console.log(formatCheck(rows));
  return rows.every(({ passed }) => passed) ? 0 : 1;
}

try {
  process.exitCode = await runCheck(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}
