import { randomUUID } from 'node:crypto';
import { constants, existsSync, rmSync, type Stats } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, readFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, parse, resolve } from 'node:path';
import type { Batch } from '../engine/engine.ts';
import { parseBatch } from '../files/batch-file.ts';
import { decodeModelFile, type ModelFile } from '../files/model-file.ts';
import { isWebpage, networkInWebpage } from '../files/webpage.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import { isRunning } from './lock.ts';
import { UsageError } from './options.ts';
import { reasonOf } from './reasons.ts';

/**
 * A file's bytes.
 *
 * @throws UsageError if they cannot be had
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${reasonOf(error)}.`);
  }
}

/**
 * A model file, or the one that a web page holds.
 *
 * @throws UsageError if it cannot be read, or is not a whole and sound model
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  const bytes = await readBytes(path);
  try {
    return decodeModelFile(isWebpage(bytes) ? networkInWebpage(bytes) : bytes);
  } catch (error) {
    throw new UsageError(`${path} cannot be used. ${(error as Error).message}`);
  }
}

/**
 * A batch for a network, from a file of JSON.
 *
 * @throws UsageError if it cannot be read, or is not a batch for this network
 */
export async function readBatchFile(path: string, model: ModelConfiguration): Promise<Batch> {
  const bytes = await readBytes(path);
  try {
    return parseBatch(decode(bytes), model);
  } catch (error) {
    throw new UsageError(`${path} cannot be used. ${(error as Error).message}`);
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(
      error instanceof TypeError ? 'It is not UTF-8.' : 'It is too long for this JavaScript engine.',
    );
  }
}

/**
 * Makes sure, before hours are spent on it, that a file can be written; removes what a killed process left of it.
 *
 * @throws UsageError if it cannot, or if something else than a file is there
 */
export async function assertWritable(path: string): Promise<void> {
  const there = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ELOOP') throw new UsageError(`${path} cannot be written: ${reasonOf(error)}.`);
  });
  if (there?.isDirectory()) throw new UsageError(`${path} is a folder: name a file.`);
  if (there?.isFile() === false) throw new UsageError(`${path} is not a file, but a device: name a file.`);
  try {
    if (there !== undefined) await assertReplaceable(await realpath(path), there);
    await removeStrays(path);
    const unfinished = await unfinishedName(path);
    await (await open(unfinished, 'wx')).close();
    await rm(unfinished);
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${reasonOf(error)}.`);
  }
}

/**
 * Makes sure that another file may take the place of one that is there. That it may not be written is no hindrance, as its
 * folder decides; but the system protects some, and in a folder that everybody may write to those of others.
 *
 * @throws Error whose reason says why it may not
 */
async function assertReplaceable(target: string, { uid }: Stats): Promise<void> {
  await open(target, 'r+').then(
    (file) => file.close(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPERM' || error.code === 'EROFS') throw error;
    },
  );
  const folder = await stat(dirname(target));
  const user = process.geteuid?.() ?? 0;
  if (user === 0 || user === uid || user === folder.uid || (folder.mode & stickyBit) === 0) return;
  throw new Error('it is another user’s, in a folder where nobody else may replace it');
}

/** Of a folder in which everybody may make files, and nobody may remove those of others. */
const stickyBit = 0o1000;

/**
 * Writes all of a file or nothing: the bytes go to the disk under another name, which then becomes the file's. Who may read
 * it stays as it was; a folder that is not there, or not any more, is made.
 *
 * @param makeWay what is done before the bytes take the file's place, of which it is given the path
 * @throws Error in one sentence if they cannot be written; what was there before still is
 */
export async function writeAtomically(
  path: string,
  bytes: Uint8Array,
  makeWay: (target: string) => Promise<void> = async () => {},
): Promise<void> {
  let unfinished: string | undefined;
  // Who quits at once leaves nothing behind either.
  const cleanUp = () => unfinished !== undefined && rmSync(unfinished, { force: true });
  process.once('exit', cleanUp);
  try {
    const target = await targetOf(path);
    unfinished = await unfinishedName(path);
    await mkdir(dirname(target), { recursive: true });
    const before = await stat(target).catch(() => undefined);
    const file = await open(unfinished, 'wx', before ? 0o600 : 0o666);
    try {
      // Not every disk has owners and modes, and not every user may give a file away.
      await file.chown(before?.uid ?? -1, before?.gid ?? -1).catch(() => {});
      if (before) await file.chmod(before.mode & 0o777).catch(() => {});
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await makeWay(target);
    await rename(unfinished, target);
  } catch (error) {
    if (unfinished !== undefined) await rm(unfinished, { force: true }).catch(() => {});
    throw new Error(`${path} could not be written: ${reasonOf(error)}.`);
  } finally {
    process.off('exit', cleanUp);
  }
}

/**
 * Writes all of a file or nothing. What was there, unless it has the same bytes, is kept beside it.
 *
 * @returns the name under which it is kept
 * @throws Error in one sentence if they cannot be written; what was there before still is
 */
export async function writeKeeping(path: string, bytes: Uint8Array): Promise<string | undefined> {
  let kept: string | undefined;
  await writeAtomically(path, bytes, async (target) => {
    const before = existsSync(target) ? await readFile(target) : undefined;
    if (before !== undefined && !before.equals(bytes)) kept = await keepBeside(target);
  });
  return kept;
}

/** Why a file is kept beside another one, in its name: it was there before, or it is the better one of the same training. */
type Beside = 'backup' | 'best';

/** A name for a file that is kept beside another one: m.backup.safetensors, m.backup-2.safetensors and so on. */
function nameBeside(path: string, why: Beside, count: number): string {
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}.${why}${count === 1 ? '' : `-${count}`}${ext}`);
}

