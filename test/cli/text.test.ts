import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fieldNotes } from '../../src/data/text/field-notes.ts';
import { embeddedReberText } from '../../src/data/text/reber.ts';
import { useCommandLine } from './command-line.ts';

const { run, path } = useCommandLine();

it('A text that comes with Sluice is written as a network learns it', async () => {
  for (const [name, { text: stdout }] of [
    ['field-notes', fieldNotes()],
    ['embedded-reber', embeddedReberText()],
  ] as const) {
    expect(await run('text', name)).toEqual({ code: 0, signal: null, stdout, stderr: '' });
  }
  const { stdout } = await run('text');
  expect(stdout).toBe(fieldNotes().text);
});

it('A training on the text goes on with the file that it was written to', async () => {
  writeFileSync(path('reber.txt'), 'What was there.');
  const told = await run('text', 'reber', '--out', 'reber.txt');
  expect(told).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^reber\.txt is written\. .*reber\.backup\.txt\.\n$/),
  });
  expect(readFileSync(path('reber.backup.txt'), 'utf8')).toBe('What was there.');
  const tiny = ['--hidden', '4', '--batch', '2', '--sequence', '4', '--engine', 'cpu', '--save', 'm.safetensors'];
  expect(await run('train', 'reber', ...tiny, '--steps', '2')).toMatchObject({ code: 0 });
  const goneOn = await run('train', 'reber.txt', '--resume', 'm.safetensors', '--steps', '3');
  expect(goneOn, goneOn.stderr).toMatchObject({ code: 0 });
});
