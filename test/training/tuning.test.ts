import { describe, expect, it, vi } from 'vitest';
import {
  type Capacity,
  DeviceLostError,
  type Engine,
  type Precision,
  type Session,
  type TuneOptions,
} from '../../src/engine/engine.ts';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import { decodeModelFile } from '../../src/files/model-file.ts';
import type { ModelConfiguration } from '../../src/model/configuration.ts';
import { defaultConfiguration } from '../../src/training/configuration.ts';
import type { Command, Event } from '../../src/training/protocol.ts';
import { Trainer } from '../../src/training/trainer.ts';

const dataset = { kind: 'text', name: 'cat', text: 'The cat sat on the mat. '.repeat(20) } as const;
const configuration = { ...defaultConfiguration, hidden: 4, batch: 2, sequence: 4 };

/** An engine that is tuned, as fast as the test wants. */
class TunedEngine implements Engine {
  readonly name = 'webgpu';
  readonly device = 'a device';
  lose: (reason: string) => void = () => {};
  readonly lost = new Promise<string>((resolve) => {
    this.lose = resolve;
  });
  readonly software: boolean;
  /** With what tuning each session was opened, and whether it is open still. */
  readonly sessions: { readonly tuning: string; open: boolean }[] = [];
  readonly #reference = new ReferenceEngine();
  signal: AbortSignal | undefined;
  /** How the recurrent weights may be read. */
  weights: Precision | undefined;
  finish: (tuning: string) => void = () => {};
  fail: (error: Error) => void = () => {};

  constructor(software = false) {
    this.software = software;
  }

  async open(model: ModelConfiguration, capacity: Capacity, tuning = 'usual'): Promise<Session> {
    const session = await this.#reference.open(model, capacity);
    const seen = { tuning, open: true };
    this.sessions.push(seen);
    const close = () => {
      seen.open = false;
    };
    return Object.assign(session, { tuning, close });
  }

  readonly tune = vi.fn(
    (_model: ModelConfiguration, _capacity: Capacity, { weights, signal }: TuneOptions = {}) =>
      new Promise<string>((resolve, reject) => {
        this.signal = signal;
        this.weights = weights;
        this.finish = resolve;
        this.fail = reject;
      }),
  );

  close(): void {}
}

async function begin(engine = new TunedEngine(), tuning = defaultConfiguration.tuning) {
  const events: Event[] = [];
  const trainer = new Trainer(
    (event) => events.push(event),
    async () => ({ engine, reason: 'It is the only one.' }),
  );
  const send = (command: Command) => trainer.handle(command);
  const opening = send({ kind: 'open', dataset, configuration: { ...configuration, tuning } });
  if (!tuning.startsWith('measure')) await opening;
  const of = <Kind extends Event['kind']>(kind: Kind) =>
    events.filter((event): event is Extract<Event, { kind: Kind }> => event.kind === kind);
  const takeStep = async () => {
    const steps = of('progress').length;
    await send({ kind: 'step' });
    await vi.waitFor(() => expect(of('state').at(-1)!.state.kind).toBe('paused'));
    expect(of('progress').length).toBe(steps + 1);
    return of('progress').at(-1)!.steps[0]!.loss;
  };
  const lastState = () => of('state').at(-1)?.state.kind;
  return { engine, send, of, takeStep, lastState };
}

const untouched = ({ tune }: TunedEngine) => vi.waitFor(() => expect(tune).toHaveBeenCalledOnce());

describe('A network that waits untouched', () => {
  it('goes over to the fastest tuning, says so, and is the same network', async () => {
    const { engine, of, takeStep } = await begin();
    await untouched(engine);
    engine.finish('faster');
    await vi.waitFor(() => expect(of('moved')).toMatchObject([{ engine: { tuning: 'faster' } }]));
    expect(engine.sessions).toEqual([
      { tuning: 'usual', open: false },
      { tuning: 'faster', open: true },
    ]);
    expect(await takeStep()).toBe(await (await begin()).takeStep());
  });

  it('stays as it is where that is the fastest', async () => {
    const { engine, of } = await begin();
    await untouched(engine);
    engine.finish('usual');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(engine.sessions).toEqual([{ tuning: 'usual', open: true }]);
    expect(of('moved')).toEqual([]);
  });

  it('takes its first step at once, with the tuning that it has, when that is asked for', async () => {
    const { engine, of, takeStep } = await begin();
    await untouched(engine);
    await takeStep();
    expect(engine.signal!.aborted).toBe(true);
    // Too late: a run that has taken a step stays as it is.
    engine.finish('faster');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await takeStep();
    expect(engine.sessions.filter(({ open }) => open)).toEqual([{ tuning: 'usual', open: true }]);
    expect(of('moved')).toEqual([]);
  });

  it('is not tuned where a person is quicker, nor where a GPU is only emulated', async () => {
    const quick = await begin();
    await quick.takeStep();
    const software = await begin(new TunedEngine(true));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(quick.engine.tune).not.toHaveBeenCalled();
    expect(software.engine.tune).not.toHaveBeenCalled();
  });

  it('tells in its file how it was tuned, and goes on in the same way on the same device', async () => {
    const { engine, send, of, takeStep } = await begin();
    await untouched(engine);
    engine.finish('faster');
    await vi.waitFor(() => expect(of('moved')).toHaveLength(1));
    await takeStep();
    await send({ kind: 'save', purpose: 'export' });
    const { file } = of('checkpoint').at(-1)!;
    expect(decodeModelFile(file).training!.engine).toEqual({ name: 'webgpu', device: 'a device', tuning: 'faster' });
    const later = await begin();
    await later.send({ kind: 'open', dataset, configuration, file });
    expect(later.engine.sessions.at(-1)).toEqual({ tuning: 'faster', open: true });
    expect(later.of('opened').at(-1)).toMatchObject({ step: 1, engine: { tuning: 'faster' } });
  });
});

