import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Corpus } from '../../src/data/text/corpus.ts';
import type { Choice } from '../../src/engine/choose.ts';
import { CapacityError, DeviceLostError, type Session } from '../../src/engine/engine.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { defaultOptions } from '../../src/experiment/options.ts';
import { type Configuration, defaultConfiguration } from '../../src/training/configuration.ts';
import type { Command, Event, RunState } from '../../src/training/protocol.ts';
import { Run } from '../../src/training/run.ts';
import { Trainer } from '../../src/training/trainer.ts';

const dataset: Corpus = { kind: 'text', name: 'cat', text: 'The cat sat on the mat. '.repeat(20) };
const small = { hidden: 4, batch: 2, sequence: 4, warmup: 0, schedule: 'constant' } as const;

/** The reference engine on a device that can be taken away, and that takes its time. */
class LosableEngine extends ReferenceEngine {
  #gone = false;
  #tellOfLoss: (reason: string) => void = () => {};
  override readonly lost = new Promise<string>((resolve) => {
    this.#tellOfLoss = resolve;
  });

  override async open(...args: Parameters<ReferenceEngine['open']>): Promise<Session> {
    const session = await super.open(...args);
    const onDevice =
      <Args extends unknown[], Result>(method: (...args: Args) => Promise<Result>) =>
      async (...args: Args): Promise<Result> => {
        const result = method.apply(session, args);
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (this.#gone) throw new DeviceLostError('It was taken away.');
        return result;
      };
    session.step = onDevice(session.step);
    session.evaluate = onDevice(session.evaluate);
    session.generate = onDevice(session.generate);
    session.read = onDevice(session.read);
    return session;
  }

  lose(): void {
    this.#gone = true;
    this.#tellOfLoss('It was taken away.');
  }
}

/** A trainer with its page: what it tells is kept. */
class Page {
  readonly events: Event[] = [];
  readonly engines: LosableEngine[] = [];
  /** How long it takes to find a device, in milliseconds. */
  delay = 0;
  readonly #trainer = new Trainer(
    (event) => this.events.push(event),
    async (): Promise<Choice> => {
      await new Promise((resolve) => setTimeout(resolve, this.delay));
      const engine = new LosableEngine();
      this.engines.push(engine);
      return { engine, reason: 'It is the only one.' };
    },
  );

  send(command: Command): Promise<void> {
    return this.#trainer.handle(command);
  }

  open(change: Partial<Configuration> = {}, text = dataset): Promise<void> {
    return this.send({ kind: 'open', dataset: text, configuration: { ...defaultConfiguration, ...small, ...change } });
  }

  get state(): RunState {
    const last = this.events.findLast((event) => event.kind === 'state');
    return last?.kind === 'state' ? last.state : { kind: 'opening' };
  }

  get step(): number {
    const last = this.events.findLast((event) => event.kind === 'progress');
    return last?.kind === 'progress' ? last.steps.at(-1)!.step : 0;
  }

  of<Kind extends Event['kind']>(kind: Kind): Extract<Event, { kind: Kind }>[] {
    return this.events.filter((event): event is Extract<Event, { kind: Kind }> => event.kind === kind);
  }

