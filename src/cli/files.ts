import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { decodeModelFile, type ModelFile } from '../files/model-file.ts';
import { predictsItsInput } from '../model/configuration.ts';
import type { Vocabulary } from '../model/vocabulary.ts';
import { UsageError } from './options.ts';

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
 * A model file.
 *
 * @throws UsageError if it cannot be read, or is not a whole and sound model
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  const bytes = await readBytes(path);
  try {
    return decodeModelFile(bytes);
  } catch (error) {
    throw new UsageError(`${path} cannot be used. ${(error as Error).message}`);
  }
}

/**
 * The symbols of a network that can write: one that predicts what it reads.
 *
 * @throws UsageError if it cannot
 */
export function writersVocabulary(path: string, { model, vocabulary, classes }: ModelFile): Vocabulary {
  if (vocabulary !== undefined && classes === undefined && predictsItsInput(model)) return vocabulary;
  const what =
    model.inputs === 'vectors' ? 'vectors' : classes || model.output === 'log-softmax' ? 'classes' : 'numbers';
  throw new UsageError(`${path} is a network of ${what}: only one that predicts the symbols it reads can write.`);
}

/**
 * Makes sure, before hours are spent on it, that a file can be written; removes what a killed process left of it.
 *
 * @throws UsageError if it cannot, or if something else than a file is there
 */
export async function assertWritable(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw new UsageError(`${path} is a folder: name a file.`);
  if (there?.isFile() === false) throw new UsageError(`${path} is not a file, but a device: name a file.`);
  try {
    await removeStrays(path);
    const unfinished = await unfinishedName(path);
    await (await open(unfinished, 'wx')).close();
    await rm(unfinished);
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${reasonOf(error)}.`);
  }
}

/**
 * Writes all of a file or nothing: the bytes go to the disk under another name, which then becomes the file's.
 *
 * @throws Error in one sentence if they cannot be written; what was there before still is
 */
export async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const unfinished = await unfinishedName(path);
  // Who quits at once leaves nothing behind either.
  const cleanUp = () => rmSync(unfinished, { force: true });
  process.once('exit', cleanUp);
  try {
    const file = await open(unfinished, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, await targetOf(path));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw new Error(`${path} could not be written: ${reasonOf(error)}.`);
  } finally {
    process.off('exit', cleanUp);
  }
}

/** Whether two paths lead to one file. */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  return (await targetOf(one)) === (await targetOf(other));
}

/** The file that a link leads to is what is replaced, not the link. */
export const targetOf = (path: string) => realpath(path).catch(() => resolve(path));

const suffix = '.unfinished';

/** A name in the same folder, and so on the same disk, with the process that writes it. */
async function unfinishedName(path: string): Promise<string> {
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

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EFBIG: 'files may not be that large here',
  EIO: 'the disk fails',
  EDQUOT: 'this user’s share of the disk is full',
  ENAMETOOLONG: 'its name is too long',
};

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return reasons[code ?? ''] ?? message;
}
