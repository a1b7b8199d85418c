import { textNames } from '../data/names.ts';
import type { Command } from './command.ts';
import { readText } from './data.ts';
import { assertWritable, writeKeeping } from './files.ts';
import { type Given, UsageError } from './options.ts';
import { output } from './output.ts';

/** Writes a text that comes with Sluice. */
export const text: Command = {
  summary:
    'Writes a text that comes with Sluice, as a network learns it: the field notes, if none is named; origin-of-species ' +
    'is fetched once. Into a pipe or a file, npm needs --silent: it has words of its own.',
  operands: [{ name: textNames.join('|'), optional: true }],
  settings: [],
  options: { out: { value: 'notes.txt', help: 'The file to write it to, instead of standard output.' } },
  run,
};

async function run({ operands: [word = textNames[0]], value }: Given): Promise<number> {
  if (!(textNames as readonly string[]).includes(word)) {
    throw new UsageError(`“${word}” is none of the texts that come with Sluice: ${textNames.join(', ')}.`);
  }
  const out = value('out');
  if (out !== undefined) await assertWritable(out);
  const { text } = await readText(word);
  if (out === undefined) output.write(text);
  else {
    const kept = await writeKeeping(out, new TextEncoder().encode(text));
    const before = kept === undefined ? '' : ` What was there is kept as ${kept}.`;
    output.tell(`${out} is written.${before}`);
  }
  return 0;
}
