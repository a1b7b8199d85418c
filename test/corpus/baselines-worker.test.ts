import { afterEach, expect, test, vi } from 'vitest';
import { baselines } from '../../src/corpus/baselines.ts';
import type { BaselinesAnswer } from '../../src/corpus/baselines-worker.ts';

afterEach(() => vi.unstubAllGlobals());

test('the worker answers with each baseline, then that there are no more', async () => {
  const answers: BaselinesAnswer[] = [];
  const scope = { postMessage: (answer: BaselinesAnswer) => answers.push(answer), onmessage: (_: unknown) => {} };
  vi.stubGlobal('self', scope);
  await import('../../src/corpus/baselines-worker.ts');

  const [training, validation] = [Uint32Array.of(0, 1, 2, 0, 1), Uint32Array.of(2, 0)];
  scope.onmessage({ data: { text: 'abcabca', validation: 0.3 } });
  const expected = Array.from(baselines(training, validation, 3), (baseline) => ({ kind: 'baseline', baseline }));
  expect(answers).toEqual([...expected, { kind: 'done' }]);
});
