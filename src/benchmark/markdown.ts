import type { Environment, Results } from './results.ts';
import { summaryOf } from './summary.ts';
import { type Table, tablesOf } from './tables.ts';

/** Results as Markdown: what they were measured on, and all tables. */
export function markdownOf(results: Results, theirs?: Results): string {
  const { environment, date, complete, problems } = results;
  const summary = summaryOf(results);
  return [
    '# Sluice benchmark',
    [
      `- ${day(date)}${complete ? '' : '; not gone through to the end'}`,
      ...describe(environment).map(([name, value]) => `- ${name}: ${value}`),
      ...(theirs ? [`- compared with: ${describe(theirs.environment)[0]![1]}, ${day(theirs.date)}`] : []),
    ].join('\n'),
    ...(environment.adapter?.software ? [`**${softwareWarning}**`] : []),
    ...(summary === undefined ? [] : [summary]),
    ...tablesOf(results, theirs).map(tableText),
    ...(problems.length > 0 ? [['## Not measured', ...problems.map((problem) => `- ${problem}`)].join('\n')] : []),
    '',
  ].join('\n\n');
}

/** What nobody may overlook. */
export const softwareWarning =
  'This adapter is no GPU: the processor emulates one. Nothing measured on it says how fast a GPU is.';

/** What was measured on, by name. */
export function describe({ engines, adapter, host, system, cores }: Environment): (readonly [string, string])[] {
  return [
    ['Adapter', adapter ? `${adapter.name}${adapter.software ? ' (software)' : ''}` : 'none'],
    ...engines.filter(({ name }) => name !== 'webgpu').map(({ name, device }) => [name.toUpperCase(), device] as const),
    ['Host', host],
    ['System', `${system}, ${cores} ${cores === 1 ? 'core' : 'cores'}`],
  ];
}

/** 2026-11-23 */
export const day = (date: string): string => date.slice(0, 10);

function tableText({ title, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    `## ${title}`,
    '',
    line(columns.map(({ label }) => label)),
    line(columns.map(({ kind }) => (kind === 'number' ? '--:' : '---'))),
    ...rows.map(line),
  ].join('\n');
}
