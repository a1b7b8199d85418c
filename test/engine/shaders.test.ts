import { readdirSync, readFileSync } from 'node:fs';
import puppeteer, { type Browser, type Page } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { kinds } from '../../src/check/cases.ts';
import { readTuning } from '../../src/engine/webgpu/candidates.ts';
import { generator } from '../../src/engine/webgpu/generate.ts';
import type { Dispatch } from '../../src/engine/webgpu/kernels/dispatch.ts';
import { networkOf } from '../../src/engine/webgpu/network.ts';
import { passNames, plan } from '../../src/engine/webgpu/plan.ts';
import { bare } from '../../src/engine/webgpu/plugin.ts';
import { type Compilation, declaredIn, linkShader } from '../../src/engine/webgpu/shaders.ts';
import { cells } from '../../src/model/cells/cells.ts';
import { predictsItsInput, symbolModel } from '../../src/model/configuration.ts';
import { defaultLimits } from './default-limits.ts';

const limits = { ...defaultLimits, subgroupSize: 4 };

/** Every dispatch of every kind of network, in every way of going through it, with and without dropout and averages. */
const dispatches: readonly Dispatch[] = Object.values(kinds).flatMap((kind) =>
  ['whole-sequence', 'whole-sequence parts=4 sums=subgroup', 'stepwise parts=4 sums=subgroup'].flatMap((tuning) =>
    [false, true].flatMap((room) => {
      const [model, capacity] = [kind(9, 7), { rows: 2, timesteps: 2, withDropout: room, withAverages: room }];
      const { passes } = plan(model, capacity, limits, readTuning(tuning, model, capacity));
      return passNames.flatMap((pass) => passes[pass]);
    }),
  ),
);

/** All of that, and what writes. */
const compilations: readonly Compilation[] = [
  ...dispatches,
  ...Object.values(kinds)
    .map((kind) => kind(9, 7))
    .filter(predictsItsInput)
    .map((model) => generator(networkOf(model), limits)),
];

/** The files of every shader that there is, with the letters of its gates: each once. */
const shaders = new Map(compilations.map(({ files, letters }) => [files.join(), { files, letters }]));

/** The text of every file there is. */
const texts: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync('shaders', { encoding: 'utf8', recursive: true })
    .filter((path) => path.endsWith('.wgsl'))
    .map((path) => [path, readFileSync(`shaders/${path}`, 'utf8')]),
);

