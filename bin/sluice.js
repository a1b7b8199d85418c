#!/usr/bin/env node
/** The command line, built first where it is older than what it is made of. */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = join(root, 'dist/cli.js');
const sources = ['src', 'shaders', 'package.json', 'vite.config.ts', 'bin'];

const changed = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** When the newest of the files under a path was changed. */
function newest(path) {
  if (!statSync(path).isDirectory()) return changed(path);
  return Math.max(changed(path), ...readdirSync(path).map((name) => newest(join(path, name))));
}

if (changed(built) < Math.max(...sources.map((source) => newest(join(root, source))))) {
  const { buildCommandLine } = await import('./build.js');
  await buildCommandLine();
}
await import(pathToFileURL(built).href);
