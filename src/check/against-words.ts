/** What was found of a student's gradients, in words. */

import type { Finding, Findings, Part } from './against.ts';
import type { Expected } from './expected.ts';
import { formatError } from './table.ts';

/** All that was found, as plain text: a table of relative errors, and the verdict. */
export function formatAgainst(expected: Expected, findings: Findings): string {
  return [
    'Relative error of each gradient against float64; “!” marks what is more than rounding.',
    tableOf(expected, findings).join('\n'),
    verdictOf(expected, findings).join('\n'),
  ].join('\n\n');
}

/** The verdict in sentences: what is wrong first, which parts are right and wrong, and what is recognised in each tensor. */
export function verdictOf(expected: Expected, { findings, unknown }: Findings): readonly string[] {
  const wrong = findings.filter(({ isRight }) => !isRight);
  const strangers =
    unknown.length === 0 ? [] : [`This network has nothing that is called ${unknown.join(', ')}: that was left aside.`];
  if (wrong.length === 0) return [`All ${findings.length} are right: every difference is rounding.`, ...strangers];
  const labels = [...new Set(findings.map(({ part }) => labelOf(expected, part)))];
  const isWrong = (label: string) => wrong.some(({ part }) => labelOf(expected, part) === label);
  const [first, ...others] = sentencesOf(wrong);
  return [
    `Wrong: ${labels.filter(isWrong).join(', ')}. Right: ${labels.filter((label) => !isWrong(label)).join(', ') || 'none'}.`,
    `First in the order of the equations: ${first}`,
    ...others.map((sentence) => `- ${sentence}`),
    ...adviceOf(expected, findings, wrong),
    ...strangers,
  ];
}

/**
 * A sentence for each wrong tensor; one for all of which the same is to be said. What may only follow from the first one, at a
 * timestep, is not explained.
 */
function sentencesOf(wrong: readonly Finding[]): readonly string[] {
  const isFollowing = wrong[0]!.timestep !== undefined;
  const names = new Map<string, string[]>();
  for (const [i, { name, mistake, timestep }] of wrong.entries()) {
    const isUnknown = mistake!.kind === 'unknown';
    if (i > 0 && isUnknown && isFollowing) continue;
    const said = `${timestep === undefined ? '' : `, at index ${timestep} and before,`} ${mistake!.words}.`;
    names.set(said, [...(names.get(said) ?? []), name]);
  }
  return Array.from(names, ([said, names]) => (names.length === 1 ? names[0]! : `each of ${names.join(', ')}`) + said);
}

/** What to do next, where that does not follow from the mistakes that are recognised. */
function adviceOf(expected: Expected, findings: readonly Finding[], wrong: readonly Finding[]): readonly string[] {
  const [first, ...others] = wrong as [Finding, ...Finding[]];
  if (expected.forward.has(first.name)) return ['The way forward is wrong, and all gradients with it: mend it first.'];
  if (first.part.layer === undefined) return ['What goes wrong at the output goes wrong everywhere: mend it first.'];
  if (first.timestep !== undefined) {
    const following = others.map(({ name }) => name).join(', ');
    return following === ''
      ? []
      : [`Wrong as well, which may follow from it: ${following}. Mend the first, and check again.`];
  }
  const unknown = wrong.find(({ mistake }) => mistake!.kind === 'unknown');
  if (unknown === undefined) return [];
  const { gate, layer } = unknown.part;
  const right = findings.filter(({ part, isRight }) => part.gate === gate && part.layer === layer && isRight);
  const names = right.map(({ name }) => name);
  const advice =
    names.length > 0
      ? `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} right, and so is ∂loss by the gate’s sum: ` +
        'look at the product.'
      : `Nothing of the ${labelOf(expected, unknown.part)} is right: look at ∂loss by the gate’s sum, or at dh.`;
  const isTold = findings.some(({ name }) => expected.timesteps.has(name));
  const more =
    'Write dh and da at each timestep, too, named as gradients --timesteps does: the first wrong one is then told.';
  return isTold ? [advice] : [advice, more];
}

/** A part, and its layer where there are several. */
const labelOf = ({ model }: Expected, { title, layer }: Part): string =>
  layer === undefined || model.layers === 1 ? title : `${title} of layer ${layer + 1}`;

function tableOf(expected: Expected, { findings }: Findings): readonly string[] {
  const lines = findings.map(({ name, part, error, isRight }) => [
    name,
    `${isRight ? '' : '! '}${Number.isNaN(error) ? 'none' : formatError(error)}`,
    labelOf(expected, part),
  ]);
  const width = (column: number) => Math.max(...lines.map((line) => line[column]!.length));
  return lines.map(([name, error, label]) => `  ${name!.padEnd(width(0))}  ${error!.padStart(width(1))}  ${label}`);
}

/** What was found of a tensor, for machines. */
export const objectOf = ({ name, part, error, isRight, timestep, mistake }: Finding) => ({
  name,
  part: part.title,
  ...(part.layer !== undefined && { layer: part.layer + 1 }),
  error: Number.isNaN(error) ? null : error,
  right: isRight,
  ...(timestep !== undefined && { timestep }),
  ...(mistake && { mistake: mistake.kind, words: mistake.words }),
});