/** WGSL's builtins of whose arguments one has to be of the others' type. */
const builtins =
  /\b(select|min|max|clamp|mix|step|smoothstep|pow|fma|dot|distance|cross|atan2|ldexp|modf|sign|abs)\s*\(/g;

/** Calls of builtins that have a whole number without a type as an argument. */
function untyped(text: string): string[] {
  const code = text.replace(/\/\/.*$/gm, '');
  return Array.from(code.matchAll(builtins)).flatMap(({ 0: opening, index }) => {
    const found = argumentsFrom(code, index + opening.length);
    return found.some((argument) => /^[\s\d()+*/%-]*\d[\s\d()+*/%-]*$/.test(argument))
      ? [`${opening}${found.join()})`]
      : [];
  });
}

/** The arguments of a call, from behind its parenthesis on. */
function argumentsFrom(code: string, start: number): string[] {
  const found = [''];
  let depth = 0;
  for (const character of code.slice(start)) {
    if ('([{'.includes(character)) depth++;
    if (')]}'.includes(character) && depth-- === 0) break;
    if (character === ',' && depth === 0) found.push('');
    else found.push(found.pop()! + character);
  }
  return found;
}

/** Arrays whose size is an expression, and neither a number nor a name. */
function sizedArrays(text: string): string[] {
  const named = /array<\w+(?:<\w+>)?, ?\w+>/g;
  // From the innermost to the outermost.
  const rest = text.replace(named, 'array').replace(named, 'array');
  return rest.match(/array<[^>;]*,[^;]*/g) ?? [];
}

describe('The shaders', () => {
  it('are linked of every file there is, but for those that measure a device’s ceilings', () => {
    const linked = new Set([...shaders.values()].flatMap(({ files }) => files));
    const there = readdirSync('shaders', { encoding: 'utf8', recursive: true })
      .filter((path) => path.endsWith('.wgsl') && !path.startsWith('benchmark'))
      .map((path) => path.replace('.wgsl', ''));
    expect([...linked].toSorted()).toEqual(there.toSorted());
  });

  it('know of every line in which file it stands', () => {
    for (const { files, letters } of shaders.values()) {
      const { code, origin } = linkShader(files, letters);
      const lines = code.split('\n').slice(0, letters ? -letters.length : undefined);
      for (const [i, line] of lines.entries()) expect(origin(i + 1).source).toBe(line);
      const heads = files.map((file) => readFileSync(`shaders/${file}.wgsl`, 'utf8').split('\n')[0]!);
      expect(lines.filter((_, i) => origin(i + 1).line === 1)).toEqual(heads);
    }
  });

  it('declare what dispatches bind, each once, and no more storage buffers than every device takes', () => {
    for (const { files, letters, bindings } of dispatches) {
      const { bindings: declared } = linkShader(files, letters);
      expect(declared.map(({ name }) => name).toSorted()).toEqual(Object.keys(bindings).toSorted());
      expect(new Set(declared.map(({ binding }) => binding)).size).toBe(declared.length);
      expect(declared.filter(({ type }) => type !== 'uniform').length).toBeLessThanOrEqual(8);
    }
  });

  it('declare every override that they are given a value for', () => {
    for (const { files, letters, constants } of compilations) {
      const { code } = linkShader(files, letters);
      const declared = Array.from(code.matchAll(/^override (\w+)/gm), ([, name]) => name!);
      expect(declared).toEqual(expect.arrayContaining(Object.keys(constants)));
    }
  });

  it('have no number without a type as a builtin’s argument, which naga 24 takes for an i32', () => {
    expect(Object.entries(texts).flatMap(([path, text]) => untyped(text).map((call) => `${path}: ${call}`))).toEqual(
      [],
    );
  });

  // Some compilers fail at two sizes that are like expressions; naga 29 panics at an override that follows one.
  it('size every array by a number or a name', () => {
    const unnamed = Object.entries(texts).flatMap(([path, text]) =>
      sizedArrays(text).map((size) => `${path}: ${size}`),
    );
    expect(unnamed).toEqual([]);
  });

  it.each([
    ['a: array<vec4f, 2 * SIZE>;', 1],
    ['a: array<array<f32, 4>, A + B>;', 1],
    ['a: array<array<f32, 2 * A>, B>;', 1],
    ['a: array<array<f32, 4>, A>; b: array<vec4<f32>, B>; c: array<u32>, d: array<u32>', 0],
  ])('are seen to size one by something else in %s: %i', (code, count) => {
    expect(sizedArrays(code)).toHaveLength(count);
  });

  it.each([
    ['select(0, x, c)', 1],
    ['min(4, n)', 1],
    ['a + max(f(x), -(1 + 2) * 3)', 1],
    ['clamp(\n  x, 0,\n 8)', 1],
    ['min(max(0, a), b)', 1],
    ['vec4u(min(1u, n - 1), 2, 3, 4)', 0],
    ['select(0.0, x[2], c) + f(1, 2)', 0],
    ['max(a, vec4f(0)) // min(4, n)', 0],
  ])('are seen to have one in %s: %i', (code, count) => {
    expect(untyped(code)).toHaveLength(count);
  });

  it('have room for every cell: at most four gates in a phase, one in a second, and one behind h in the states', () => {
    for (const cell of cells) {
      const { gates, firstGates, twoPhases, states, inputMatrices } = networkOf(symbolModel(cell, 9, 7));
      expect(firstGates).toBeLessThanOrEqual(4);
      expect(gates - firstGates).toBe(Number(twoPhases));
      expect(states + Number(twoPhases)).toBeLessThanOrEqual(2);
      expect(gates - inputMatrices).toBeLessThanOrEqual(1);
    }
  });
});

describe.runIf(inject('webgpu') !== 'dawn')('The compiler of WGSL in the browser', () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await puppeteer.connect({ browserWSEndpoint: inject('browser') });
    page = await browser.newPage();
    await page.goto(`${inject('site')}test/browser/engines.html`);
  });
  afterAll(async () => {
    await page?.close();
    await browser?.disconnect();
  });

  /** What the compiler says of each of some shaders: the line of its first error, or 0. */
  const faults = (codes: readonly string[]) =>
    page.evaluate(async (codes) => {
      const adapter = (await navigator.gpu.requestAdapter())!;
      const device = await adapter.requestDevice({ requiredFeatures: ['subgroups'] });
      const lines: { line: number; message: string }[] = [];
      for (const code of codes) {
        device.pushErrorScope('validation');
        const { messages } = await device.createShaderModule({ code }).getCompilationInfo();
        await device.popErrorScope();
        const fault = messages.find(({ type }) => type === 'error');
        lines.push({ line: fault?.lineNum ?? 0, message: fault?.message ?? '' });
      }
      device.destroy();
      return lines;
    }, codes as string[]);

  const linked = [...shaders.values()].map(({ files, letters }) => ({ files, letters, ...linkShader(files, letters) }));

  it('takes every one', async () => {
    const found = await faults(linked.map(({ code }) => code));
    const wrong = found.flatMap(({ line, message }, i) => (line ? [[linked[i]!.origin(line), message]] : []));
    expect(wrong).toEqual([]);
    expect(found.length).toBeGreaterThan(40);
  });

  it('takes every one as it is shipped, which has the same lines and declares the same', async () => {
    const shipped = linked.map(({ code }) => bare(code));
    expect(await faults(shipped)).toEqual(shipped.map(() => ({ line: 0, message: '' })));
    for (const [i, code] of shipped.entries()) {
      expect(declaredIn(code)).toEqual(linked[i]!.bindings);
      expect(code.split('\n')).toHaveLength(linked[i]!.code.split('\n').length);
      expect(code).not.toMatch(/\/\/| {2}| ;/);
    }
  });

  it('is understood where it refuses one: the true file and line', async () => {
    const broken = linked.flatMap(({ files, code, origin }) =>
      files.map((file) => {
        const lines = code.split('\n');
        const at = lines.findIndex((line, i) => origin(i + 1).file === file && /^(fn|override|struct|var)/.test(line));
        const spoilt = lines.with(at, lines[at]!.replace(/^(fn|override|struct|var)/, '$1 1'));
        return { code: spoilt.join('\n'), expected: { file, line: origin(at + 1).line }, origin };
      }),
    );
    const some = broken.filter((_, i) => i % 7 === 0);
    const found = await faults(some.map(({ code }) => code));
    for (const [i, { expected, origin }] of some.entries()) expect(origin(found[i]!.line)).toMatchObject(expected);
  });
});
