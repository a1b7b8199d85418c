import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { useCommandLine } from './command-line.ts';

const { run, path } = useCommandLine();

it('evaluate tells three figures for the held-out part of the text that a model has learned', async () => {
  writeFileSync(path('text.txt'), 'The tide goes out, the tide comes in. '.repeat(60));
  writeFileSync(path('other.txt'), 'The tide goes. '.repeat(60));
  const tiny = ['--hidden', '8', '--batch', '4', '--sequence', '16', '--engine', 'cpu', '--steps', '40'];
  expect(await run('train', 'text.txt', ...tiny, '--save', 'm.safetensors')).toMatchObject({ code: 0 });
  expect(await run('train', 'text.txt', ...tiny, '--validation', '0', '--save', 'all.safetensors')).toMatchObject({
    code: 0,
  });
  const evaluate = (...line: string[]) => run('evaluate', ...line, '--engine', 'cpu');
  const { code, stdout } = await evaluate('m.safetensors', 'text.txt', '--json', '--dynamic-rate', '0.005');
  expect(code).toBe(0);
  const found = JSON.parse(stdout) as Record<string, number>;
  expect(found).toMatchObject({ step: 40, characters: 228, dynamicSettings: { segment: 32, learningRate: 0.005 } });
  expect(found['network']).toBeGreaterThan(0.2);
  expect(found['dynamic']).toBeLessThan(found['network']!);
  expect(found['mixed']).toBeLessThan(found['network']! / 2);
  const words = (await evaluate('m.safetensors', 'text.txt')).stdout;
  expect(words).toMatch(
    /The last 228 characters of text\.txt, which were held out:\n {2}\d\.\d{4} bits a character {2}the/,
  );
  expect(words).toContain(`${found['network']!.toFixed(4)} bits a character  the network as it is`);

  expect(await evaluate('m.safetensors', 'other.txt')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/does not say what was held out of other\.txt: give the text .*, text\.txt/),
  });
  expect(await evaluate('all.safetensors', 'text.txt')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/Nothing of text\.txt was held out/),
  });
  expect(await evaluate('m.safetensors', 'text.txt', '--segment', '0')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--segment is a whole number from 1 to 4096/),
  });
});
