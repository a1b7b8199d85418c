import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decodeTensors, encodeTensors, type Tensor } from '../../src/files/safetensors.ts';
import { useCommandLine } from './command-line.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/gru-11x7x3x5.${name}`, import.meta.url));
const [model, batch] = [fixture('model.safetensors'), fixture('batch.json')];

describe('check --against', () => {
  const { run, path } = useCommandLine();

  /** What `gradients` writes, with one tensor changed. */
  async function student(change: (tensors: Map<string, Tensor>) => void, ...options: string[]) {
    const ended = await run('gradients', model, batch, '--out', 'g.safetensors', ...options);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    const { metadata, tensors } = decodeTensors(readFileSync(path('g.safetensors')));
    const changed = new Map(tensors);
    change(changed);
    writeFileSync(path('s.safetensors'), encodeTensors({ metadata, tensors: changed }));
  }

  it.each([
    [[], 13],
    [['--timesteps'], 18],
    [['--engine', 'cpu'], 13],
  ])('finds nothing wrong in what gradients writes: %o', async (options, count) => {
    await student(() => {}, ...options);
    const ended = await run('check', model, batch, '--against', 's.safetensors');
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stdout).toContain(`All ${count} are right: every difference is rounding.`);
  });

  it('names the gate that is wrong, as a table and a verdict, and as JSON', async () => {
    await student((tensors) => {
      const { shape, data } = tensors.get('W_r')!;
      tensors.set('W_r', { shape, data: data.map((g) => -g) as typeof data });
    });
    const ended = await run('check', model, batch, '--against', 's.safetensors');
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(/^ {2}W_r +! 2\.0e\+0 {2}reset gate r$/m);
    const verdict = [
      'Wrong: reset gate r. Right: way forward, output, candidate c, update gate z.',
      'First in the order of the equations: W_r has its sign turned.',
    ];
    expect(ended.stdout).toContain(verdict.join('\n'));
    const asJson = await run('check', model, batch, '--against', 's.safetensors', '--json');
    expect(asJson.code).toBe(1);
    const lines = asJson.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.at(-1)).toEqual({ right: false, verdict });
    expect(lines.filter(({ name, right }) => name !== undefined && !right)).toEqual([
      {
        name: 'W_r',
        part: 'reset gate r',
        layer: 1,
        error: expect.closeTo(2),
        right: false,
        mistake: 'sign',
        words: 'has its sign turned',
      },
    ]);
  });

  it.each([
    [[model], /What is to be checked on .*model\.safetensors is missing: name the gradients with --against\./],
    [[model, '--against', 's.safetensors'], /--against wants the model and the batch that the gradients are of/],
    [[model, batch, '--against', 's.safetensors', '--engine', 'cpu'], /leave --engine and --seed away\./],
    [[model, batch, '--against', 'nowhere.safetensors'], /nowhere\.safetensors cannot be read: /],
    [[model, batch, '--against', batch], /batch\.json cannot be used\. /],
    [[model, model, '--against', batch], /model\.safetensors cannot be used\. It is not UTF-8\./],
  ])('is refused in one line: %o', async (line, sentence) => {
    const ended = await run('check', ...line);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(sentence);
  });
});
