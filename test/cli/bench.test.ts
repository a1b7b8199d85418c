import { describe, expect, it } from 'vitest';
import { readResults } from '../../src/benchmark/results.ts';
import { useCommandLine } from './command-line.ts';

const { run, start } = useCommandLine();
const tiny = ['bench', '--engine', 'webgpu', '--sizes', '8x4x2x5', '--json'];

describe('bench', () => {
  it('measures everything as --tuning tells it to, and says how that was', async () => {
    const ended = await run(...tiny, '--parts', 'kernels,steps', '--tuning', 'stepwise rows=4');
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    const { tunings, kernels, steps, problems } = readResults('bench.json', ended.stdout);
    expect({ tunings, problems }).toEqual({ tunings: [], problems: [] });
    const told = { strategy: 'stepwise', tuning: expect.stringMatching(/^stepwise rows=4 /) };
    expect(kernels).toMatchObject([told]);
    expect(steps).toMatchObject([told, told]);
    // Hundreds at a real size, and of two kinds.
    const [{ dispatches }] = kernels as [(typeof kernels)[number]];
    expect(dispatches.filter(({ kernel }) => kernel === 'step-forward').map(({ count }) => count)).toEqual([5, 5]);
    expect(dispatches.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(steps[0]!.dispatches);
  });

  it('measures the others where there is no PyTorch, and says so', async () => {
    process.env['SLUICE_PYTHON'] = '/nowhere/python3';
    const ended = await run('bench', '--engine', 'cpu', '--sizes', '8x4x2x5', '--json', '--parts', 'contenders');
    delete process.env['SLUICE_PYTHON'];
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stderr).toMatch(/^PyTorch does not take part: .*\/nowhere\/python3/m);
    const { contenders } = readResults('bench.json', ended.stdout);
    expect(contenders.map(({ system }) => system)).toEqual(['Sluice, cpu']);
  });

  it('tunes unasked on a real GPU alone, and prints what it has when it is stopped', async () => {
    const child = start(tiny);
    const told = await new Promise<string>((resolve) => {
      let text = '';
      child.stderr!.on('data', (more: string) => {
        text += more;
        if (/^1 of .*\n/m.test(text)) resolve(text);
      });
    });
    child.kill('SIGINT');
    const { code, stdout } = await child.ended;
    const emulated = told.includes('the processor emulates one');
    expect(told).toMatch(emulated ? /^1 of \d+: The device’s ceilings$/m : /^1 of \d+: The tuner at 8×4×2×5$/m);
    expect(code).toBe(130);
    expect(readResults('bench.json', stdout)).toMatchObject({ complete: false, kernels: [] });
  });
});
