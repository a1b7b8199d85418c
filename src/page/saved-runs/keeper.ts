import type { Dataset } from '../../data/dataset.ts';
import { NoRoomError, openFileStore } from '../../storage/file-store.ts';
import { type ModelWords, type SavedRun, SavedRuns } from '../../storage/saved-runs.ts';

export interface KeeperListener {
  /** What is kept now, the latest first. */
  listed(runs: readonly SavedRun[]): void;
  /** The network that stands is kept under this id from now on. */
  identified(id: string): void;
  /** Something could not be kept, or done; the message is a sentence. */
  complained(message: string): void;
}

/** Keeps the page's runs in the browser's storage, one request after the other, whichever tab it comes from. */
export class RunKeeper {
  /** The ids of runs that make no room for others. */
  spared: readonly (string | null)[] = [];
  readonly #listener: KeeperListener;
  readonly #store: Promise<SavedRuns | undefined>;
  #turn: Promise<unknown> = Promise.resolve();
  /** Under what id the network that stands is kept. */
  #claim: Promise<Claim> = Promise.resolve({ id: newId(), release: () => {} });

  constructor(listener: KeeperListener) {
    this.#listener = listener;
    this.#store = openFileStore('runs').then(
      (files) => new SavedRuns(files, wordsOf),
      () => undefined,
    );
  }

  /** The runs there are at the beginning; `null` if this browser keeps none. */
  async begin(): Promise<readonly SavedRun[] | null> {
    return (await this.#do('What is kept here could not be read', (store) => store.list())) ?? null;
  }

  /**
   * Says which run the network that stands is: a new one, or one that is kept and goes on. Where that one goes on in another
   * tab already, this is a copy.
   */
  async identify(id?: string): Promise<void> {
    this.#claim = this.#claim.then((before) => exchange(before, id));
    const claim = this.#claim;
    this.#listener.identified((await claim).id);
  }

  /** @param own what it learns, unless that comes with the page */
  keep(run: Omit<SavedRun, 'id' | 'name' | 'savedAt'>, model: Uint8Array<ArrayBuffer>, own: Dataset | undefined): void {
    const claim = this.#claim;
    void this.#change('The run could not be kept in this browser', async (store) =>
      store.save({ ...run, id: (await claim).id, savedAt: Date.now() }, model, own, this.spared),
    );
    // A browser that is asked to will not make room at the expense of what is kept. Not all ask the person; none refuse.
    void navigator.storage?.persist?.();
  }

  rename(id: string, name: string | null): Promise<void> {
    return this.#change('The run could not be renamed', (store) => store.rename(id, name));
  }

  delete(id: string): Promise<void> {
    return this.#change('The run could not be deleted', (store) => store.delete(id));
  }

  /** A run's model file; `undefined`, after a word about it, if it is not to be had. */
  async model(id: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const model = await this.#do('The run could not be read', (store) => store.model(id));
    if (model === undefined)
      this.#listener.complained('The run is not here any more: another tab may have deleted it.');
    return model;
  }

  /** Kept data of the person's own. */
  async dataset(wanted: SavedRun['dataset']): Promise<Dataset | undefined> {
    return this.#do('The data could not be read', (store) => store.dataset(wanted));
  }

  async #change(complaint: string, act: (store: SavedRuns) => Promise<readonly SavedRun[]>): Promise<void> {
    const runs = await this.#do(complaint, act);
    if (runs) this.#listener.listed(runs);
  }

  #do<Result>(complaint: string, act: (store: SavedRuns) => Promise<Result>): Promise<Result | undefined> {
    const done = this.#turn.then(async () => {
      const store = await this.#store;
      try {
        return store && (await alone(() => act(store)));
      } catch (error) {
        this.#listener.complained(`${complaint}: ${reasonOf(error)}`);
        return undefined;
      }
    });
    this.#turn = done;
    return done;
  }
}

async function wordsOf(model: Uint8Array<ArrayBuffer>): Promise<ModelWords> {
  const { readRun } = await import('./model-files.ts');
  const { step, configuration, dataset, dataKind, course, heldOut } = await readRun(model);
  const { cell, layers, hidden } = configuration;
  return {
    step,
    cell,
    layers,
    hidden,
    dataset,
    configuration,
    ...(dataKind && { dataKind }),
    ...(course && { seconds: course.seconds }),
    ...(heldOut && { bestLoss: heldOut.best.loss }),
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof NoRoomError) {
    return 'there is no room left. Delete runs that you no longer need, or save this one to a file.';
  }
  return error instanceof Error ? error.message : String(error);
}

/** Pages that came over plain HTTP have no `crypto.randomUUID`. */
const newId = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join('-');

/** Does what no other tab may do at the same time: what one has half written must not look left over to another. */
async function alone<Result>(act: () => Promise<Result>): Promise<Result> {
  return 'locks' in navigator ? navigator.locks.request('sluice-runs', act) : act();
}

/** A run that this tab holds: another one that opens it gets a copy. */
interface Claim {
  readonly id: string;
  release(): void;
}

/** Lets go of one run for another: the one of this id if no other tab holds it, else a new one. */
async function exchange(before: Claim, id: string | undefined): Promise<Claim> {
  if (id === before.id) return before;
  before.release();
  return (id !== undefined && (await claim(id))) || (await claim(newId()))!;
}

/** Holds a run for this tab as long as it is open, if it is free; where browsers cannot tell, it is. */
function claim(id: string): Promise<Claim | undefined> {
  if (!('locks' in navigator)) return Promise.resolve({ id, release: () => {} });
  return new Promise((resolve) => {
    void navigator.locks.request(`sluice-run-${id}`, { ifAvailable: true }, (lock) => {
      if (lock === null) return resolve(undefined);
      return new Promise<void>((release) => resolve({ id, release }));
    });
  });
}
