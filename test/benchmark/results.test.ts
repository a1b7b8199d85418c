import { describe, expect, it } from 'vitest';
import { markdownOf } from '../../src/benchmark/markdown.ts';
import { textOf } from '../../src/benchmark/node.ts';
import { readResults } from '../../src/benchmark/results.ts';
import { sampleResults } from './sample-results.ts';

describe('A file of results', () => {
  it('comes back as it was written', () => {
    expect(readResults('mine.json', JSON.stringify(sampleResults()))).toEqual(sampleResults());
  });

  it('may lack what was not measured', () => {
    const { ceilings: _, base: __, ...rest } = sampleResults();
    const { adapter: ___, ...environment } = rest.environment;
    const bare = { ...rest, environment, kernels: [], steps: [], contenders: [] };
    expect(readResults('mine.json', JSON.stringify(bare))).toEqual(bare);
  });

  const changed = (change: object) => JSON.stringify({ ...sampleResults(), ...change });
  const [step] = sampleResults().steps;
  it.each([
    ['Once upon a time', 'x is no benchmark of Sluice: it is not JSON.'],
    ['null', 'x is no benchmark of Sluice: its format is not “sluice-benchmark”.'],
    ['[1]', 'x is no benchmark of Sluice: its format is not “sluice-benchmark”.'],
    [changed({ version: 2 }), 'x is of version 2, which this page does not know: it reads 1.'],
    [changed({ kernels: undefined }), 'x is a damaged benchmark: kernels is missing.'],
    [changed({ kernels: 'many' }), 'x is a damaged benchmark: kernels is not a list.'],
    [
      changed({ steps: [step, { ...step, dispatches: -1 }] }),
      'x is a damaged benchmark: steps[1].dispatches is not a number from 0.',
    ],
    [
      changed({ steps: [{ ...step, task: 'rest' }] }),
      'x is a damaged benchmark: steps[0].task is not training or generation.',
    ],
    [changed({ steps: [{ ...step, size: { V: 1 } }] }), 'x is a damaged benchmark: steps[0].size.H is missing.'],
    [changed({ environment: [] }), 'x is a damaged benchmark: environment is not an object.'],
  ])('that is none is refused in one sentence: %.40s', (json, message) => {
    expect(() => readResults('x', json)).toThrow(new TypeError(message));
  });
});

describe('Markdown', () => {
  it('holds every table, and the warning where it belongs', () => {
    const markdown = markdownOf(sampleResults());
    expect(markdown).toContain('- Adapter: a card\n');
    expect(markdown).not.toContain('emulates');
    // 2·10⁸ operations in 0.5 ms under a roof of 10¹² a second: 0.2 ms, 40 %.
    expect(markdown).toContain('| 1 | forward | 0.5 [0.45–0.55] | 400 | 10 | 0.2 | arithmetic | 40 % |');
    expect(markdown).toContain(
      '| WebGPU, whole sequence | S: V 64, H 128, B 32, T 64 | 1 [1–1] | 2,048,000 | 1,024,000 | 13 | 9.39 MB |',
    );
    expect(markdown).toContain('| jax-js, webgpu | 9,000 | 50 [50–50] | 25 × | 4.16000 |');
    expect(markdown).toContain('It is \\| not installed.');
    expect(markdown).toContain('- Kernels at L: too large.');
    const widths = markdown.split('\n\n').map((block) => block.split('\n').filter((line) => line.startsWith('|')));
    for (const rows of widths) {
      const columns = rows.map((row) => row.replaceAll('\\|', '').split('|').length);
      expect(new Set(columns).size).toBeLessThanOrEqual(1);
    }
    const { environment } = sampleResults();
    const software = { ...environment, adapter: { ...environment.adapter!, software: true } };
    expect(markdownOf({ ...sampleResults(), environment: software })).toContain('**This adapter is no GPU');
  });

  it('sets figures beside somebody else’s', () => {
    const markdown = markdownOf(sampleResults(), sampleResults(3));
    expect(markdown).toContain('| 1 | forward | 0.5 [0.45–0.55] | 400 | 10 | 0.2 | arithmetic | 40 % | 1.5 | 3 × |');
    expect(markdown).toContain('| Multiply-adds, GFLOP/s | 1,000 | 333 | 3 × |');
  });

  it('leaves dashes where the other has no such figure', () => {
    const markdown = markdownOf(sampleResults(), { ...sampleResults(), steps: [] });
    expect(markdown).toContain('| 13 | 9.39 MB | – | – |');
  });
});

it('A terminal gets the same tables', () => {
  const text = textOf(sampleResults());
  expect(text).toContain('Kernels at S, whole sequence\n');
  expect(text).toMatch(/forward +0\.5 \[0\.45–0\.55\] +400 /);
  expect(text).toContain('Not measured: Kernels at L: too large.');
});
