import { afterEach, expect, test, vi } from 'vitest';
import { type BaselinesAnswer, hear } from '../../src/data/baselines-worker.ts';
import { baselines } from '../../src/data/text/baselines.ts';

afterEach(() => vi.unstubAllGlobals());

test('the worker answers with each baseline, then that there are no more', () => {
  const answers: BaselinesAnswer[] = [];
  vi.stubGlobal('postMessage', (answer: BaselinesAnswer) => answers.push(answer));
  hear({ text: 'abcabca', validation: 0.3 });

  const [training, validation] = [Uint32Array.of(0, 1, 2, 0, 1), Uint32Array.of(2, 0)];
  const expected = Array.from(baselines(training, validation, 3), (baseline) => ({ kind: 'baseline', baseline }));
  expect(answers).toEqual([...expected, { kind: 'done' }]);
});
