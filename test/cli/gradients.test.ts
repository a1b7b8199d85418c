import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { gradientFixtures, parseTensors, readTensors, relativeError } from '../fixtures.ts';
import { useCommandLine } from './command-line.ts';

/** A software adapter compiles its kernels for seconds, for minutes on a busy machine. */
const patience = 600_000;
const accuracy = { reference: 1e-12, cpu: 1e-5, webgpu: 1e-5 };
const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

describe.each(Object.entries(accuracy))('gradients --engine %s', (engine, error) => {
  const { run, path } = useCommandLine();

  it.each(gradientFixtures)(
    'reproduces %s',
    async (name) => {
      const files = [fixture(`${name}.model.safetensors`), fixture(`${name}.batch.json`)];
      const ended = await run('gradients', ...files, '--out', 'g.safetensors', '--engine', engine, '--json');
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      const expected = readTensors(`${name}.expected`);
      const { loss } = JSON.parse(ended.stdout) as { loss: number };
      expect(relativeError([loss], expected['loss']!.data)).toBeLessThan(error);

      const found = parseTensors(readFileSync(path('g.safetensors')));
      expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
      for (const [tensor, { shape, data }] of Object.entries(expected)) {
        expect(found[tensor]!.shape).toEqual(shape);
        expect(relativeError(found[tensor]!.data, data), tensor).toBeLessThan(error);
      }
    },
    patience,
  );

  it(
    'says what it runs on',
    async () => {
      const ended = await run(
        'train',
        '--engine',
        engine,
        '--hidden',
        '2',
        '--batch',
        '1',
        '--sequence',
        '2',
        '--steps',
        '1',
      );
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      const [line] = ended.stdout.split('\n');
      console.log(line);
      expect(line).toMatch(new RegExp(`^Engine: ${engine} on .+\\. It was asked for\\.$`));
    },
    patience,
  );
});
