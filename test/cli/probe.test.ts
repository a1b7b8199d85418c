import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { useCommandLine } from './command-line.ts';

const { shell, path } = useCommandLine();

/** Trains with a package `webgpu` of its own. `create` is the body of the function that should give a GPU. */
function trainWith(name: string, create: string, ...line: readonly string[]) {
  mkdirSync(path(`${name}/node_modules/webgpu`), { recursive: true });
  writeFileSync(path(`${name}/node_modules/webgpu/package.json`), '{ "type": "module", "main": "index.js" }');
  const complaint = `writeSync(2, 'error: XDG_RUNTIME_DIR is invalid.\\n');`;
  writeFileSync(
    path(`${name}/node_modules/webgpu/index.js`),
    `import { writeSync } from 'node:fs'; export const globals = {}; export function create() { ${complaint} ${create} }`,
  );
  const train = ['train', '--steps', '1', '--hidden', '4', '--batch', '2', ...line].join(' ');
  return shell(`cp "$CLI" ${name}/cli.js; ulimit -c 0; "$NODE" ${name}/cli.js ${train}`).ended;
}

const noAdapter = 'return { requestAdapter: async () => null };';

describe('A driver that writes what it misses to standard error', () => {
  it('is not heard where it has no adapter', async () => {
    const ended = await trainWith('none', noAdapter);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(/^Engine: cpu on .*\. WebGPU found no graphics adapter: .* So the processor itself/);
    const asked = await trainWith('none', noAdapter, '--engine', 'webgpu');
    expect(asked).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^WebGPU found no .*\.\n$/) });
  });

  it('is not heard where its adapter emulates a GPU', async () => {
    const device = `{ lost: new Promise(() => {}), addEventListener() {}, destroy() {} }`;
    const adapter = `{ info: { description: 'llvmpipe', isFallbackAdapter: true }, limits: {}, features: new Set(), requestDevice: async () => (${device}) }`;
    const ended = await trainWith('emulated', `return { requestAdapter: async () => (${adapter}) };`);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(
      /^Engine: cpu on .*\. The only WebGPU adapter here emulates a GPU, .* So the processor/,
    );
  });

  it.runIf(process.platform !== 'win32')('does not end the training when it breaks down', async () => {
    const ended = await trainWith('broken', `process.kill(process.pid, 'SIGSEGV');`);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(
      /^Engine: cpu on .*\. The graphics driver breaks down when WebGPU looks for an adapter\./,
    );
  });
});
