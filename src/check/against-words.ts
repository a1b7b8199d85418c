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
  const parts = new Map(findings.map(({ part }) => [labelOf(expected, part), part]));
  const isWrong = (label: string) => wrong.some(({ part }) => labelOf(expected, part) === label);
  const labels = [...parts.keys()];
  const [first] = wrong;
  const sentences = sentencesOf(wrong);
  return [
    `Wrong: ${labels.filter(isWrong).join(', ')}. Right: ${labels.filter((label) => !isWrong(label)).join(', ') || 'none'}.`,
    `First in the order of the equations: ${sentences[0]}`,
    ...sentences.slice(1).map((sentence) => `- ${sentence}`),
    ...adviceOf(expected, findings, first!),
    ...strangers,
  ];
}

/** A sentence for each wrong tensor; one for all of which the same is to be said. */
function sentencesOf(wrong: readonly Finding[]): readonly string[] {
  const names = new Map<string, string[]>();
  for (const { name, mistake, timestep } of wrong) {
    const when = timestep === undefined ? '' : `, from index ${timestep} on back,`;
    const said = `${when} ${mistake!.words}.`;
    names.set(said, [...(names.get(said) ?? []), name]);
  }
  return Array.from(names, ([said, names]) => (names.length === 1 ? names[0]! : `each of ${names.join(', ')}`) + said);
}

/** What follows from which tensors are wrong, where no mistake is recognised in the first one. */
function adviceOf(expected: Expected, findings: readonly Finding[], first: Finding): readonly string[] {
  const { part } = first;
  if (first.timestep !== undefined) return ['What is wrong after it may follow from it: mend it, and check again.'];
  if (expected.forward.has(first.name)) return ['The way forward is wrong, and all gradients with it: mend it first.'];
  const own = findings.filter(
    (finding) => finding.part.gate && finding.part.gate === part.gate && finding.part.layer === part.layer,
  );
  if (part.gate === undefined) return ['What goes wrong at the output goes wrong everywhere: mend it first.'];
  const unknown = findings.filter(({ mistake }) => mistake?.kind === 'unknown');
  if (unknown.length === 0) return [];
  const right = own.filter(({ isRight }) => isRight);
  const da = own.length > 1 && right.length === 0;
  const advice = da
    ? `Nothing that is summed up for the ${labelOf(expected, part)} is right, so look at the gradient by its sum, not at the products.`
    : `${right.map(({ name }) => name).join(' and ')} ${right.length === 1 ? 'is' : 'are'} right, so the gradient by the gate’s sum is, too: look at the product.`;
  const hasTimesteps = findings.some(({ name }) => expected.timesteps.has(name));
  return [
    advice,
    ...(hasTimesteps
      ? []
      : [
          'With dh and da of each gate at each timestep in the file, as gradients --timesteps writes them, the first wrong one is named.',
        ]),
  ];
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
