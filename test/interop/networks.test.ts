import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { initialState } from '../../src/engine/initial-state.ts';
import { importNetwork } from '../../src/interop/formats.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { describeEachEngine } from '../engine/each-engine.ts';
import { relativeError } from '../fixtures.ts';

/** Networks as PyTorch's users keep them, and what PyTorch computes: see `networks/README.md`. */
const folder = new URL('./networks/', import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.expected.json'))
  .map((name) => name.replace('.expected.json', ''));
const files = names.flatMap((name) => [`${name}.safetensors`, `${name}.onnx`]);

interface Expected {
  readonly vocabulary: readonly string[];
  /** `[B][T]` */
  readonly tokens: readonly (readonly number[])[];
  /** `[B][T][V]` */
  readonly logProbabilities: readonly (readonly (readonly number[])[])[];
}

it('There are networks', () => expect(files).toHaveLength(8));

describeEachEngine('Networks of PyTorch’s users', (engine) => {
  it.each(files)('give PyTorch’s log-probabilities: %s', async (name) => {
    const expected: Expected = JSON.parse(
      readFileSync(new URL(name.replace(/\.\w+$/, '.expected.json'), folder), 'utf8'),
    );
    const { tokens, logProbabilities } = expected;
    const vocabulary = new Vocabulary(expected.vocabulary);
    const bytes = Uint8Array.from(readFileSync(new URL(name, folder)));
    const { file } = await importNetwork([{ name, bytes }], { vocabulary });
    const [rows, timesteps] = [tokens.length, tokens[0]!.length];
    const session = await engine().open(file.model, { rows, timesteps });
    session.write({ ...initialState(file.model, { rows, timesteps }, 0), parameters: file.parameters });
    const byTime = <Value>(values: readonly (readonly Value[])[]) =>
      Array.from({ length: timesteps }, (_, t) => values.map((row) => row[t]!)).flat();
    const inputs = Uint32Array.from(byTime(tokens));
    const { outputs } = await session.trace({ rows, timesteps, inputs, targets: inputs, initialState: 'zero' });
    session.close();
    expect(relativeError(Array.from(outputs, Math.log), byTime(logProbabilities).flat())).toBeLessThan(1e-5);
  });
});
