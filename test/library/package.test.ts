import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import puppeteer, { type Browser } from 'puppeteer';
import { build, createServer, type InlineConfig, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Consumer, examples, installPackage } from './consumer.ts';

const run = promisify(execFile);
const tsc = resolve('node_modules', 'typescript', 'bin', 'tsc');

/** What isolates a page from other origins, so that the CPU engine's threads may share memory. */
const isolating = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** What no import but of an engine may bring along: the start of every kernel on the GPU, and of every WebAssembly file. */
const shader = '@compute';
const wasm = Buffer.from('\0asm').toString('base64').slice(0, 5);

let consumer: Consumer;
let browser: Browser;
let example: string;
/** What goes on from there in Node. */
let inNode: string;

beforeAll(async () => {
  consumer = await installPackage();
  browser = await puppeteer.connect({ browserWSEndpoint: inject('browser') });
  const [first = '', ...further] = await examples('Use it as a library');
  example = first;
  inNode = [first, ...further].join('\n');
  await consumer.write('example.js', example);
  await consumer.write('example-in-node.js', inNode);
  const importMap = { imports: { sluice: './node_modules/sluice/dist/library/index.js' } };
  const page = (head: string) =>
    `<!doctype html><link rel="icon" href="data:," />${head}<script type="module">
      window.ended = import('./example.js').then(() => 'ended', (error) => error.stack);
    </script>`;
  await consumer.write('index.html', page(''));
  await consumer.write('plain.html', page(`<script type="importmap">${JSON.stringify(importMap)}</script>`));
});

afterAll(async () => {
  await browser?.disconnect();
  await consumer?.remove();
});

/** What the README's example prints, whatever computes it. */
function expectTraining(printed: string, device: RegExp): void {
  const losses = Array.from(printed.matchAll(/^step (\d+): (\d\.\d+) nats$/gm), ([, step, loss]) => [
    step,
    Number(loss),
  ]);
  expect(losses.map(([step]) => step)).toEqual(['50', '100', '150']);
  expect(losses.at(-1)![1]).toBeLessThan(0.2);
  expect(printed).toMatch(device);
  expect(printed).toMatch(/sells sea shells by the sea shore\./);
}

/** What a safetensors file says of itself, read by the format's rules alone. */
function readKept(file: Buffer): { readonly model: string | undefined; readonly tensors: readonly string[] } {
  const header = file.subarray(8, 8 + Number(file.readBigUInt64LE()));
  const { __metadata__, ...tensors } = JSON.parse(header.toString()) as Record<string, Record<string, string>>;
  return { model: __metadata__?.['cell'], tensors: Object.keys(tensors) };
}

/** What a page prints on the console until its example has ended. */
async function visit(address: string): Promise<string> {
  const page = await browser.newPage();
  page.setDefaultTimeout(90_000);
  const printed: string[] = [];
  page.on('console', (message) => printed.push(message.text()));
  page.on('pageerror', (error) => printed.push(String(error)));
  await page.goto(address);
  await page.waitForFunction('window.ended');
  const end = await page.evaluate('window.ended');
  await page.close();
  expect(`${printed.join('\n')}\n${end}`).toMatch(/ended$/);
  return printed.join('\n');
}

const inConsumer = (config: InlineConfig): InlineConfig => ({
  root: consumer.folder,
  configFile: false,
  logLevel: 'error',
  ...config,
});

