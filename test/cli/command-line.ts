import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
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

/** The command line as it is built, in a folder of its own, for the tests of this file. */
export function useCommandLine() {
  let folder: string;
  beforeAll(() => {
    execFileSync(process.execPath, [join(root, 'bin/sluice.js'), '--help'], { stdio: ['ignore', 'ignore', 'inherit'] });
    folder = mkdtempSync(join(tmpdir(), 'sluice-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = (line: readonly string[]): ChildProcess & { readonly ended: Promise<Ended> } => {
    const env = { ...process.env, ...softwareAdapter() };
    const child = spawn(process.execPath, [join(root, 'dist/cli.js'), ...line], { cwd: folder, env });
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
    return Object.assign(child, { ended });
  };
  return { path: (name: string) => join(folder, name), start, run: (...line: readonly string[]) => start(line).ended };
}

/** Resolves when a process has written a line that matches; rejects if it ends before. */
export function lineOf(child: ChildProcess & { readonly ended: Promise<Ended> }, wanted: RegExp): Promise<string> {
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
