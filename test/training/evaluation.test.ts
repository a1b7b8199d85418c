import { expect, it } from 'vitest';
import { baselines } from '../../src/data/text/baselines.ts';
import { fieldNotes } from '../../src/data/text/field-notes.ts';
import { demandText } from '../../src/data/text/task.ts';
import type { Session } from '../../src/engine/engine.ts';
import { initialState } from '../../src/engine/initial-state.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { defaultConfiguration } from '../../src/training/configuration.ts';
import { dynamicDefaults, evaluate, evaluationCapacity } from '../../src/training/evaluation.ts';
import { Run } from '../../src/training/run.ts';
import { useCpuEngine } from '../engine/each-engine.ts';

const engine = useCpuEngine({ threads: 2, relaxed: false });
const choose = async () => ({ engine: engine(), reason: '' });
const text = fieldNotes().text.slice(0, 30_000);
const settings = { segment: 32, learningRate: 0.001 };

/** A run that has learned something. */
async function trained(steps: number, changed: string = text) {
  const configuration = { ...defaultConfiguration, hidden: 24, batch: 16, sequence: 32, steps };
  const run = await Run.open({ kind: 'text', name: 'notes', text: changed }, configuration, choose);
  run.startAfresh();
  for (let step = 0; step < steps; step++) await run.takeStep();
  return run;
}

/** A session of the room that an evaluation needs, with a run's network in it. */
async function copyOf(run: Run): Promise<Session> {
  const capacity = evaluationCapacity(settings);
  const session = await engine().open(run.model, capacity);
  session.write({ ...(await run.read()), carriedState: initialState(run.model, capacity, 0).carriedState });
  return session;
}

it('finds of the network what the chart shows, and the same if it learns nothing from what it reads', async () => {
  const run = await trained(60);
  const { characters, network, dynamic } = await evaluate(await copyOf(run), demandText(run.task).text, {
    ...settings,
    learningRate: 0,
  });
  expect(characters).toBe(run.task.validationLength);
  expect(network).toBeCloseTo((await run.validate())! / Math.LN2, 4);
  // Read in one go, the state is never brought about anew.
  expect(Math.abs(dynamic - network)).toBeLessThan(0.003);
});

it('predicts better what it learns from: a held-out part in which letters mean others', async () => {
  const from = 'abcdefghijklmnopqrstuvwxyz';
  const turned = [...text.slice(-3000)].map((c) => (from.includes(c) ? from[25 - from.indexOf(c)] : c)).join('');
  const run = await trained(60, text.slice(0, -3000) + turned);
  const { network, dynamic } = await evaluate(await copyOf(run), demandText(run.task).text, settings);
  expect(dynamic).toBeLessThan(network - 0.2);
});

it('mixes with n-grams so that neither is much better, and keeps to what was read before', async () => {
  const run = await trained(1);
  const [session, again] = [await copyOf(run), await copyOf(run)];
  const { network, mixed } = await evaluate(session, demandText(run.task).text, settings);
  const nGram = [
    ...baselines(
      demandText(run.task).text.training,
      demandText(run.task).text.validation,
      demandText(run.task).encoding.vocabulary.size,
    ),
  ].at(-1)!.bitsPerCharacter;
  expect(network).toBeGreaterThan(nGram + 1);
  expect(mixed).toBeLessThan(nGram + 0.05);
  // What comes later changes nothing of the figures for what came before.
  const { validation } = demandText(run.task).text;
  const half = { ...demandText(run.task).text, validation: validation.slice(0, 1500) };
  const other = {
    ...demandText(run.task).text,
    validation: Uint32Array.from([...validation.subarray(0, 1500), ...new Uint32Array(10)]),
  };
  const [one, longer] = [await evaluate(await copyOf(run), half, settings), await evaluate(again, other, settings)];
  for (const figure of ['network', 'dynamic', 'mixed'] as const) {
    expect(longer[figure]! * 1510).toBeGreaterThan(one[figure]! * 1500);
    expect(longer[figure]! * 1510 - one[figure]! * 1500).toBeLessThan(10 * 30);
  }
});

it('tells how far it is, ends when it is told to, and refuses what has no such figures', async () => {
  const run = await trained(1);
  const phases = new Set<string>();
  await evaluate(await copyOf(run), demandText(run.task).text, settings, ({ phase, share }) => {
    phases.add(phase);
    expect(share).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThanOrEqual(1);
  });
  expect([...phases]).toEqual(['network', 'n-grams', 'dynamic']);
  const end = new AbortController();
  const ended = evaluate(
    await copyOf(run),
    demandText(run.task).text,
    settings,
    () => end.abort(new Error('enough')),
    end.signal,
  );
  await expect(ended).rejects.toThrow('enough');
  const none = evaluate(await copyOf(run), { ...demandText(run.task).text, validation: new Uint32Array(0) });
  await expect(none).rejects.toThrow(/Nothing of the text is held out/);
  const capacity = evaluationCapacity(dynamicDefaults);
  const sigmoid = await engine().open(
    symbolModel('gru', demandText(run.task).encoding.vocabulary.size, 4, { output: 'sigmoid' }),
    capacity,
  );
  await expect(evaluate(sigmoid, demandText(run.task).text)).rejects.toThrow(/probabilities of the next symbol/);
});
