import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { encodeModelFile } from '../../src/files/model-file.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { useCommandLine } from '../cli/command-line.ts';
import { readJson, readModel, type WrittenBatch } from '../fixtures.ts';
import { pythonWith } from './python.ts';

const python = pythonWith('numpy', 'NumPy');
const folder = fileURLToPath(new URL('../../interop/numpy', import.meta.url));

describe.runIf(python)('interop/numpy', () => {
  const { run, path } = useCommandLine();
  const files = ['m.safetensors', 'batch.json', 's.safetensors'];
  const paths = () => files.map(path);

  /** A network of a fixture as a training saves it, and its batch. */
  function write(name: string) {
    const { model, state } = readModel(name, 1);
    const vocabulary = new Vocabulary(Array.from({ length: model.inputSize }, (_, i) => String.fromCodePoint(97 + i)));
    writeFileSync(path('m.safetensors'), encodeModelFile({ model, vocabulary, parameters: state.parameters }));
    const batch = readJson(`${name}.batch`) as WrittenBatch;
    writeFileSync(path('batch.json'), JSON.stringify(batch));
  }

  /** Runs the exercise with one of the modules beside it, or one of the test's own folder. */
  function exercise(step: string, ...options: string[]) {
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: path('.') };
    const line = [`${folder}/exercise.py`, ...paths(), '--step', step, ...options];
    return spawnSync(python!, line, { encoding: 'utf8', env });
  }

  it.each(['gru-11x7x3x5', 'gru-5x1x1x1'])('is solved: all that it writes of %s is right', async (name) => {
    write(name);
    const ended = exercise('gru_solved', '--differences');
    expect(ended, ended.stderr).toMatchObject({ status: 0 });
    const errors = [...ended.stdout.matchAll(/^\w+ +(\S+)$/gm)].map(([, error]) => Number(error));
    expect(errors.length).toBe(11);
    expect(Math.max(...errors)).toBeLessThan(1e-5);
    const checked = await run('check', 'm.safetensors', 'batch.json', '--against', 's.safetensors');
    expect(checked, checked.stderr).toMatchObject({ code: 0 });
    expect(checked.stdout).toContain('All 18 are right: every difference is rounding.');
  });

  it('leaves one function to be written, and says which', () => {
    write('gru-11x7x3x5');
    expect(exercise('gru')).toMatchObject({ status: 1, stderr: 'step_backward in gru.py is yours to write.\n' });
  });

  it.each([
    ['("h", q, da_c)', '("h", h, da_c)', 'W_h has h in the place of q = r ⊙ h: Σ qᵀ da_c belongs there.'],
    ['p["W_h"].T', 'p["W_h"]', 'dq, at index 4 and before, has W_h in the place of its transpose.'],
    [' + da_r @ p["W_r"].T', '', 'dh, at index 4 and before, lacks da_r W_rᵀ.'],
    ['h * r * (1 - r)', 'h', 'da_r, at index 4 and before, lacks σ′, r ⊙ (1 − r).'],
    ['(1 - c * c)', '(1 - c)', 'da_c, at index 4 and before, '],
    ['g * (1 - z) +', 'g * z +', 'dh, at index 4 and before, has z in the place of 1 − z beside dh′.'],
    ['g * (c - h)', 'g * (h - c)', 'da_z, at index 4 and before, has its sign turned.'],
  ])('with %s turned into “%s” is told what is wrong first', async (right, wrong, said) => {
    write('gru-11x7x3x5');
    const solution = readFileSync(`${folder}/gru_solved.py`, 'utf8');
    expect(solution.split(right).length).toBe(2);
    writeFileSync(path('mistaken.py'), solution.replace(right, wrong));
    const ended = exercise('mistaken');
    expect(ended, ended.stderr).toMatchObject({ status: 0 });
    const checked = await run('check', 'm.safetensors', 'batch.json', '--against', 's.safetensors');
    expect(checked.code).toBe(1);
    expect(checked.stdout).toContain(`First in the order of the equations: ${said}`);
  });
});
