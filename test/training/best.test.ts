import { describe, expect, it } from 'vitest';
import { decodeModelFile, encodeModelFile } from '../../src/files/model-file.ts';
import { checkpointOf, resume } from '../../src/training/checkpoint.ts';
import { type Configuration, defaultConfiguration } from '../../src/training/configuration.ts';
import { HeldOutLooks } from '../../src/training/held-out-looks.ts';
import type { Event } from '../../src/training/protocol.ts';
import { Run } from '../../src/training/run.ts';
import { Trainer } from '../../src/training/trainer.ts';
import { ScriptedEngine } from './scripted-engine.ts';

const dataset = { kind: 'text', name: 'cat', text: 'The cat sat on the mat. '.repeat(20) } as const;
const small = { hidden: 4, batch: 2, sequence: 4, steps: 100, evaluateEvery: 2 } as const;
/** Best at step 6; no better from there on. */
const losses = (step: number) => 1 + Math.abs(6 - step) / 10;

async function begin(change: Partial<Configuration> = {}, lossAt = losses): Promise<Run> {
  const { choose } = new ScriptedEngine(lossAt);
  const run = await Run.open(dataset, { ...defaultConfiguration, ...small, ...change }, choose);
  run.startAfresh();
  return run;
}

/** Trains as the command line and the page do, without what looks at it. */
async function train(run: Run, until = run.configuration.steps): Promise<void> {
  const looks = new HeldOutLooks(run);
  if (looks.due) await looks.look(() => true);
  while (!run.finished && run.step < until) {
    await run.takeStep();
    if (looks.due) await looks.look(() => true);
  }
}

const fileOf = async (run: Run) => decodeModelFile(encodeModelFile(checkpointOf(run, await run.read())));
const goOn = async (run: Run, change: Partial<Configuration> = {}, lossAt = losses) =>
  resume(await fileOf(run), dataset, change, new ScriptedEngine(lossAt).choose);

describe('The best network', () => {
  it('is the file’s, and where training stands is there as well', async () => {
    const run = await begin();
    await train(run, 11);
    const { parameters, training } = await fileOf(run);
    expect(parameters[0]).toBe(6);
    expect(training!.parameters[0]).toBe(11);
    expect(training).toMatchObject({ step: 11, heldOut: { lookedAt: 10, sinceBest: 2, best: { step: 6, loss: 1 } } });
  });

  it('is the one that stands before the first look, where nothing is held out, and where the last is to be kept', async () => {
    for (const change of [{ evaluateEvery: 50 }, { validation: 0 }, { keep: 'last' }] as const) {
      const run = await begin(change);
      await train(run, 11);
      const { parameters, training } = await fileOf(run);
      expect([parameters[0], training!.parameters[0]]).toEqual([11, 11]);
      expect(training!.heldOut?.best.step).toBe('keep' in change ? 6 : undefined);
    }
  });

  it('is the averaged one, where the run averages', async () => {
    const run = await begin({ averaging: 0.9 });
    await train(run, 11);
    const { parameters, training } = await fileOf(run);
    expect([parameters[0], training!.parameters[0], training!.averaged![0]]).toEqual([3, 11, 5.5]);
    const last = await begin({ averaging: 0.9, keep: 'last' });
    await train(last, 11);
    const file = await fileOf(last);
    expect([file.parameters[0], file.training!.parameters[0], file.training!.averaged![0]]).toEqual([5.5, 11, 5.5]);
  });

  it('is stored once where it is also what stands', async () => {
    const length = async (until: number) => {
      const run = await begin();
      await train(run, until);
      const file = checkpointOf(run, await run.read());
      return [encodeModelFile(file).length, file.parameters.byteLength] as const;
    };
    const [[asBest, bytes], [later]] = [await length(6), await length(7)];
    expect(later - asBest).toBeGreaterThan(bytes);
    expect(asBest).toBeGreaterThan(3 * bytes);
    expect(asBest).toBeLessThan(4 * bytes + 4000);
  });

  it.each([1, 5, 6, 7, 10, 11])('is the same after a training that went on from step %i', async (at) => {
    const straight = await begin();
    await train(straight, 15);
    const first = await begin();
    await train(first, at);
    const second = await goOn(first);
    await train(second, 15);
    expect(await fileOf(second)).toEqual(await fileOf(straight));
  });

  it('takes no place of a better one by a loss that is no number', async () => {
    const run = await begin({}, (step) => (step === 2 ? Number.NaN : step > 6 ? Number.NaN : losses(step)));
    await train(run, 2);
    expect(run.heldOut).toBeUndefined();
    await train(run, 11);
    expect(run.heldOut).toEqual({
      lookedAt: 10,
      sinceBest: 2,
      best: { step: 6, loss: 1 },
      parameters: expect.anything(),
    });
  });

  it('is sought anew where it was not kept so far, and forgotten where it shall not be', async () => {
    const last = await begin({ keep: 'last' });
    await train(last, 11);
    const best = await goOn(last, { keep: 'best' });
    expect(best.heldOut).toBeUndefined();
    await train(best, 13);
    expect((await fileOf(best)).parameters[0]).toBe(12);
    const again = await goOn(best, { keep: 'last' });
    expect((await fileOf(again)).parameters[0]).toBe(13);
  });
});