describe('The package', () => {
  it('holds the library, and nothing else', async () => {
    const installed = join(consumer.folder, 'node_modules', 'sluice');
    const files = await readdir(installed, { recursive: true, withFileTypes: true });
    const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
    const names = paths.map((path) => path.slice(installed.length + 1).replaceAll('\\', '/'));
    console.log(`The package: ${names.length} files, ${consumer.tarball.length} bytes packed.`);
    const belonging =
      /^(LICENSE|README\.md|package\.json|interop\/pytorch\/\w+\.py|dist\/library\/([\w@-]+\/)*[\w-]+((\.wgsl|\.min)?\.js|\.d\.ts|\.md))$/;
    expect(names.filter((name) => !belonging.test(name))).toEqual([]);
    expect(consumer.tarball.length).toBeLessThan(410_000);
  });

  it('is put together as bundlers and Node expect', async () => {
    const { buffer, byteOffset, byteLength } = consumer.tarball;
    const tarball = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
    const { messages } = await publint({ pack: { tarball }, strict: true });
    expect(messages).toEqual([]);
  });

  it('may be published, and installs nothing besides itself', async () => {
    const folder = join(consumer.folder, 'installed');
    await mkdir(folder);
    await writeFile(join(folder, 'package.json'), '{}\n');
    const tarball = join(folder, 'sluice.tgz');
    await writeFile(tarball, consumer.tarball);
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
    await run('npm', ['install', ...quiet, tarball], { cwd: folder, shell: process.platform === 'win32' });
    const installed = await readdir(join(folder, 'node_modules'));
    expect(installed.filter((name) => !name.startsWith('.'))).toEqual(['sluice']);
    const manifest = JSON.parse(await readFile(join(folder, 'node_modules', 'sluice', 'package.json'), 'utf8'));
    expect(manifest).not.toHaveProperty('private');
    expect(manifest).toMatchObject({ publishConfig: { access: 'public', provenance: true }, license: 'MIT' });
  });

  it('has types that every file of it finds, as modules of Node and of bundlers look for them', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(consumer.tarball)));
    if (!analysis.types) throw new Error('There are no types.');
    const { resolutions } = analysis.entrypoints['.']!;
    // The package consists of modules: what cannot import those, or knows no `exports`, is left out.
    for (const kind of ['node16-esm', 'bundler'] as const) {
      expect(resolutions[kind].resolution?.fileName, kind).toMatch(/dist\/library\/index\.d\.ts$/);
    }
    const left = analysis.problems.filter(
      (problem) => !('resolutionKind' in problem && ['node10', 'node16-cjs'].includes(problem.resolutionKind)),
    );
    expect(left).toEqual([]);
  });

  it.each([
    ['bundler', 'esnext'],
    ['node16', 'node16'],
  ])('has types that hold in a strict program, resolved as for %s', async (moduleResolution, module) => {
    const wrong = `
      // @ts-expect-error: a number is no name of a text.
      corpusFromText(1, 'text');
      // @ts-expect-error: the parameters come when the device has got there.
      (await run.read().parameters);`;
    await consumer.write('example.ts', example + wrong);
    const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'];
    const target = ['--skipLibCheck', 'false', '--target', 'es2023', '--types', ''];
    const options = [...strict, ...target, '--moduleResolution', moduleResolution, '--module', module];
    const compiled = run(process.execPath, [tsc, ...options, 'example.ts'], { cwd: consumer.folder });
    await expect(compiled).resolves.toMatchObject({ stdout: '' });
  });

  it('is documented, all of it', async () => {
    const { stderr, stdout } = await run('npm', ['run', 'docs'], { shell: process.platform === 'win32' });
    expect(`${stdout}${stderr}`).not.toMatch(/warning/);
  });

  it('leaves out what is not used', async () => {
    await consumer.write(
      'vocabulary.js',
      `import { Vocabulary } from 'sluice';\nexport default Vocabulary.of('abc');\n`,
    );
    const bundle = async (entry: string): Promise<string> => {
      const lib = { entry, formats: ['es' as const] };
      const built = await build(inConsumer({ root: consumer.folder, build: { write: false, lib } }));
      const [result] = Array.isArray(built) ? built : [built];
      if (!result || !('output' in result)) throw new Error('Nothing was built.');
      return result.output.map((file) => ('code' in file ? file.code : '')).join('\n');
    };
    const [all, one] = [await bundle('example.js'), await bundle('vocabulary.js')];
    expect(all).toContain(shader);
    expect(all).toContain(wasm);
    expect(one).not.toContain(shader);
    expect(one).not.toContain(wasm);
    expect(one.length).toBeLessThan(3000);
  });
});

describe('The README’s example, with the package', () => {
  it('runs in Node', async () => {
    const { stdout } = await run(process.execPath, ['example-in-node.js'], { cwd: consumer.folder });
    expectTraining(stdout, /WebAssembly with .*SIMD, \d threads?: /);
    expect(Number(stdout.match(/^200 steps: (.*) nats$/m)?.[1])).toBeLessThan(0.1);
    expect(Number(stdout.match(/^root mean square error .*: (.*)$/m)?.[1])).toBeLessThan(0.2);
    expect(stdout).toMatch(/^temperature Float64Array\(6\)/m);
    expect(stdout).toMatch(/\n.*WebGPU.*\n$/);
    const { model, tensors } = readKept(await readFile(join(consumer.folder, 'sea-shells.safetensors')));
    expect([model, tensors]).toEqual(['gru', expect.arrayContaining(['U_z', 'V', 'b_y', 'adam.m.V', 'adam.v.b_y'])]);
  });

  it('runs in Chromium, bundled with Vite', async () => {
    await build(inConsumer({ build: { target: 'es2023' } }));
    const server = await preview(inConsumer({ preview: { port: 0, headers: isolating } }));
    const printed = await visit(server.resolvedUrls!.local[0]!);
    await server.close();
    expectTraining(printed, /WebAssembly with relaxed SIMD, [2-8] threads: /);
  });

  it('runs in Chromium, from Vite’s development server', async () => {
    const server = await createServer(inConsumer({ server: { port: 0, hmr: false, headers: isolating } }));
    await server.listen();
    const printed = await visit(server.resolvedUrls!.local[0]!);
    await server.close();
    expectTraining(printed, /WebAssembly with relaxed SIMD, [2-8] threads: /);
  });

  it('runs in Chromium from files alone, on a page that is not isolated', async () => {
    const server = await preview(inConsumer({ build: { outDir: '.' }, preview: { port: 0 } }));
    const printed = await visit(`${server.resolvedUrls!.local[0]!}plain.html`);
    await server.close();
    expectTraining(printed, /1 thread \(the page is not isolated from other origins\): /);
  });
});
