import { expect, it } from 'vitest';
import { type CheckRow, check } from '../../src/check/check.ts';
import { describeFailure, formatCheck, verdict } from '../../src/check/table.ts';
import type { Batch, Engine, Gradients, Session } from '../../src/engine/engine.ts';
import { cells, describeCell } from '../../src/model/cells/cells.ts';
import { parameterLayout, parameterNames } from '../../src/model/parameters.ts';
import { useCpuEngine } from '../engine/each-engine.ts';

const cpu = useCpuEngine({ threads: 1, relaxed: false });

async function rowsOf(engine: Engine): Promise<CheckRow[]> {
  const rows: CheckRow[] = [];
  let [done, total] = [0, 0];
  for await (const progress of check([engine])) {
    expect(progress.done).toBe(++done);
    total = progress.total;
    rows.push(...progress.rows);
  }
  expect(done).toBe(total);
  return rows;
}

/** An engine whose sessions find other gradients. */
const withGradients = (
  engine: Engine,
  change: (gradients: Gradients, session: Session, batch: Batch) => Gradients | Promise<Gradients>,
): Engine => ({
  name: engine.name,
  device: engine.device,
  software: engine.software,
  lost: engine.lost,
  close: () => {},
  open: async (model, capacity) => {
    const session = await engine.open(model, capacity);
    const gradients: Session['gradients'] = async (batch) => change(await session.gradients(batch), session, batch);
    return new Proxy(session, {
      get: (target, name) => {
        const value = name === 'gradients' ? gradients : Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  },
});

const failuresOf = (rows: readonly CheckRow[]) => rows.filter(({ passed }) => !passed);

it('passes engines that are right, and holds every parameter against every yardstick', async () => {
  const rows = await rowsOf(cpu());
  expect(failuresOf(rows).map(describeFailure)).toEqual([]);
  for (const cell of cells) {
    const seen = (engine: string) =>
      new Set(
        rows
          .filter((row) => row.cell === cell && row.engine === engine)
          .map((row) => `${row.quantity}: ${row.yardstick}`),
      );
    for (const name of parameterNames({ cell, layers: 2 })) {
      for (const yardstick of ['float64', 'finite differences', 'after Adam']) {
        expect(seen('cpu')).toContain(`${name}: ${yardstick}`);
      }
      expect(seen('reference')).toContain(`${name}: finite differences`);
      if (!name.startsWith('W')) continue;
      expect(seen('cpu')).toContain(`${name}: sum over timesteps`);
      expect(seen('reference')).toContain(`${name}: sum over timesteps`);
    }
    for (const state of describeCell(cell).states) {
      for (const layer of ['', ' of layer 2']) {
        expect(seen('cpu')).toContain(`${state}⁰${layer}: float64`);
        expect(seen('reference')).toContain(`${state}⁰${layer}: finite differences`);
      }
    }
  }
  const text = formatCheck(rows);
  expect(text).toContain('Reference, float64 in JavaScript: GRU (reset after)');
  expect(text).toMatch(/^ {2}W_h +\d\.\de-\d+ +\d\.\de-\d+ +\d\.\de-\d+ +\d\.\de-\d+$/m);
  expect(text.match(/Passes\./g)).toHaveLength(2 * cells.length);
  expect(text).toMatch(/All [\d,]+ comparisons pass: every difference is rounding\.$/);
});

it('names the one gradient that is wrong, if only by a thousandth', async () => {
  const rows = await rowsOf(
    withGradients(cpu(), (gradients, { model }) => {
      const place = parameterLayout(model).places.find(({ name }) => name === 'W_f_l1');
      const flat = gradients.flat.slice();
      if (place) for (let i = place.offset; i < place.offset + place.length; i++) flat[i]! *= 1.001;
      return { ...gradients, flat };
    }),
  );
  const failures = failuresOf(rows);
  expect(new Set(failures.map(({ engine, quantity }) => `${engine} ${quantity}`))).toEqual(new Set(['cpu W_f_l1']));
  expect(new Set(failures.map(({ yardstick }) => yardstick))).toEqual(
    new Set(['float64', 'finite differences', 'sum over timesteps']),
  );
  expect(verdict(rows)).toMatch(/^[\d,]+ of [\d,]+ comparisons fail, on CPU: W_f_l1\.$/);
  expect(formatCheck(rows)).toMatch(/^ {2}W_f_l1 +! 1\.0e-3 +! 1\.0e-3 +! 1\.0e-3 +\d/m);
  expect(formatCheck(rows)).toMatch(
    /CPU, gradient by W_f_l1, LSTM, 2 layers, .*: 1\.0e-3 off float64, where 1\.0e-5 is allowed\./,
  );
});

it('notices a gradient by the states that the weights’ gradient was not made from', async () => {
  const rows = await rowsOf(
    withGradients(cpu(), (gradients, { model: { cell, layers }, capacity: { rows } }) => {
      const stateGradients = gradients.stateGradients.slice();
      // The topmost layer's at the last timestep alone: the start state's gradient does not show it.
      if (cell === 'rnn' && layers < 3) stateGradients.fill(0, -rows);
      return { ...gradients, stateGradients };
    }),
  );
  expect(new Set(failuresOf(rows).map(({ quantity, yardstick }) => `${quantity}: ${yardstick}`))).toEqual(
    new Set(['W: sum over timesteps', 'W_l1: sum over timesteps']),
  );
});

it('notices an engine that leaves nothing out, in a case of every cell', async () => {
  const deaf = withGradients(cpu(), (_, session, { dropout, ...batch }) => session.gradients(batch));
  const failures = failuresOf(await rowsOf(deaf));
  expect(failures.filter((row) => !row.case.startsWith('dropout'))).toEqual([]);
  expect(new Set(failures.map(({ cell }) => cell))).toEqual(new Set(cells));
  expect(new Set(failures.map(({ yardstick }) => yardstick))).toEqual(new Set(['float64', 'finite differences']));
});

it('fails an engine that gives no numbers or opens no session, and says why', async () => {
  const silent = withGradients(cpu(), (gradients) => ({ ...gradients, loss: Number.NaN }));
  expect(new Set(failuresOf(await rowsOf(silent)).map(({ quantity }) => quantity))).toEqual(new Set(['loss']));

  const dead: Engine = { ...silent, open: () => Promise.reject(new Error('The device went away.')) };
  const rows = await rowsOf(dead);
  expect(failuresOf(rows)).toHaveLength(rows.filter(({ engine }) => engine === 'cpu').length);
  expect(formatCheck(rows)).toContain('The device went away.');
});
