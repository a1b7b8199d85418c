import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
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

describe('gradients --timesteps', () => {
  const { run, path } = useCommandLine();
  const files = ['model.safetensors', 'batch.json'].map((end) => fixture(`gru-11x7x3x5.${end}`));

  it('writes what stands between the states besides, for safetensors and for NumPy', async () => {
    for (const out of ['g.safetensors', 'g.npz']) {
      const ended = await run('gradients', ...files, '--timesteps', '--out', out);
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
    }
    const found = parseTensors(readFileSync(path('g.safetensors')));
    expect(found).toMatchObject({ dh: { shape: [6, 3, 7] }, dq: { shape: [5, 3, 7] }, da_z: { shape: [5, 3, 7] } });
    // Read after NumPy's description of its format.
    const arrays = unzipSync(readFileSync(path('g.npz')));
    expect(Object.keys(arrays).sort()).toEqual(
      Object.keys(found)
        .map((name) => `${name}.npy`)
        .sort(),
    );
    for (const [name, { shape, data }] of Object.entries(found)) {
      const array = arrays[`${name}.npy`]!;
      const length = array[8]! + 256 * array[9]!;
      const description = Buffer.from(array.subarray(10, 10 + length)).toString('latin1');
      expect(Buffer.from(array.subarray(0, 8)).toString('latin1')).toBe('\x93NUMPY\x01\x00');
      expect((10 + length) % 64).toBe(0);
      const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
      expect(description).toMatch(/^\{.*\} *\n$/);
      expect(description).toContain(`'descr': '<f8', 'fortran_order': False, 'shape': (${dimensions})`);
      expect(new Float64Array(array.slice(10 + length).buffer), name).toEqual(Float64Array.from(data));
    }
  });

  it.each([
    [['--timesteps'], /--timesteps writes into a file: name one with --out\./],
    [
      ['--timesteps', '--out', 'g.npz', '--engine', 'cpu'],
      /--timesteps is for the reference engine, .*: leave --engine away\./,
    ],
  ])('is refused in one line: %o', async (options, sentence) => {
    const ended = await run('gradients', ...files, ...options);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(sentence);
  });
});
