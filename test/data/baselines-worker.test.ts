import { afterEach, expect, test, vi } from 'vitest';
import { type BaselinesAnswer, hear } from '../../src/data/baselines-worker.ts';
import { baselines } from '../../src/data/text/baselines.ts';
import { defaultConfiguration } from '../../src/training/configuration.ts';

afterEach(() => vi.unstubAllGlobals());

test('the worker answers with the floor and each baseline, then that there are no more', async () => {
  const answers: BaselinesAnswer[] = [];
  vi.stubGlobal('postMessage', (answer: BaselinesAnswer) => answers.push(answer));
  const configuration = { ...defaultConfiguration, sequence: 2, validation: 0.3 };
  await hear({ dataset: { kind: 'text', name: 'abc', text: 'abcabca', entropy: 0.5 }, configuration });

  const [training, validation] = [Uint32Array.of(0, 1, 2, 0, 1), Uint32Array.of(2, 0)];
  const expected = Array.from(baselines(training, validation, 3), ({ name, bitsPerCharacter }) => ({
    kind: 'level',
    level: { name, figure: expect.closeTo(bitsPerCharacter, 12) },
  }));
  const floor = { name: 'floor', figure: expect.closeTo(0.5, 12), floor: 'the text’s own entropy' };
  expect(answers).toEqual([{ kind: 'level', level: floor }, ...expected, { kind: 'done' }]);
});
