import { createStore, del, get, keys, set } from 'idb-keyval';

/** A place in the browser where files lie under names. A file that is being written stays as it was until it is whole. */
export interface FileStore {
  names(): Promise<readonly string[]>;
  /** `undefined` if there is none of that name. */
  read(name: string): Promise<Blob | undefined>;
  /** @throws NoRoomError if there is no room; the file then stays as it was. */
  write(name: string, content: Uint8Array<ArrayBuffer>): Promise<void>;
  remove(name: string): Promise<void>;
}

/** The browser has no room left for what should be kept in it. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
}

/**
 * The browser's own storage for this site: its private file system, else IndexedDB.
 *
 * @throws Error where the browser keeps nothing, as in some private windows
 */
export async function openFileStore(folder: string): Promise<FileStore> {
  try {
    const root = await navigator.storage.getDirectory();
    const store = new PrivateFileSystem(await root.getDirectoryHandle(folder, { create: true }));
    // Some browsers have the file system, but can write to it only within workers.
    if ('createWritable' in FileSystemFileHandle.prototype) return store;
  } catch {
    // Not on pages that came over plain HTTP; IndexedDB may be there still.
  }
  const store = new Database(folder);
  await store.names();
  return store;
}

class PrivateFileSystem implements FileStore {
  readonly #folder: FileSystemDirectoryHandle;

  constructor(folder: FileSystemDirectoryHandle) {
    this.#folder = folder;
  }

  async names(): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const name of this.#folder.keys()) names.push(name);
    return names;
  }

  /** A file without content is one whose first writing was cut short: it is not there. */
  async read(name: string): Promise<Blob | undefined> {
    const file = await orNotFound(this.#folder.getFileHandle(name).then((handle) => handle.getFile()));
    return file && file.size > 0 ? file : undefined;
  }

  /** What is written goes to a copy, which takes the file's place when it is closed. */
  write(name: string, content: Uint8Array<ArrayBuffer>): Promise<void> {
    return orNoRoom(content.length, async () => {
      const file = await this.#folder.getFileHandle(name, { create: true });
      const writable = await file.createWritable();
      try {
        await writable.write(content);
      } catch (error) {
        await writable.abort().catch(() => {});
        throw error;
      }
      await writable.close();
    });
  }

  async remove(name: string): Promise<void> {
    await orNotFound(this.#folder.removeEntry(name));
  }
}

/** `undefined` where the file that is asked for does not exist. */
async function orNotFound<Result>(asked: Promise<Result>): Promise<Result | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
    throw error;
  }
}

/** Does what writes so many bytes. Not every browser says that it fails for want of room, but what room there is it tells. */
async function orNoRoom(bytes: number, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const { usage = 0, quota = Number.POSITIVE_INFINITY } = (await navigator.storage?.estimate?.()) ?? {};
    const isQuota = error instanceof DOMException && error.name === 'QuotaExceededError';
    if (isQuota || usage + bytes > quota) throw new NoRoomError('There is no room left.', { cause: error });
    throw new Error(`the browser’s disk may be full or fail (${(error as Error).message}). Save this run to a file.`, {
      cause: error,
    });
  }
}

/** Each write is one transaction: all of it takes place, or nothing. */
class Database implements FileStore {
  readonly #store;

  constructor(name: string) {
    this.#store = createStore(`sluice-${name}`, 'files');
  }

  async names(): Promise<readonly string[]> {
    return (await keys(this.#store)).map(String);
  }

  async read(name: string): Promise<Blob | undefined> {
    const content = await get<Uint8Array<ArrayBuffer>>(name, this.#store);
    return content && new Blob([content]);
  }

  write(name: string, content: Uint8Array<ArrayBuffer>): Promise<void> {
    return orNoRoom(content.length, () => set(name, content, this.#store));
  }

  remove(name: string): Promise<void> {
    return del(name, this.#store);
  }
}
