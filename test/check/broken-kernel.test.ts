import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { type CheckRow, check } from '../../src/check/check.ts';
import { verdict } from '../../src/check/table.ts';
import { check as command } from '../../src/cli/check.ts';
import { output } from '../../src/cli/output.ts';
import { CpuEngine } from '../../src/engine/cpu/engine.ts';

/** The CPU engine's own kernels, but for a sign: da_r = dq ⊙ h ⊙ r ⊙ (1 + r). */
vi.mock('../../src/engine/cpu/compile.ts', async (original) => ({
  ...(await original<typeof import('../../src/engine/cpu/compile.ts')>()),
  compileKernels: async ({ shared }: { shared: boolean }) => {
    const { compile } = await import('../../src/engine/cpu/plugin.ts');
    const folder = await mkdtemp(join(tmpdir(), 'sluice-kernels-'));
    await cp('src/engine/cpu/kernels', folder, { recursive: true });
    const source = await readFile(join(folder, 'cells/gru.ts'), 'utf8');
    const broken = source.replace(/(load\(before \+ j\)\), f32x4\.)sub(\(one, r\))/, '$1add$2');
    expect(broken).not.toBe(source);
    await writeFile(join(folder, 'cells/gru.ts'), broken);
    const binary = await compile(folder, false, shared);
    await rm(folder, { recursive: true });
    return WebAssembly.compile(Uint8Array.from(binary));
  },
}));

it('A check finds a kernel with a wrong sign, and names the parameters that it spoils', async () => {
  const engine = await CpuEngine.create({ threads: 1 });
  if (typeof engine === 'string') throw new Error(engine);
  const rows: CheckRow[] = [];
  for await (const { rows: found } of check([engine])) rows.push(...found);
  engine.close();
  const failures = rows.filter(({ passed }) => !passed);
  const direct = failures.filter(({ yardstick }) => yardstick === 'float64').map(({ quantity }) => quantity);
  expect(new Set(failures.map(({ engine, cell }) => `${engine} ${cell}`))).toEqual(new Set(['cpu gru']));
  // What the reset gate learns from, and what it hands back in time; the output is right, and says so.
  for (const quantity of ['U_r', 'W_r', 'b_r', 'h⁰']) expect(direct).toContain(quantity);
  for (const quantity of ['V', 'b_y', 'loss', 'final state']) expect(direct).not.toContain(quantity);
  expect(verdict(rows)).toMatch(/fail, on CPU: .*W_r/);
});

it('The command says so, and exits with 1', async () => {
  const print = vi.spyOn(output, 'print').mockImplementation(() => {});
  const given = { operands: [], settings: { engine: 'cpu' }, value: () => undefined, has: () => false } as const;
  const code = await command.run(given);
  const written = print.mock.calls.flat().join('\n');
  print.mockRestore();
  expect(code).toBe(1);
  expect(written).toMatch(
    /CPU, .*: GRU.*\n {2}W_r +! .*Fails:.*CPU, gradient by W_r, GRU.*CPU, .*: RNN.*Passes\..*fail, on CPU/s,
  );
});
