import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { platform } from 'node:os';

/** Where a browser usually is, by Node's names of platforms. */
export type UsualPlaces = Partial<Readonly<Record<NodeJS.Platform, readonly string[]>>>;

/**
 * Finds a browser's program file: the one that an environment variable names, or else the first there is.
 *
 * @param further where to look after the usual places
 * @throws Error if the variable names a file that does not exist
 */
export function findBrowser(variable: string, usual: UsualPlaces, further: readonly string[] = []): string | undefined {
  const named = process.env[variable];
  if (named) {
    if (existsSync(named)) return named;
    throw new Error(`${variable} names ${named}, which does not exist.`);
  }
  return [...(usual[platform()] ?? []), ...further].find((path) => existsSync(path) && starts(path));
}

/** Whether a browser runs here: some systems have a stand-in that only says how to install one, or lack its libraries. */
function starts(path: string): boolean {
  // On Windows a browser asked for its version opens a window instead.
  if (platform() === 'win32') return true;
  try {
    execFileSync(path, ['--version'], { stdio: 'ignore', timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}

/** Finds a browser, or installs one, in the first way that works. */
export function findOrInstall(
  name: string,
  find: () => string | undefined,
  ways: readonly (() => void)[],
): string | undefined {
  const found = find();
  if (found !== undefined) return found;
  console.log(`No ${name} found: installing one.`);
  for (const install of ways) {
    try {
      install();
    } catch {
      // The next way may work where this one does not.
    }
    const installed = find();
    if (installed !== undefined) return installed;
  }
  return undefined;
}

/** Installs a package of Debian's and its kin's, which only root may. */
export function installPackage(name: string): void {
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
  execFileSync('apt-get', ['install', '-y', '-qq', name], { stdio: 'inherit' });
}
