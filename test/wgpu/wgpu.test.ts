import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { Compilation } from '../../src/engine/webgpu/shaders.ts';
import { cells } from '../../src/model/cells/cells.ts';
import { defaultLimits } from '../engine/default-limits.ts';
import { cover, everyCompilation } from './cover.ts';
import { runInDeno } from './deno.ts';
import type { Findings } from './program.ts';

const onLinux = process.platform === 'linux';
if (!onLinux) console.log('wgpu is tested on Linux alone, where a Vulkan driver that needs no GPU can be found.');

/** WebGPU as Firefox has it and programs in Rust, with a compiler of its own: naga. */
describe.runIf(onLinux)('wgpu, in Deno,', () => {
  let findings: Findings;
  beforeAll(async () => {
    const outDir = mkdtempSync(join(tmpdir(), 'sluice-wgpu-'));
    await build({ logLevel: 'error', build: { ssr: 'test/wgpu/program.ts', outDir } });
    const printed = await runInDeno(join(outDir, 'program.js'), inject('chromePath'));
    findings = Object.assign(
      {},
      ...printed
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
    const having = findings.subgroups ? 'has subgroups, which are left aside' : 'has no subgroups';
    console.log(`wgpu’s adapter: ${findings.adapter}, which ${having}`);
  }, 600_000);

  it('takes every shader, and every way through it', () => {
    expect(findings.refused).toEqual([]);
    expect(findings.compiled).toBe(cover(everyCompilation(defaultLimits)).length);
  });

  it('computes what the reference does, of every cell', () => {
    expect(findings.failures).toEqual([]);
    expect(findings.checked).toEqual(cells);
  });

  it('passes the proof of a device, and takes sums without subgroups where it is told to take them so', () => {
    expect(findings.proof).toBe('right');
    expect(findings.fallback).toEqual({ tuning: expect.stringMatching(/parts=4 sums=subgroup/), withSubgroups: 0 });
  });

  it('says that a session was closed in the midst of its work', () => {
    const said = 'Error: The session was closed.';
    expect(findings.closed).toEqual({ step: said, next: said, later: said });
  });

  it('says that a device was lost in the midst of a step, and goes on saying so', () => {
    const { read, trace, ...others } = findings.lost;
    for (const outcome of Object.values(others)) expect(outcome).toMatch(/^DeviceLostError: ./);
    expect(Object.keys(others)).toEqual(['step', 'later', 'open']);
    // What only reads may have had its answer by then.
    for (const outcome of [read, trace]) expect(outcome).toMatch(/^(done$|DeviceLostError: .)/);
  });
});

describe('The kernels that wgpu is given', () => {
  const every = everyCompilation(defaultLimits);
  const chosen = cover(every);
  const found = (some: readonly Compilation[], of: (each: Compilation) => readonly string[]) =>
    [...new Set(some.flatMap(of))].toSorted();

  it('are linked in every way, and have every value of each override that is more than a size', () => {
    const links = ({ files }: Compilation) => [files.join()];
    const values = ({ files, constants }: Compilation) =>
      Object.entries(constants).flatMap(([name, value]) => (value < 4 ? [`${files.at(-1)} ${name} = ${value}`] : []));
    expect(found(chosen, links)).toEqual(found(every, links));
    expect(found(chosen, values)).toEqual(found(every, values));
    expect(found(every, values).length).toBeGreaterThan(50);
  });

  it('are few enough to wait for', () => {
    expect(chosen.length).toBeLessThanOrEqual(120);
  });
});