describe('Patience', () => {
  it('ends a training after so many looks without a better one', async () => {
    const run = await begin({ patience: 3 });
    await train(run);
    expect([run.step, run.finished, run.outOfPatience]).toEqual([12, true, true]);
    const patient = await begin();
    await train(patient);
    expect(patient.step).toBe(100);
  });

  it('is counted on when a training goes on', async () => {
    for (const at of [7, 9, 11]) {
      const first = await begin({ patience: 3 });
      await train(first, at);
      const second = await goOn(first);
      await train(second);
      expect(second.step).toBe(12);
    }
  });

  it('is renewed for a training that goes on after it had run out', async () => {
    const run = await begin({ patience: 3 });
    await train(run);
    const more = await goOn(run);
    expect(more.finished).toBe(false);
    await train(more);
    expect(more.step).toBe(18);
    run.renewPatience();
    await train(run);
    expect(run.step).toBe(18);
    expect(run.heldOut!.best.step).toBe(6);
  });
});

describe('Looks every so many steps', () => {
  it('come at these steps, and are made up for where a training ended before one', async () => {
    const engine = new ScriptedEngine(losses);
    const run = await Run.open(dataset, { ...defaultConfiguration, ...small, evaluateEvery: 3 }, engine.choose);
    run.startAfresh();
    const looks = new HeldOutLooks(run);
    const dueAt: number[] = [];
    for (let step = 1; step <= 9; step++) {
      await run.takeStep();
      if (!looks.due) continue;
      dueAt.push(step);
      if (step < 9) await looks.look(() => true);
    }
    expect(dueAt).toEqual([3, 6, 9]);
    const second = await goOn(run);
    expect(new HeldOutLooks(second).due).toBe(true);
    await train(second, 9);
    expect(second.heldOut).toMatchObject({ lookedAt: 9, sinceBest: 1 });
  });
});

describe('The trainer', () => {
  const stand = async (change: Partial<Configuration>, file?: Uint8Array<ArrayBuffer>) => {
    const events: Event[] = [];
    const trainer = new Trainer((event) => events.push(event), new ScriptedEngine(losses).choose);
    const configuration = { ...defaultConfiguration, ...small, ...change };
    await trainer.handle({ kind: 'open', dataset, configuration, ...(file && { file }) });
    const of = <Kind extends Event['kind']>(kind: Kind) =>
      events.filter((event): event is Extract<Event, { kind: Kind }> => event.kind === kind);
    const finished = (times: number) =>
      expect
        .poll(() => of('state').filter(({ state }) => state.kind === 'finished').length, { timeout: 20_000 })
        .toBe(times);
    return { trainer, of, finished };
  };

  it('stops when patience runs out, tells the best, and goes on when it is told to', async () => {
    const { trainer, of, finished } = await stand({ patience: 3 });
    expect(of('opened')[0]).not.toHaveProperty('best');
    await trainer.handle({ kind: 'train' });
    await finished(1);
    expect(of('validation').map(({ step }) => step)).toEqual([2, 4, 6, 8, 10, 12]);
    expect(of('validation').at(-1)!.best).toEqual({ step: 6, loss: 1 });
    const kept = decodeModelFile(of('checkpoint').at(-1)!.file);
    expect([kept.parameters[0], kept.training!.step]).toEqual([6, 12]);
    await trainer.handle({ kind: 'train' });
    await finished(2);
    expect(of('validation').at(-1)).toMatchObject({ step: 18, best: { step: 6 } });

    const later = await stand({}, of('checkpoint').at(-1)!.file);
    expect(later.of('opened')[0]!.best).toEqual({ step: 6, loss: 1 });
  });

  it('has patience as it is set while it trains', async () => {
    const { trainer, of, finished } = await stand({ steps: 1e9 });
    await trainer.handle({ kind: 'train' });
    await expect.poll(() => of('validation').length).toBeGreaterThan(4);
    await trainer.handle({ kind: 'change', change: { patience: 3 } });
    await finished(1);
    await trainer.handle({ kind: 'change', change: { patience: 0 } });
    expect(of('state').at(-1)!.state.kind).toBe('paused');
  });
});
