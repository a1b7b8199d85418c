import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { gradientFixtures, networkFixtures, parseTensors, readTensors, relativeError } from '../fixtures.ts';
import { useCommandLine } from './command-line.ts';

/** A software adapter compiles its kernels for seconds, for minutes on a busy machine. */
const patience = 600_000;
const accuracy = { reference: 1e-12, cpu: 1e-5, webgpu: 1e-5 };
const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** All of them on the reference engine; elsewhere some, as each engine has met the others in tests of its own. */
const few = [
  'gru-classes-17x11x4x6x9x1-lengths',
  'lstm-text-7x9x7x2x8x2-h0',
  'gru-after-series-2x33x3x5x10x1-h0',
  'rnn-tanh-series-3x5x2x4x6x2',
].map((name) => `../networks/${name}`);
const casesOf = (engine: string) => [...gradientFixtures, ...(engine === 'reference' ? networkFixtures : few)];

describe.each(Object.entries(accuracy))('gradients --engine %s', (engine, error) => {
  const { run, path } = useCommandLine();

  it.each(casesOf(engine))(
    'reproduces %s',
    async (name) => {
      const files = [fixture(`${name}.model.safetensors`), fixture(`${name}.batch.json`)];
      const ended = await run('gradients', ...files, '--out', 'g.safetensors', '--engine', engine, '--json');
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      const expected = readTensors(`${name}.expected`);
      const { loss } = JSON.parse(ended.stdout) as { loss: number };
      expect(relativeError([loss], expected['loss']!.data)).toBeLessThan(error);

      const found = parseTensors(readFileSync(path('g.safetensors')));
      const { outputs: _, ...told } = expected;
      expect(Object.keys(found).sort()).toEqual(Object.keys(told).sort());
      for (const [tensor, { shape, data }] of Object.entries(told)) {
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
