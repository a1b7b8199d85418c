import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, inject } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** How a process ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process, and how it ends. */
export type Process = ChildProcess & { readonly ended: Promise<Ended> };

/** The command line as it is built, in a folder of its own, for the tests of this file. */
export function useCommandLine() {
  let folder: string;
  const started: Process[] = [];
  beforeAll(() => {
    execFileSync(process.execPath, [join(root, 'bin/sluice.js'), '--help'], { stdio: ['ignore', 'ignore', 'inherit'] });
    folder = mkdtempSync(join(tmpdir(), 'sluice-'));
  });
  afterAll(() => {
    // Where a test failed there may be some that would go on for ever.
    for (const child of started) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const cli = join(root, 'dist/cli.js');
  const spawned = (program: string, line: readonly string[]): Process => {
    const env = { ...process.env, ...softwareAdapter(), NODE: process.execPath, CLI: cli };
    const child = spawn(program, line, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
      });
    }
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve({ code, signal, ...said }));
    });
    started.push(Object.assign(child, { ended }));
    return started.at(-1)!;
  };
  const start = (line: readonly string[]) => spawned(process.execPath, [cli, ...line]);
  return {
    path: (name: string) => join(folder, name),
    start,
    run: (...line: readonly string[]) => start(line).ended,
    /** Runs a shell's script, in which `sluice` is the command line. */
    shell: (script: string) => spawned('sh', ['-c', withSluice(script)]),
    /** The same on a terminal of its own: what that shows is its standard output, and killing it closes the terminal. */
    terminal: (script: string) => spawned('script', ['-qfec', withSluice(script), '/dev/null']),
  };
}

const withSluice = (script: string) => `sluice() { "$NODE" "$CLI" "$@"; }; ${script}`;

/** Whether there are terminals to be had: `script` of util-linux makes them. */
export const hasTerminals = (() => {
  const { stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  if (stdout?.includes('util-linux')) return true;
  console.log('Without the program script, of util-linux, nothing was tried on a terminal.');
  return false;
})();

/** Resolves with a file's text when it is there and has some. */
export async function textOf(path: string, patience = 60_000): Promise<string> {
  for (const deadline = Date.now() + patience; Date.now() < deadline; ) {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    if (text !== '') return text;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${path} did not appear.`);
}

/** Resolves when a process has written a line that matches; rejects if it ends before. */
export function lineOf(child: Process, wanted: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const listen = (more: string) => {
      text += more;
      const found = text
        .split('\n')
        .slice(0, -1)
        .find((line) => wanted.test(line));
      if (found === undefined) return;
      child.stdout!.off('data', listen);
      resolve(found);
    };
    child.stdout!.on('data', listen);
    void child.ended.then(({ stderr }) => reject(new Error(`It ended without a line like ${wanted}. ${stderr}`)));
  });
}

/** Where there is no graphics driver, Dawn can use the one that emulates a GPU for Chrome, which lies beside it. */
function softwareAdapter(): NodeJS.ProcessEnv {
  if (process.platform !== 'linux') return {};
  const folders = [dirname(realpathSync(inject('chromePath'))), '/usr/lib/chromium', '/usr/lib/chromium-browser'];
  const folder = folders.find((each) => existsSync(join(each, 'vk_swiftshader_icd.json')));
  if (folder === undefined) return {};
  const library = existsSync(join(folder, 'libvulkan.so.1')) ? { LD_LIBRARY_PATH: folder } : {};
  return { VK_ADD_DRIVER_FILES: join(folder, 'vk_swiftshader_icd.json'), XDG_RUNTIME_DIR: tmpdir(), ...library };
}