  async until(condition: () => boolean): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (!condition()) {
      if (Date.now() > deadline) throw new Error(`It never came to it: ${JSON.stringify(this.events.slice(-3))}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  stands(kind: RunState['kind']): Promise<void> {
    return this.until(() => this.state.kind === kind);
  }

  /** Takes one step, and waits for its end. */
  async takeStep(): Promise<void> {
    await this.send({ kind: 'step' });
    await this.until(() => this.state.kind !== 'training');
  }
}

let page: Page;
const start = async (change: Partial<Configuration> = {}, text = dataset) => {
  page = new Page();
  await page.open(change, text);
};
afterEach(() => page.send({ kind: 'pause' }));

describe('The trainer', () => {
  it('tells how long runs by recipes would take, and gives way to whatever else is wanted', async () => {
    await start({ steps: 3 });
    const configuration = { ...defaultConfiguration, ...small };
    const recipes = new Map([
      ['quick', { ...configuration, steps: 100 }],
      ['best', { ...configuration, hidden: 12, steps: 1000 }],
    ] as const);
    await page.send({ kind: 'time', recipes });
    const [quick, best] = page.of('timed');
    expect([quick!.recipe, best!.recipe]).toEqual(['quick', 'best']);
    expect(quick!.seconds).toBeGreaterThan(0);
    expect(best!.seconds).toBeGreaterThan(quick!.seconds);
    // The network that stands is none the wiser.
    expect(page.state.kind).toBe('paused');
    const timed = page.send({ kind: 'time', recipes });
    await page.send({ kind: 'train' });
    await Promise.all([timed, page.stands('finished')]);
    expect(page.step).toBe(3);
    expect(page.of('timed')).toHaveLength(2);
  });

  it('has no time for a recipe that cannot be measured, and goes on with the next', async () => {
    await start();
    const configuration = { ...defaultConfiguration, ...small };
    const recipes = new Map([
      ['good', { ...configuration, recurrentDropout: 0.1, cell: 'rnn' }],
      ['best', configuration],
    ] as const);
    await page.send({ kind: 'time', recipes });
    expect(page.of('timed').map(({ recipe }) => recipe)).toEqual(['best']);
    expect(page.of('refused')).toEqual([]);
  });

  it('trains to the goal, and on when the goal moves', async () => {
    await start({ steps: 5 });
    await page.send({ kind: 'train' });
    await page.stands('finished');
    expect(page.step).toBe(5);
    expect(page.of('validation').at(-1)).toMatchObject({ step: 5 });
    expect(page.of('passage').at(0)).toMatchObject({ step: 0, prime: 'The ' });
    expect(page.of('passage').at(-1)).toMatchObject({ step: 5, prime: 'The ' });
    await page.send({ kind: 'change', change: { steps: 8 } });
    await page.send({ kind: 'train' });
    await page.stands('finished');
    expect(page.step).toBe(8);
  });

  it('keeps the run at a pause, although a file was asked for just before', async () => {
    await start();
    await page.send({ kind: 'train' });
    await page.until(() => page.step > 3);
    await Promise.all([page.send({ kind: 'save', purpose: 'export' }), page.send({ kind: 'pause' })]);
    expect(page.of('checkpoint').map(({ purpose }) => purpose)).toEqual(['export', 'keep']);
    expect(page.of('checkpoint').map(({ step }) => step)).toEqual([page.step, page.step]);
  });

  it('is at rest when it says that it is paused', async () => {
    await start();
    await page.send({ kind: 'train' });
    await page.until(() => page.step > 3);
    await page.send({ kind: 'pause' });
    expect(page.state.kind).toBe('paused');
    const { length } = page.events;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(page.events.length).toBe(length);
  });

  it('starts afresh from the same weights', async () => {
    await start();
    const losses = async () => {
      for (let i = 0; i < 3; i++) await page.takeStep();
      return page
        .of('progress')
        .slice(-3)
        .map(({ steps: [first] }) => first!.loss);
    };
    const first = await losses();
    await page.send({ kind: 'startAfresh' });
    expect(await losses()).toEqual(first);
  });

  it('keeps what stood when another network is refused', async () => {
    await start();
    await page.takeStep();
    await page.open({ hidden: 0 });
    expect(page.of('refused').at(-1)).toMatchObject({
      of: 'open',
      message: expect.stringMatching(/at least 1 hidden/),
    });
    await page.takeStep();
    expect(page.step).toBe(2);
  });

  it('says with how many hidden units a network would fit that is too large', async () => {
    const { open } = ReferenceEngine.prototype;
    const full = vi.spyOn(ReferenceEngine.prototype, 'open').mockImplementation(async (model, capacity) => {
      if (model.hiddenSize > 20) throw new CapacityError('It does not fit.');
      return open(model, capacity);
    });
    await start({ hidden: 100 });
    // What is wrong is said at once, and what would fit when it is found.
    const failed = { kind: 'failed', message: 'It does not fit.', engine: 'reference' };
    expect(page.of('state').find(({ state }) => state.kind === 'failed')!.state).toEqual(failed);
    await page.until(() => 'units' in page.state);
    expect(page.state).toEqual({ ...failed, units: 12 });
    await page.open({ hidden: 12 });
    expect(page.state.kind).toBe('paused');
    await page.open({ hidden: 50 });
    await page.until(() => page.of('refused').length === 2);
    const refused = { kind: 'refused', of: 'open', message: 'It does not fit.' };
    expect(page.of('refused')).toEqual([refused, { ...refused, units: 12 }]);
    full.mockRestore();
  });

  it('says that there is no memory for a network before its first step, and lets go of its engine', async () => {
    const none = vi.spyOn(Run.prototype, 'startAfresh').mockImplementation(() => {
      throw new RangeError('Array buffer allocation failed');
    });
    const closed = vi.spyOn(LosableEngine.prototype, 'close');
    await start();
    expect(page.state).toMatchObject({ kind: 'failed', message: expect.stringMatching(/^There is no memory left/) });
    expect(closed.mock.calls.length).toBe(page.engines.length);
    none.mockRestore();
    closed.mockRestore();
    await page.open();
    await page.takeStep();
  });

  it('names the character that a prime may not have, and keeps the old prime', async () => {
    await start();
    await page.send({ kind: 'change', change: { prime: 'The 🦓' } });
    expect(page.of('refused').at(-1)!.message).toMatch(/“🦓”/);
    await page.send({ kind: 'generate', length: 7 });
    expect(page.of('passage').at(-1)).toMatchObject({
      prime: 'The ',
      text: expect.toSatisfy((text: string) => text.length === 7),
    });
  });

  it('takes a prime in the Unicode normal form of the text', async () => {
    const [one, two] = ['\u00E9', 'e\u0301'];
    await start({}, { kind: 'text', name: 'cafes', text: `The caf${two} and caf${two}s. `.repeat(30) });
    await page.send({ kind: 'change', change: { prime: `caf${one}` } });
    await page.send({ kind: 'generate', length: 7 });
    expect(page.of('refused')).toEqual([]);
    expect(page.of('passage').at(-1)).toMatchObject({ prime: `caf${two}` });
  });

  it('goes on from the text’s first character where the text lacks the default prime’s', async () => {
    await start({}, { kind: 'text', name: 'reber', text: 'BTXSEBPVVE'.repeat(40) });
    const passage = async () => {
      await page.send({ kind: 'generate', length: 7 });
      return page.of('passage').at(-1);
    };
    expect(await passage()).toMatchObject({ prime: 'B' });
    await page.send({ kind: 'change', change: { prime: 'BT' } });
    expect(await passage()).toMatchObject({ prime: 'BT' });
    await page.send({ kind: 'change', change: { prime: defaultConfiguration.prime } });
    expect(await passage()).toMatchObject({ prime: 'B' });
  });

  it('reads back what it writes, while that is wanted, by the weights that wrote it', async () => {
    await start({ steps: 100_000 });
    const write = async () => {
      const before = page.of('passage').length;
      await page.send({ kind: 'generate', length: 7 });
      await page.until(() => page.of('passage').length > before);
      return page.of('passage').at(-1)!;
    };
    expect(await write()).not.toHaveProperty('readBack');
    await page.send({ kind: 'readBack', layer: 0 });
    const { prime, text, readBack } = await write();
    await page.send({ kind: 'look', look: { kind: 'reading', what: prime + text, layer: 0 } });
    const { sight } = page.of('seen').at(-1)!;
    if (sight.kind !== 'reading') throw new Error('Something else was seen.');
    const { expectation, values } = sight.reading;
    expect(readBack).toEqual({
      surprises: expectation!.surprises.slice(prime.length),
      layer: 0,
      hidden: 4,
      states: values['h']!.slice(4 * prime.length),
    });

    await page.send({ kind: 'train' });
    await page.until(() => page.step > 3);
    const written = await write();
    expect(written.step).toBeGreaterThan(0);
    expect(written.readBack!.surprises).toHaveLength(written.text.length);
    await page.send({ kind: 'readBack' });
    expect(await write()).not.toHaveProperty('readBack');
    await page.send({ kind: 'pause' });
  });

  it('looks into the network while it trains, at rest, and says why where it cannot', async () => {
    await start();
    await page.send({ kind: 'look', look: { kind: 'reach' } });
    expect(page.of('seen').at(-1)).toMatchObject({
      step: 0,
      sight: { kind: 'reach', reach: { cell: 'gru', step: 0 } },
    });
    await page.send({ kind: 'train' });
    await page.until(() => page.step > 3);
    await page.send({ kind: 'look', look: { kind: 'reading', what: 'The 🦓', layer: 0 } });
    await page.until(() => page.of('unseen').length > 0);
    expect(page.of('unseen')).toMatchObject([{ look: 'reading', message: expect.stringMatching(/“🦓”/) }]);
    const { step } = page;
    await page.send({ kind: 'look', look: { kind: 'reading', what: 'The cat', layer: 0 } });
    await page.until(() => page.of('seen').length > 1);
    expect(page.of('seen').at(-1)!.step).toBeGreaterThanOrEqual(step);
    await page.until(() => page.step > step + 3);
    await page.send({ kind: 'pause' });
    // Every step that was taken is told of, once and in order.
    const steps = page.of('progress').flatMap(({ steps }) => steps.map(({ step }) => step));
    expect(steps).toEqual(steps.map((_, i) => i + 1));
  });

  it('learns a text of two characters, whatever is held out', async () => {
    page = new Page();
    await page.open({ validation: 0.5 }, { kind: 'text', name: 'two', text: 'ab' });
    await page.takeStep();
    expect(page.step).toBe(1);
  });

  it('goes on from the last step it had at rest when the device is lost', async () => {
    await start();
    for (let i = 0; i < 3; i++) await page.takeStep();
    page.engines[0]!.lose();
    await page.stands('lost');
    expect(page.state).toMatchObject({ snapshotStep: 3, reason: 'It was taken away.' });
    await page.send({ kind: 'recover' });
    await page.until(() => page.step > 6);
    expect(page.of('moved')).toHaveLength(1);
    expect(page.engines).toHaveLength(2);
  });

  it('is lost, not broken, when the device goes away in the middle of training', async () => {
    await start();
    await page.send({ kind: 'train' });
    await page.until(() => page.step > 3);
    page.engines[0]!.lose();
    await page.stands('lost');
    await page.send({ kind: 'recover' });
    await page.stands('training');
    expect(page.of('refused')).toEqual([]);
  });

  it('does not keep a network that has lost what it had learned in the place of a better one', async () => {
    await start({ learningRate: 0.05, hidden: 16, batch: 8, sequence: 16 });
    const train = async (to: number) => {
      await page.send({ kind: 'change', change: { steps: to } });
      await page.send({ kind: 'train' });
      await page.stands('finished');
    };
    const kept = () => page.of('checkpoint').flatMap(({ purpose, step }) => (purpose === 'keep' ? [step] : []));
    await train(60);
    await train(70);
    expect(kept()).toEqual([60, 70]);
    const [good] = page.of('validation').slice(-1);
    await page.send({ kind: 'change', change: { learningRate: 1000 } });
    await train(72);
    expect(page.of('validation').at(-1)!.loss).toBeGreaterThan(2 * good!.loss);
    await train(74);
    await page.send({ kind: 'save', purpose: 'keep' });
    expect(kept()).toEqual([60, 70]);
    const told = page.of('refused').map(({ of, message }) => [of, message]);
    expect(told).toEqual([
      ['save', expect.stringMatching(/^At step 72 the network has lost most of what it had learned/)],
    ]);
    // A person who asks for it gets it.
    await page.send({ kind: 'save', purpose: 'export' });
    const saved = page.of('checkpoint').at(-1)!;
    expect(saved).toMatchObject({ purpose: 'export', step: 74 });

    // The same of a run that goes on from a file.
    const file = page.of('checkpoint').find(({ step }) => step === 70)!.file;
    page = new Page();
    const configuration = { ...defaultConfiguration, ...small, hidden: 16, batch: 8, sequence: 16, learningRate: 0.05 };
    await page.send({
      kind: 'open',
      dataset,
      configuration: { ...configuration, steps: 72, learningRate: 1000 },
      file,
    });
    await page.send({ kind: 'train' });
    await page.stands('finished');
    expect(kept()).toEqual([]);
  });

  it('never offers weights that a later step has shown to be unsound', async () => {
    await start();
    for (let i = 0; i < 3; i++) await page.takeStep();
    // Step 4 is still finite, and takes the weights so far that step 5 is not.
    await page.send({ kind: 'change', change: { learningRate: 1e308 } });
    await page.takeStep();
    await page.takeStep();
    expect(page.state).toMatchObject({ kind: 'notFinite', step: 5, snapshotStep: 3 });
    page.engines[0]!.lose();
    await page.stands('lost');
    expect(page.state).toMatchObject({ snapshotStep: 3 });
    await page.send({ kind: 'change', change: { learningRate: 0.001 } });
    await page.send({ kind: 'recover' });
    await page.until(() => page.step > 6);
    expect(page.state.kind).toBe('training');
  });

  it('goes back to where the loss was notably better, also soon after the start', async () => {
    await start({ learningRate: 0.05, hidden: 16, batch: 8, sequence: 16 });
    await page.send({ kind: 'train' });
    // By the time that snapshots take, not by steps: on a busy machine it needs more of them.
    await page.until(() => page.step > 120);
    await page.send({ kind: 'change', change: { learningRate: 1e308 } });
    await page.stands('notFinite');
    expect(page.state).toMatchObject({ snapshotStep: expect.toSatisfy((step: number) => step > 10) });
  });

  it('makes a checkpoint to keep soon after the start', async () => {
    let later = 0;
    const now = performance.now.bind(performance);
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + later);
    await start();
    await page.send({ kind: 'train' });
    await page.until(() => page.step > 3);
    expect(page.of('checkpoint')).toEqual([]);
    later = 5000;
    await page.until(() => page.of('checkpoint').length > 0);
    expect(page.of('checkpoint')).toMatchObject([{ purpose: 'keep' }]);
    clock.mockRestore();
  });

  it('says that it cannot save what no reader takes, and goes back to what it could', async () => {
    await start();
    for (let i = 0; i < 3; i++) await page.takeStep();
    // Step 4 is finite in float64, and in float32 it is not.
    await page.send({ kind: 'change', change: { learningRate: 1e60 } });
    await page.takeStep();
    expect(page.state.kind).toBe('paused');
    const told = () => page.of('refused').map(({ of, message }) => ({ of, message }));
    const refusal = {
      of: 'save',
      message: expect.stringMatching(/^The run cannot be saved as it is at step 4\. The tensor \w+ holds -?Infinity: /),
    };
    expect(told()).toEqual([refusal]);
    await page.send({ kind: 'save', purpose: 'export' });
    expect(told()).toEqual([refusal, refusal]);
    expect(page.of('checkpoint').map(({ step }) => step)).toEqual([1, 2, 3]);
    page.engines[0]!.lose();
    await page.stands('lost');
    expect(page.state).toMatchObject({ snapshotStep: 3 });
  });

  it('ends a look at the held-out text when it is paused', async () => {
    const validate = vi.spyOn(Run.prototype, 'validate').mockImplementation(async (signal, heard) => {
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        heard?.(0.001);
        signal?.throwIfAborted();
      }
    });
    await start({ steps: 3 });
    await page.send({ kind: 'train' });
    await page.until(() => validate.mock.calls.length > 0);
    await page.send({ kind: 'pause' });
    expect(page.state.kind).toBe('finished');
    expect(page.of('validation')).toEqual([]);
    validate.mockRestore();
  });

  it('goes back once, however often it is asked', async () => {
    await start();
    await page.takeStep();
    await page.send({ kind: 'change', change: { learningRate: 1e308 } });
    await page.send({ kind: 'train' });
    await page.stands('notFinite');
    await page.send({ kind: 'change', change: { learningRate: 0.001 } });
    const told = page.events.length;
    await Promise.all([page.send({ kind: 'recover' }), page.send({ kind: 'recover' })]);
    await page.until(() => page.step > 8);
    await page.send({ kind: 'pause' });
    const steps = page.events.slice(told).flatMap((event) => (event.kind === 'progress' ? event.steps : []));
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, i) => steps[0]!.step + i));
  });

  it('trains to the same weights whether or not its predictions are matched on the way', async () => {
    const options = { ...defaultOptions, trials: 20, length: 10, heldOut: true };
    const losses = async (matching: boolean) => {
      await start({ steps: 12 });
      const train = page.send({ kind: 'train' });
      if (matching) await page.send({ kind: 'match', options });
      await train;
      await page.stands('finished');
      return page.of('progress').flatMap(({ steps }) => steps.map(({ loss }) => loss));
    };
    const undisturbed = await losses(false);
    expect(await losses(true)).toEqual(undisturbed);
    const [matched] = page.of('matched');
    expect(matched).toMatchObject({ datasetName: 'cat', cell: 'gru', layers: 1, hidden: 4 });
    expect(matched!.result.series.map(({ trials }) => trials.length)).toEqual([20, 20, 20, 20, 20, 20]);
  });

  it('stops matching when it is asked to, and when another network stands', async () => {
    const options = { ...defaultOptions, trials: 500, length: 20 };
    for (const stop of [{ kind: 'cancelMatch' }, { kind: 'startAfresh' }] as const) {
      await start();
      const matching = page.send({ kind: 'match', options });
      await page.send(stop);
      await matching;
      expect(page.of('unmatched')).toHaveLength(1);
      expect([...page.of('matched'), ...page.of('refused')]).toEqual([]);
      await page.takeStep();
    }
  });

  it('refuses to match what cannot be, and says so', async () => {
    await start();
    await page.send({ kind: 'match', options: { ...defaultOptions, primeLength: 1000 } });
    expect(page.of('unmatched')).toHaveLength(1);
    expect(page.of('refused').at(-1)).toMatchObject({
      of: 'match',
      message: expect.stringMatching(/too few for primes/),
    });
  });

  it('lets another network stand that is asked for while a device is sought', async () => {
    await start();
    page.engines[0]!.lose();
    await page.stands('lost');
    page.delay = 20;
    await Promise.all([page.send({ kind: 'recover' }), page.open({ hidden: 7 })]);
    expect(page.events.at(-1)).toMatchObject({ kind: 'state', state: { kind: 'paused' } });
    const { length } = page.events;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(page.events.length).toBe(length);
  });
});
