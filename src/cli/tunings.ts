import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { TuningStore } from '../engine/webgpu/tunings.ts';
import { writeAtomically } from './files.ts';

/** Where tunings are remembered by default: the person's folder for what can be found out again. */
const usualPath = () => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sluice', 'tunings.json');

/** Remembers tunings in a small JSON file: one object, a line of text under each key. */
export class FileTunings implements TuningStore {
  readonly #path: string;

  constructor(path = usualPath()) {
    this.#path = path;
  }

  async read(key: string): Promise<string | undefined> {
    const tuning = (await this.#all()).get(key);
    return typeof tuning === 'string' ? tuning : undefined;
  }

  async write(key: string, tuning: string): Promise<void> {
    // A file that cannot be read any more is written afresh: all in it can be found out again.
    const all = (await this.#all().catch(() => new Map())).set(key, tuning);
    await writeAtomically(this.#path, Buffer.from(`${JSON.stringify(Object.fromEntries(all), null, 2)}\n`));
  }

  async #all(): Promise<Map<string, unknown>> {
    return new Map(Object.entries(JSON.parse(await readFile(this.#path, 'utf8')) ?? {}));
  }
}
