import { beforeEach, describe, expect, it } from 'vitest';
import type { FileStore } from '../../src/storage/file-store.ts';
import { type SavedRun, SavedRuns } from '../../src/storage/saved-runs.ts';
import { defaultConfiguration } from '../../src/training/configuration.ts';

/** Files in memory, of which the next may fail to be written. */
class Files implements FileStore {
  readonly contents = new Map<string, Uint8Array<ArrayBuffer>>();
  failing: RegExp | undefined;

  async names(): Promise<readonly string[]> {
    return [...this.contents.keys()];
  }

  async read(name: string): Promise<Blob | undefined> {
    const content = this.contents.get(name);
    return content && new Blob([content]);
  }

  async write(name: string, content: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.failing?.test(name)) throw new Error('There is no room.');
    this.contents.set(name, content);
  }

  async remove(name: string): Promise<void> {
    this.contents.delete(name);
  }
}

const story = { kind: 'text', name: 'story.txt', text: 'A story.' } as const;
const model = (...bytes: number[]) => Uint8Array.from(bytes);
const run = (id: string, change: Partial<SavedRun> = {}): Omit<SavedRun, 'name'> => ({
  ...{ id, savedAt: 0, step: 1, loss: null, cell: 'gru', hidden: 4, dataset: { name: 'story.txt', sha256: 'abc' } },
  ...change,
});

let files: Files;
let saved: SavedRuns;
beforeEach(() => {
  files = new Files();
  saved = new SavedRuns(files);
});

describe('The runs that are kept', () => {
  it('come back with their models and texts, the latest first', async () => {
    await saved.save(run('early', { savedAt: 1 }), model(1), story);
    await saved.save(run('late', { savedAt: 2 }), model(2), undefined);
    expect((await saved.list()).map(({ id }) => id)).toEqual(['late', 'early']);
    expect(await saved.model('early')).toEqual(model(1));
    expect(await saved.dataset({ name: 'story.txt', sha256: 'abc' })).toEqual({
      kind: 'text',
      name: 'story.txt',
      text: 'A story.',
    });
    expect(await saved.model('other')).toBeUndefined();
  });

  it('keep their names when they are saved again, and with a name make room for no other', async () => {
    await saved.save(run('named'), model(1), undefined);
    await saved.rename('named', 'The first');
    await saved.save(run('named', { step: 9 }), model(9), undefined);
    expect(await saved.list()).toMatchObject([{ id: 'named', name: 'The first', step: 9 }]);
    for (let i = 1; i <= 7; i++) await saved.save(run(`run-${i}`, { savedAt: i }), model(i), undefined);
    const ids = (await saved.list()).map(({ id }) => id);
    expect(ids).toEqual(['run-7', 'run-6', 'run-5', 'run-4', 'run-3', 'named']);
  });

  it('make no room where they are spared', async () => {
    for (let i = 1; i <= 7; i++) await saved.save(run(`run-${i}`, { savedAt: i }), model(i), undefined, ['run-1']);
    const ids = (await saved.list()).map(({ id }) => id);
    expect(ids).toEqual(['run-7', 'run-6', 'run-5', 'run-4', 'run-3', 'run-1']);
  });

  it('stay as they were when there is no room for what comes next', async () => {
    await saved.save(run('kept'), model(1), undefined);
    for (const failing of [/txt$/, /safetensors$/]) {
      files.failing = failing;
      await expect(saved.save(run('kept', { step: 2 }), model(2), story)).rejects.toThrow('no room');
      expect(await saved.list()).toMatchObject([{ id: 'kept', step: 1 }]);
      expect(await saved.model('kept')).toEqual(model(1));
    }
  });

  describe('of which one has a note that cannot be read', () => {
    const notes: Record<string, string> = {
      'cut short': '{"id":"dam',
      empty: ' ',
      null: 'null',
      'a list': '[]',
      'of another run': JSON.stringify({ ...run('other'), name: null }),
      'without a text': JSON.stringify({ ...run('damaged'), name: null, dataset: undefined }),
      'with words for numbers': JSON.stringify({ ...run('damaged'), name: null, savedAt: 'yesterday' }),
    };

    beforeEach(async () => {
      await saved.save(run('damaged'), model(7), story);
      await saved.save(run('sound'), model(1), undefined);
    });
    const damage = (note: string) => files.contents.set('damaged.json', new TextEncoder().encode(note));

    it.each(Object.entries(notes))('are all there, and what its file tells: %s', async (_, note) => {
      damage(note);
      const read = async (file: Uint8Array) => ({ ...run('damaged', { step: file[0]! }), layers: 1 });
      const words = new SavedRuns(files, async (file) => {
        const { step, cell, layers, hidden, dataset } = await read(file);
        return { step, cell, layers, hidden, dataset };
      });
      const found = [
        { id: 'sound', step: 1 },
        { id: 'damaged', step: 7, name: 'Found again' },
      ];
      expect((await words.list()).toSorted((a, b) => a.step - b.step)).toMatchObject(found);
      // From then on there is a note again.
      expect((await saved.list()).toSorted((a, b) => a.step - b.step)).toMatchObject(found);
    });

    it('lose nothing of it where its file tells nothing, and nobody else’s either', async () => {
      damage('{');
      expect(await saved.list()).toMatchObject([{ id: 'sound' }]);
      await saved.save(run('sound', { step: 2 }), model(2), undefined);
      await saved.delete('sound');
      expect(new Set(files.contents.keys())).toEqual(new Set(['damaged.json', 'damaged.safetensors', 'abc.txt']));
      expect(await saved.model('damaged')).toEqual(model(7));
    });

    it('are all there when the storage itself cannot read it', async () => {
      const read = files.read.bind(files);
      files.read = (name) => (name === 'damaged.json' ? Promise.reject(new Error('unreadable')) : read(name));
      expect(await saved.list()).toMatchObject([{ id: 'sound' }]);
    });
  });

  it('are told of by their files where notes of earlier versions do not, which are completed once', async () => {
    await saved.save(run('early', { step: 3, loss: 2 }), model(1), undefined);
    await saved.rename('early', 'The first');
    let reads = 0;
    const words = { ...run('early', { step: 9 }), configuration: defaultConfiguration, seconds: 5 };
    const read = async () => ({ ...words, layers: 1, reads: ++reads });
    const told = new SavedRuns(files, read);
    const whole = { name: 'The first', step: 3, loss: 2, configuration: defaultConfiguration, seconds: 5 };
    expect(await told.list()).toMatchObject([whole]);
    expect(await told.list()).toMatchObject([whole]);
    expect(reads).toBe(1);
  });

  it('leave nothing behind: neither texts that nobody learns, nor what was begun and never listed', async () => {
    await saved.save(run('one'), model(1), story);
    await saved.save(run('two'), model(2), story);
    files.failing = /json$/;
    await expect(saved.save(run('begun'), model(3), story)).rejects.toThrow('no room');
    files.failing = undefined;
    await saved.delete('one');
    expect(new Set(files.contents.keys())).toEqual(new Set(['two.json', 'two.safetensors', 'abc.txt']));
    await saved.delete('two');
    expect(files.contents.size).toBe(0);
  });
});
