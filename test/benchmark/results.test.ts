import { describe, expect, it } from 'vitest';
import { markdownOf } from '../../src/benchmark/markdown.ts';
import { textOf } from '../../src/benchmark/node.ts';
import { type Contender, type Dispatch, type Results, readResults } from '../../src/benchmark/results.ts';
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

  it('of a time before the tuner was shown opens as well', () => {
    const { tunings: _, kernels, steps, ...rest } = sampleResults();
    const untold = <T extends { readonly tuning?: string }>({ tuning: _, ...others }: T) => others;
    const old = { ...rest, kernels: kernels.map(untold), steps: steps.map(untold) };
    const read = readResults('old.json', JSON.stringify(old));
    expect(read).toEqual({ ...old, tunings: [] });
    const markdown = markdownOf(read);
    expect(markdown).toContain('## Kernels at S, stepwise\n');
    expect(markdown).not.toContain('cut up');
    expect(markdownOf(sampleResults(), read)).toContain('| 1 | forward | 0.5 [0.45–0.55] | 400 | 10 | 0.2 |');
  });

  const changed = (change: object) => JSON.stringify({ ...sampleResults(), ...change });
  const {
    steps: [step],
    tunings: [tuned],
  } = sampleResults();
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
    [
      changed({ tunings: [{ ...tuned, tried: [{ tuning: 'stepwise', why: 'dull' }] }] }),
      'x is a damaged benchmark: tunings[0].tried[0].why is not refused or wrong or slow or late.',
    ],
    [changed({ tunings: {} }), 'x is a damaged benchmark: tunings is not a list.'],
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
      '| WebGPU, stepwise | S: V 64, H 128, B 32, T 64 | 1 [1–1] | 2,048,000 | 1,024,000 | 268 | 9.39 MB | stepwise rows=32 parts=4 splits=2 |',
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

  it('holds each system against Sluice round by round, over the rounds that both took', () => {
    const results = sampleResults();
    const [ours, theirs, absent] = results.contenders as [Contender, Contender, Contender];
    const inTurns = [{ ...ours, rounds: [1, 2, 4, 1] }, { ...theirs, rounds: [10, 40, 120] }, absent];
    const read = readResults('mine.json', JSON.stringify({ ...results, contenders: inTurns }));
    expect(read.contenders[1]!.rounds).toEqual([10, 40, 120]);
    const markdown = markdownOf(read);
    // Ratios of 10, 20 and 30.
    expect(markdown).toContain('| jax-js, webgpu | 9,000 | 50 [50–50] | 20 × [15–25] | 4.16000 |');
    expect(markdown).toContain('| Sluice, webgpu | 300 | 2 [2–2] | 1 × | 4.16000 |');
  });

  it('counts dispatches that do the same', () => {
    const results = sampleResults();
    const [{ dispatches, ...rest }] = results.kernels as [Results['kernels'][number]];
    const [forward, arrange] = dispatches as [Dispatch, Dispatch];
    const often = { ...results, kernels: [{ ...rest, dispatches: [{ ...forward, count: 3 }, arrange] }] };
    expect(readResults('mine.json', JSON.stringify(often))).toEqual(often);
    const markdown = markdownOf(often);
    expect(markdown).toContain('| # | kernel | dispatches | ms each |');
    expect(markdown).toContain('| 1 | forward | 3 | 0.5 [0.45–0.55] | 400 | 10 | 0.2 | arithmetic | 40 % |');
    expect(markdown).toContain('| 2 | arrange | 1 | 0.01 [0.01–0.01] |');
    // 6·10⁸ operations in 1.51 ms.
    expect(markdown).toMatch(/\| {2}\| together \| 4 \| 1\.51 \| 397 \|/);
  });

  it('sets figures beside somebody else’s', () => {
    const markdown = markdownOf(sampleResults(), sampleResults(3));
    expect(markdown).toContain('| 1 | forward | 0.5 [0.45–0.55] | 400 | 10 | 0.2 | arithmetic | 40 % | 1.5 | 3 × |');
    expect(markdown).toContain('| Multiply-adds, GFLOP/s | 1,000 | 333 | 3 × |');
  });

  it('leaves dashes where the other has no such figure', () => {
    const markdown = markdownOf(sampleResults(), { ...sampleResults(), steps: [] });
    expect(markdown).toContain('| 268 | 9.39 MB | – | – |');
  });

  it('tells what was tried, what came of each, and which won', () => {
    expect(markdownOf(sampleResults())).toContain(`
## Ways of cutting up S: V 64, H 128, B 32, T 64; tried for 1.52 s

| cut up as | ms a step | times the winner’s | what came of it |
| --- | --: | --: | --- |
| whole-sequence rows=4 workgroup=256 parts=1 stretches=1 splits=2 | 2 | 2 × | the default |
| whole-sequence rows=4 workgroup=256 parts=8 stretches=1 splits=2 | – | – | refused: it does not run on this device |
| whole-sequence rows=1 workgroup=256 parts=8 stretches=1 splits=2 | – | – | wrong: loss or gradients are not the default’s |
| stepwise rows=32 parts=1 splits=2 | – | – | slow: a few timesteps told enough |
| stepwise rows=32 parts=4 splits=2 | 1 | 1 × | the winner |
| 2 more | – | – | not tried: the time was over |
`);
  });

  it('shows the winner of theirs, whether it was tried here or not', () => {
    const [tuned] = sampleResults(3).tunings;
    const winner = 'stepwise rows=8 parts=1 splits=9';
    const others = {
      ...sampleResults(3),
      tunings: [{ ...tuned!, winner, tried: [{ tuning: winner, milliseconds: 2 }] }],
    };
    expect(markdownOf(sampleResults(), sampleResults(3))).toContain(
      '| stepwise rows=32 parts=4 splits=2 | 1 | 1 × | 3 | 3 × | the winner; the winner of theirs |',
    );
    expect(markdownOf(sampleResults(), others)).toContain(
      '| stepwise rows=8 parts=1 splits=9 | – | – | 2 | – | the winner of theirs; not tried here |\n| 2 more |',
    );
  });

  it('says why a faster one did not win', () => {
    const [tuned] = sampleResults().tunings;
    const tried = [
      { tuning: 'stepwise rows=32', milliseconds: 1 },
      { tuning: 'stepwise rows=16', milliseconds: 0.98 },
      { tuning: 'stepwise rows=32 weights=f16', milliseconds: 0.5 },
    ];
    const markdown = markdownOf({ ...sampleResults(), tunings: [{ ...tuned!, winner: 'stepwise rows=32', tried }] });
    expect(markdown).toContain('| stepwise rows=32 | 1 | 1 × | the winner; the default |');
    expect(markdown).toContain('| stepwise rows=16 | 0.98 | 0.98 × | too little faster to count |');
    expect(markdown).toContain(' weights=f16 | 0.5 | 0.5 × | with rounded weights: not to be chosen unasked |');
  });

  it('calls nothing a winner that was not timed', () => {
    const [tuned] = sampleResults().tunings;
    const [winner, why] = ['stepwise rows=32', 'late'] as const;
    const untimed = { ...tuned!, winner, tried: [{ tuning: winner, why }] };
    expect(markdownOf({ ...sampleResults(), tunings: [untimed] })).toContain(
      '| stepwise rows=32 | – | – | taken, as there was time for none; the default |',
    );
  });
});

it('A terminal gets the same tables', () => {
  const text = textOf(sampleResults());
  expect(text).toContain('Kernels at S, stepwise rows=32 parts=4 splits=2\n');
  expect(text).toMatch(/forward +0\.5 \[0\.45–0\.55\] +400 /);
  expect(text).toMatch(/\nstepwise rows=32 parts=4 splits=2 +1 +1 × {2}the winner\n/);
  expect(text).toContain('Not measured: Kernels at L: too large.');
});
