import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { useCommandLine } from './command-line.ts';

const { run, path } = useCommandLine();

it('sample takes a prime in the Unicode normal form of the text, and names what that has in no form', async () => {
  const [one, two] = ['\u00E9', 'e\u0301'];
  writeFileSync(path('cafes.txt'), `A caf${two}, two caf${two}s. `.repeat(20));
  const tiny = ['--hidden', '4', '--batch', '2', '--sequence', '4', '--engine', 'cpu', '--steps', '2'];
  expect(await run('train', 'cafes.txt', ...tiny, '--save', 'm.safetensors')).toMatchObject({ code: 0 });
  const sample = (prime: string) => run('sample', 'm.safetensors', '--engine', 'cpu', '--json', '--prime', prime);
  const { stdout, stderr } = await sample(`caf${one}`);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({ prime: `caf${two}` });
  expect(await sample('caf\u00E8')).toMatchObject({ code: 2, stderr: expect.stringMatching(/“è” \(U\+00E8\)/) });
});
