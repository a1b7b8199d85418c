import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ReferenceEngine } from '../../src/engine/reference/engine.ts';
import {
  cells,
  comparedWith,
  describeCell,
  gatesOf,
  isGated,
  phasesOf,
  statesOf,
  tracedGates,
} from '../../src/model/cells/cells.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { parameterLayout, parameterNames, roles } from '../../src/model/parameters.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const distinct = (names: readonly string[]) => new Set(names).size === names.length;

describe.each(cells)('The cell %s', (cell) => {
  const description = describeCell(cell);
  const gates = gatesOf(cell);

  it.each([
    'src/engine/reference/cells/CELL.ts',
    'src/engine/cpu/kernels/cells/CELL.ts',
    'shaders/cells/CELL-forward.wgsl',
    'shaders/cells/CELL-backward.wgsl',
  ])('has its equations in %s', (path) => {
    expect(existsSync(root + path.replace('CELL', cell)), path).toBe(true);
  });

  it('has a letter for each gate and each state, and a sentence for each that is shown', () => {
    expect(distinct([...gates.map(({ letter }) => letter), ...description.states])).toBe(true);
    expect(description.summary).toMatch(/^[A-Z].*\.$/);
    for (const { title, does } of tracedGates(cell))
      expect([title, does]).toEqual([expect.any(String), expect.any(String)]);
  });

  it('has phases that engines can go through', () => {
    const [first, second] = phasesOf(cell);
    expect(first!.operand).toBe('h');
    expect(second?.operand).toBe(second && 'q');
    for (const { gates } of phasesOf(cell)) {
      const recurrent = gates.map((gate) => gate.recurrent !== undefined);
      expect(recurrent).toEqual(recurrent.toSorted((a, b) => Number(b) - Number(a)));
      expect(recurrent[0]).toBe(true);
    }
    // Something of what goes in has to reach it.
    expect(gates.some(({ input }) => input !== undefined)).toBe(true);
  });

  it('has parameters of names of their own, layer by layer, role by role', () => {
    const { places } = parameterLayout(symbolModel(cell, 5, 3, { layers: 3 }));
    expect(places.map(({ name }) => name)).toEqual(parameterNames({ cell, layers: 3 }));
    expect(distinct(parameterNames({ cell, layers: 3 }))).toBe(true);
    const order = places.map(({ role, layer }) => layer * roles.length + roles.indexOf(role));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    for (const { name, role, layer, shape } of places) {
      if (role === 'output' || role === 'outputBias') continue;
      expect(name.endsWith(`_l${layer}`)).toBe(layer > 0);
      expect(shape).toEqual({ input: [layer === 0 ? 5 : 3, 3], recurrent: [3, 3], bias: [3] }[role]);
    }
    // One layer is what several begin with.
    const one = parameterNames({ cell, layers: 1 });
    expect(parameterNames({ cell, layers: 3 }).slice(0, one.length - 2)).toEqual(one.slice(0, -2));
  });

  it('carries S states, and traces what it is said to', async () => {
    const model = symbolModel(cell, 5, 3, { layers: 2 });
    const states = description.states;
    expect(statesOf(model)).toEqual([0, 1].flatMap((layer) => states.map((name) => ({ layer, name }))));
    const session = await new ReferenceEngine().open(model, { rows: 2, timesteps: 4 });
    const inputs = Uint32Array.of(0, 1, 2, 3, 4, 0, 1, 2);
    const { layers } = await session.trace({ rows: 2, timesteps: 4, inputs, targets: inputs, initialState: 'zero' });
    expect(layers).toHaveLength(2);
    for (const layer of layers) {
      expect(Object.keys(layer.states)).toEqual(states);
      expect(Object.keys(layer.gates).sort()).toEqual(
        tracedGates(cell)
          .map(({ letter }) => letter)
          .sort(),
      );
    }
    const { carriedState } = await session.read();
    expect(carriedState).toHaveLength(2 * states.length * 2 * 3);
  });

  it('is compared with a cell of the other kind', () => {
    expect(isGated(comparedWith(cell))).toBe(!isGated(cell));
  });
});

it('Titles tell the cells apart', () => {
  expect(distinct(cells.map((cell) => describeCell(cell).title))).toBe(true);
});

it('Nothing but the descriptions knows a cell by its name', () => {
  const name = `['"\`](${cells.join('|')})['"\`]`;
  const comparison = new RegExp(`[!=]==?\\s*${name}|${name}\\s*[!=]==?|case\\s+${name}|includes\\(\\s*${name}`);
  const files = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(100);
  const found = files
    .filter((file) => !file.startsWith('model/cells/'))
    .flatMap((file) =>
      readFileSync(`${root}src/${file}`, 'utf8')
        .split('\n')
        .flatMap((line, i) => (comparison.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [])),
    );
  expect(found).toEqual([]);
});