/** The first name beside a file that no other has. */
export function freeNameBeside(path: string, why: Beside = 'backup'): string {
  let count = 1;
  while (existsSync(nameBeside(path, why, count))) count++;
  return nameBeside(path, why, count);
}

/** Gives a file a free name beside its own as well, so that it stays when another takes its own. Returns that name. */
export async function keepBeside(path: string, why: Beside = 'backup'): Promise<string> {
  for (;;) {
    const name = freeNameBeside(path, why);
    try {
      // Not every disk has files of two names.
      await link(path, name).catch(() => copyFile(path, name, constants.COPYFILE_EXCL));
      return name;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Whether two paths lead to one file. */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  return (await targetOf(one)) === (await targetOf(other));
}

/** The file that a link leads to is what is replaced, not the link; if it is not there yet, it is what is made. */
export async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return resolve(path);
    const [folder, to] = [
      await realpath(dirname(path)).catch(() => undefined),
      await readlink(path).catch(() => undefined),
    ];
    if (folder === undefined) return resolve(path);
    // Not made any shorter: behind a link to a folder, .. is another one than it looks.
    return to === undefined ? join(folder, basename(path)) : targetOf(isAbsolute(to) ? to : `${folder}/${to}`);
  }
}

const suffix = '.unfinished';

/** A name in the same folder, and so on the same disk, with the process that writes it. */
export async function unfinishedName(path: string): Promise<string> {
  return `${await targetOf(path)}.${process.pid}-${randomUUID().slice(0, 8)}${suffix}`;
}

/** Removes what processes that are no more had begun to write. */
async function removeStrays(path: string): Promise<void> {
  const target = await targetOf(path);
  const prefix = `${basename(target)}.`;
  for (const name of await readdir(dirname(target))) {
    if (!name.startsWith(prefix) || !name.endsWith(suffix)) continue;
    const [, id] = /^(\d+)-[0-9a-f]{8}$/.exec(name.slice(prefix.length, -suffix.length)) ?? [];
    if (id !== undefined && !isRunning(Number(id))) await rm(join(dirname(target), name), { force: true });
  }
}
