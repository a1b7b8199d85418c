import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

/** The folder of the Python that goes with Sluice. */
export const folder = fileURLToPath(new URL('../../interop/pytorch', import.meta.url));

/** The command of a Python that has a module: what `SLUICE_PYTHON` names, else one of the usual ones. */
export function pythonWith(module: string, name: string): string | undefined {
  const named = process.env['SLUICE_PYTHON'];
  const found = (named ? [named] : ['python3', '/usr/bin/python3']).find(
    (command) => spawnSync(command, ['-c', `import ${module}`], { timeout: 120_000 }).status === 0,
  );
  if (found === undefined) console.log(`Where no python3 has ${module}, nothing was tried with ${name}.`);
  return found;
}

/** The command of a Python that has PyTorch. */
export const python = pythonWith('torch', 'PyTorch');

/** How a process ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts Python. One thread each: that is as fast for networks of this size, and leaves the machine to others. */
export function startPython(line: readonly string[], input = ''): ChildProcess & { readonly ended: Promise<Ended> } {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: folder, OMP_NUM_THREADS: '1' };
  const child = spawn(python!, line, { env, stdio: 'pipe' });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  }
  child.stdin.on('error', () => {}).end(input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...said }));
  });
  return Object.assign(child, { ended });
}

/** Runs a program of Python's to its end. */
export const runPython = (line: readonly string[], input?: string): Promise<Ended> => startPython(line, input).ended;

/** Runs a program as torchrun does it, in several processes of this machine. */
export async function torchrun(processes: number, line: readonly string[]): Promise<Ended> {
  const port = await freePort();
  const place = ['--nproc_per_node', String(processes), '--master_addr', '127.0.0.1', '--master_port', String(port)];
  // PyTorch 1.13 stumbles over its own defaults in Python 3.11: these say nothing of any process that there is.
  const remedy = ['--redirects', '9:1', '--tee', '9:1'];
  return runPython(['-m', 'torch.distributed.run', ...place, ...remedy, ...line]);
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
