import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A folder of somebody's who has installed the package and, of what it needs not, `webgpu`. */
export interface Consumer {
  readonly folder: string;
  /** The tarball's bytes. */
  readonly tarball: Buffer;
  write(file: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

/** Builds the package, packs it, and unpacks it where `npm install` would. */
export async function installPackage(): Promise<Consumer> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-consumer-'));
  // On Windows npm is a script for a shell.
  const shell = process.platform === 'win32';
  await run('npm', ['run', 'build:library'], { shell });
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { shell });
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  const tarball = join(folder, `sluice-${version}.tgz`);
  await mkdir(join(folder, 'node_modules'));
  await run('tar', ['-xzf', tarball, '-C', folder]);
  await cp(join(folder, 'package'), join(folder, 'node_modules', 'sluice'), { recursive: true });
  await rm(join(folder, 'package'), { recursive: true });
  await symlink(resolve('node_modules', 'webgpu'), join(folder, 'node_modules', 'webgpu'), 'junction');
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  return {
    folder,
    tarball: await readFile(tarball),
    write: (file, text) => writeFile(join(folder, file), text),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The pieces of JavaScript under a heading of the README, as they stand there. */
export async function examples(heading: string): Promise<string[]> {
  const readme = await readFile('README.md', 'utf8');
  const section = readme.split(/^## /m).find((section) => section.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`The README has no section “${heading}”.`);
  return Array.from(section.matchAll(/^```js\n(.*?)^```$/gms), ([, code]) => code!);
}