describe('A network that is told how to be cut up', () => {
  it('is, and is tuned no further', async () => {
    const { engine, of } = await begin(new TunedEngine(), 'stepwise rows=16');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(engine.tune).not.toHaveBeenCalled();
    expect(engine.sessions).toEqual([{ tuning: 'stepwise rows=16', open: true }]);
    expect(of('opened')).toMatchObject([{ engine: { tuning: 'stepwise rows=16' } }]);
  });

  it('leaves the one that was there before where its device refuses', async () => {
    const { engine, send, of, takeStep } = await begin();
    engine.open = () => Promise.reject(new RangeError('It has no room for that.'));
    await send({ kind: 'open', dataset, configuration: { ...configuration, tuning: 'stepwise' } });
    expect(of('refused')).toMatchObject([{ of: 'open', message: 'It has no room for that.' }]);
    expect(engine.sessions).toEqual([{ tuning: 'usual', open: true }]);
    await takeStep();
  });
});

describe('A network that is to be measured', () => {
  it('waits for that before it trains, on what emulates a GPU too', async () => {
    const { engine, send, of, lastState } = await begin(new TunedEngine(true), 'measure');
    await untouched(engine);
    expect(lastState()).toBe('opening');
    const training = send({ kind: 'step' });
    expect(engine.signal!.aborted).toBe(false);
    engine.finish('faster');
    await training;
    await vi.waitFor(() => expect(of('progress')).toHaveLength(1));
    expect(of('moved')).toMatchObject([{ engine: { tuning: 'faster' } }]);
    expect(engine.sessions).toEqual([
      { tuning: 'usual', open: false },
      { tuning: 'faster', open: true },
    ]);
  });

  it.each([
    ['measure', 'f32'],
    ['measure weights=f16', 'f16'],
  ] as const)('has its weights rounded only where that is allowed: %s', async (tuning, weights) => {
    const { engine } = await begin(new TunedEngine(), tuning);
    await untouched(engine);
    expect(engine.weights).toBe(weights);
  });

  it('makes way for another one at once', async () => {
    const { engine, send, of, lastState } = await begin(new TunedEngine(), 'measure');
    await untouched(engine);
    const opening = send({ kind: 'open', dataset, configuration: { ...configuration, tuning: 'stepwise' } });
    expect(engine.signal!.aborted).toBe(true);
    engine.finish('faster');
    await opening;
    expect(engine.sessions.filter(({ open }) => open)).toEqual([{ tuning: 'stepwise', open: true }]);
    expect(of('moved')).toEqual([]);
    expect(lastState()).toBe('paused');
    expect(of('refused')).toEqual([]);
  });

  it('trains as it was laid out where measuring fails, and says why', async () => {
    const { engine, of, takeStep, lastState } = await begin(new TunedEngine(), 'measure');
    await untouched(engine);
    engine.fail(new Error('out of memory'));
    await vi.waitFor(() => expect(lastState()).toBe('paused'));
    expect(of('refused')).toMatchObject([{ message: 'out of memory' }]);
    await takeStep();
    expect(engine.sessions).toEqual([{ tuning: 'usual', open: true }]);
  });

  it('is lost if its device goes away meanwhile', async () => {
    const { engine, of, lastState } = await begin(new TunedEngine(), 'measure');
    await untouched(engine);
    engine.lose('gone');
    await vi.waitFor(() => expect(lastState()).toBe('lost'));
    engine.fail(new DeviceLostError('gone'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(lastState()).toBe('lost');
    expect(of('refused')).toEqual([]);
  });
});
