import { describe, expect, it } from 'vitest';
import { type Finding, holdAgainst } from '../../src/check/against.ts';
import { objectOf, verdictOf } from '../../src/check/against-words.ts';
import { drawCase } from '../../src/check/cases.ts';
import { type Expected, expectedOf, type Shaped } from '../../src/check/expected.ts';
import { cells, describeCell, gatesOf, phasesOf, statesOf, tracedGates } from '../../src/model/cells/cells.ts';
import { type ModelConfiguration, symbolModel } from '../../src/model/configuration.ts';

type Numbers = Float64Array<ArrayBuffer>;
type Student = Map<string, Shaped>;

const [V, H, B, T] = [7, 5, 3, 4];
const networks = cells.flatMap((cell) =>
  [1, 2].map((layers): [string, ModelConfiguration] => [
    `${describeCell(cell).title}, ${layers} layers`,
    { ...symbolModel(cell, V, H), layers },
  ]),
);

async function expectedFor(model: ModelConfiguration, isRagged = false): Promise<Expected> {
  const { batch, state } = drawCase(model, { rows: B, timesteps: T }, 3, isRagged);
  return expectedOf(model, state.parameters, batch);
}

/** The gradients as `gradients --out` writes them; those at each timestep only where they are asked for. */
function rightAnswer({ layout, flat, forward, timesteps }: Expected, withTimesteps = false): Student {
  return new Map<string, Shaped>([
    ...forward,
    ...layout.places.map(({ name, shape, offset, length }): [string, Shaped] => [
      name,
      { shape, data: flat.slice(offset, offset + length) },
    ]),
    ...(withTimesteps
      ? [...timesteps].map(([name, { shape, data }]): [string, Shaped] => [name, { shape, data: data.slice() }])
      : []),
  ]);
}

const scaled = (student: Student, names: readonly string[], factor: number): Student =>
  new Map(
    [...student].map(([name, { shape, data }]) => [
      name,
      { shape, data: names.includes(name) ? Float64Array.from(data, (g) => factor * g) : data },
    ]),
  );

const wrongIn = (expected: Expected, student: Student): readonly Finding[] =>
  holdAgainst(expected, student).findings.filter(({ isRight }) => !isRight);

const mistakesIn = (expected: Expected, student: Student) =>
  wrongIn(expected, student).map(({ name, mistake }) => [name, mistake?.kind]);

/** Σ xᵀ a over all places, `[width][H]`. */
function sumOf(x: ArrayLike<number>, a: ArrayLike<number>, width: number): Numbers {
  const sum = new Float64Array(width * H);
  for (let p = 0; p < a.length / H; p++) {
    for (let i = 0; i < width * H; i++) sum[i]! += x[p * width + Math.floor(i / H)]! * a[p * H + (i % H)]!;
  }
  return sum;
}

const turned = (data: ArrayLike<number>, rows: number, columns: number): Numbers =>
  Float64Array.from({ length: rows * columns }, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);

describe.each(networks)('%s', (_, model) => {
  it('finds nothing where all is right, in float32 as well', async () => {
    for (const isRagged of [false, true]) {
      const expected = await expectedFor(model, isRagged);
      const right = rightAnswer(expected, true);
      const inFloat32 = [...right].map(([name, { shape, data }]): [string, Shaped] => [
        name,
        { shape, data: Float32Array.from(data) },
      ]);
      for (const student of [right, new Map(inFloat32)]) {
        expect(wrongIn(expected, student)).toEqual([]);
        expect(verdictOf(expected, holdAgainst(expected, student))).toEqual([
          `All ${right.size} are right: every difference is rounding.`,
        ]);
      }
    }
  });

  it('names the parameter, and its gate, whose sign is turned, that is missing, 0, not finite or of another shape', async () => {
    const expected = await expectedFor(model);
    const right = rightAnswer(expected);
    for (const { name, length, shape } of expected.layout.places) {
      const gate = gatesOf(model.cell).find((gate) =>
        [gate.input, gate.recurrent, gate.bias].includes(name.replace('_l1', '')),
      );
      expect(mistakesIn(expected, scaled(right, [name], -1))).toEqual([[name, 'sign']]);
      expect(mistakesIn(expected, scaled(right, [name], 0))).toEqual([[name, 'zero']]);
      expect(mistakesIn(expected, scaled(right, [name], Number.NaN))).toEqual([[name, 'not finite']]);
      const without = new Map(right);
      without.delete(name);
      const [finding] = wrongIn(expected, without);
      expect(finding).toMatchObject({ name, mistake: { kind: 'missing' } });
      if (gate?.title !== undefined) expect(finding!.part.title).toBe(`${gate.title} ${gate.letter}`);
      const flattened = new Map(right).set(name, { shape: [1, length], data: right.get(name)!.data });
      expect(mistakesIn(expected, flattened)).toEqual([[name, 'shape']]);
      if (shape.length === 1) continue;
      const [rows, columns] = shape as [number, number];
      const data = turned(right.get(name)!.data, rows, columns);
      expect(mistakesIn(expected, new Map(right).set(name, { shape: [columns, rows], data }))).toEqual([
        [name, 'transposed'],
      ]);
    }
  });

  it('knows sums from means, and a turned sign besides', async () => {
    const expected = await expectedFor(model);
    const right = rightAnswer(expected);
    const names = [...right.keys()];
    for (const [factor, said] of [
      [T * B, /T·B = 12 times too large: a sum/],
      [1 / (T * B), /T·B = 12 times too small/],
      [T, /T = 4 times too large/],
      [B, /B = 3 times too large/],
      [1 / T, /T = 4 times too small/],
      [1 / B, /B = 3 times too small/],
      [-T, /T = 4 times too large.* sign turned/],
      [0.37, /is 0\.37 times/],
    ] as const) {
      const wrong = wrongIn(expected, scaled(right, names, factor));
      // The loss is a single number: it is any number’s multiple.
      const found = wrong.filter(({ name }) => name !== 'loss');
      expect(found.map(({ name }) => name).sort()).toEqual(names.filter((name) => name !== 'loss').sort());
      for (const { mistake } of found)
        expect(mistake).toMatchObject({ kind: 'factor', words: expect.stringMatching(said) });
    }
    const ragged = await expectedFor(model, true);
    const N = ragged.batch.counts!.filter(
      (count, i) => count && Math.floor(i / B) < ragged.batch.lengths![i % B]!,
    ).length;
    const [{ mistake }] = wrongIn(ragged, scaled(rightAnswer(ragged), ['V'], N / (T * B))) as [Finding];
    // Three places that count of twelve are as well a factor of T = 4.
    expect(mistake!.words).toContain(
      `is ${T * B}/${N} times too small: a mean over all T·B places, also over those that do not count`,
    );
  });

  it('knows the operand that a recurrent product should not have read', async () => {
    const expected = await expectedFor(model);
    const right = rightAnswer(expected);
    const { trace, timesteps } = expected;
    for (const [layer, { states, gates }] of trace.layers.entries()) {
      const suffix = layer === 0 ? '' : `_l${layer}`;
      for (const { operand, gates: own } of phasesOf(model.cell)) {
        for (const { letter, recurrent } of own) {
          if (recurrent === undefined) continue;
          const da = (timesteps.get(`da_${letter}${suffix}`) ?? timesteps.get(`d${letter}${suffix}`))!.data;
          const wrong = [
            ['h′', states['h']!.subarray(B * H)],
            ...(operand === 'h'
              ? tracedGates(model.cell).map(
                  ({ letter }) => [`${letter} ⊙ h`, gates[letter]!.map((v, i) => v * states['h']![i]!)] as const,
                )
              : [['h', states['h']!] as const]),
          ] as const;
          for (const [name, values] of wrong) {
            const data = sumOf(values, da, H);
            const [finding, ...others] = wrongIn(
              expected,
              new Map(right).set(recurrent + suffix, { shape: [H, H], data }),
            );
            expect(others).toEqual([]);
            expect(finding).toMatchObject({ name: recurrent + suffix, mistake: { kind: 'operand' } });
            expect(finding!.mistake!.words).toContain(`has ${name} in the place of ${operand}`);
          }
        }
      }
    }
  });

  it('knows what is cut off in time', async () => {
    const expected = await expectedFor(model);
    const right = rightAnswer(expected);
    const { alone, layout } = expected;
    const cut = (flat: Float64Array): Student =>
      new Map([
        ...right,
        ...layout.places.map(({ name, shape, offset, length }): [string, Shaped] => [
          name,
          { shape, data: flat.slice(offset, offset + length) },
        ]),
      ]);
    const last = wrongIn(expected, cut(alone.at(-1)!.flat));
    expect(last.map(({ name }) => name).sort()).toEqual(layout.places.map(({ name }) => name).sort());
    for (const { mistake } of last) expect(mistake!.words).toMatch(/^holds the last timestep alone/);
    const without = alone[0]!.flat.map((_, i) => alone.reduce((sum, each) => sum + each!.flat[i]!, 0));
    const truncated = wrongIn(expected, cut(without));
    expect(truncated.map(({ name }) => name)).not.toContain('V');
    expect(truncated.length).toBe(layout.places.length - 2);
    for (const { mistake } of truncated) expect(mistake!.words).toMatch(/^is cut off in time/);
  });

  it('names first what goes wrong first on the way back', async () => {
    const expected = await expectedFor(model);
    const right = rightAnswer(expected, true);
    // A mistake in one quantity at timestep 2: all before it is wrong as well.
    for (const [name, { shape, data }] of expected.timesteps) {
      const broken = data.map((g, i) => (i < 3 * B * H ? -g : g));
      const student = new Map(
        [...right].map(([other, tensor]): [string, Shaped] => {
          const isEarlier = expected.timesteps.has(other);
          const early = tensor.data.map((g, i) => (isEarlier && i < 2 * B * H ? g + 1 : g));
          return [other, { shape: tensor.shape, data: early }];
        }),
      ).set(name, { shape, data: broken });
      const [first] = wrongIn(expected, student);
      expect(first).toMatchObject({ name, timestep: 2, mistake: { kind: 'sign' } });
      expect(verdictOf(expected, holdAgainst(expected, student))[1]).toBe(
        `First in the order of the equations: ${name}, at index 2 and before, has its sign turned.`,
      );
      expect(objectOf(first!)).toMatchObject({ name, right: false, timestep: 2, mistake: 'sign' });
    }
  });

  it('knows the term that a state’s gradient lacks, and the weights that are not transposed', async () => {
    const expected = await expectedFor(model);
    const right = rightAnswer(expected, true);
    for (const { layer } of statesOf(model).filter(({ name }) => name === 'h')) {
      const suffix = layer === 0 ? '' : `_l${layer}`;
      const dh = right.get(`dh${suffix}`)!;
      const readers = phasesOf(model.cell).find(({ operand }) => operand === 'h')!;
      for (const { letter, recurrent } of readers.gates) {
        if (recurrent === undefined) continue;
        const sum = expected.timesteps.has(`da_${letter}${suffix}`) ? `da_${letter}${suffix}` : `d${letter}${suffix}`;
        const da = expected.timesteps.get(sum)!.data;
        const { offset } = expected.layout.places.find(({ name }) => name === recurrent + suffix)!;
        const W = expected.parameters.subarray(offset, offset + H * H);
        const product = (of: ArrayLike<number>, p: number, j: number) =>
          Array.from({ length: H }, (_, k) => da[p * H + k]! * of[j * H + k]!).reduce((a, b) => a + b);
        const times = (of: ArrayLike<number>) => dh.data.map((_, i) => product(of, Math.floor(i / H), i % H));
        const [back, straight] = [times(W), times(turned(W, H, H))];
        // Of the topmost layer of a plain cell nothing is left then but the output’s part.
        const isOnlyWay = gatesOf(model.cell).length === 1 && layer === model.layers - 1;
        const isBack = (i: number) => i < T * B * H;
        for (const [data, words] of [
          [
            dh.data.map((g, i) => (isBack(i) ? g - back[i]! : g)),
            isOnlyWay ? 'holds what its own timestep gives alone' : `lacks ${sum} ${recurrent}${suffix}ᵀ`,
          ],
          [
            dh.data.map((g, i) => (isBack(i) ? g - back[i]! + straight[i]! : g)),
            `has ${sum} ${recurrent}${suffix} in the place of`,
          ],
        ] as const) {
          const [first] = wrongIn(expected, new Map(right).set(`dh${suffix}`, { shape: dh.shape, data: data }));
          expect(first).toMatchObject({ name: `dh${suffix}`, timestep: T - 1 });
          expect(first!.mistake!.words).toContain(words);
        }
      }
    }
  });

  it('knows the derivative that a gate’s sum lacks', async () => {
    const expected = await expectedFor(model);
    const right = rightAnswer(expected, true);
    const { gates, states } = expected.trace.layers[0]!;
    const single = gatesOf(model.cell).length === 1;
    for (const { letter } of single ? gatesOf(model.cell) : tracedGates(model.cell)) {
      const name = right.has(`da_${letter}`) ? `da_${letter}` : `d${letter}`;
      const v = gates[letter] ?? states['h']!.subarray(B * H);
      const { shape, data } = right.get(name)!;
      for (const [made, said] of [
        [data.map((d, i) => d / (v[i]! * (1 - v[i]!))), /^lacks σ′/],
        [data.map((d, i) => d / (1 - v[i]! ** 2)), /^lacks tanh′/],
      ] as const) {
        const [first] = wrongIn(expected, new Map(right).set(name, { shape, data: made }));
        expect(first).toMatchObject({ name, timestep: T - 1, mistake: { kind: 'derivative' } });
        expect(first!.mistake!.words).toMatch(said);
      }
    }
  });
});

it('says which product to look at where nothing is recognised, and what it does not know', async () => {
  const expected = await expectedFor(symbolModel('gru', V, H));
  const right = rightAnswer(expected);
  const noise = (names: readonly string[]) =>
    new Map(
      [...right].map(([name, { shape, data }]): [string, Shaped] => [
        name,
        { shape, data: names.includes(name) ? data.map((g, i) => g + Math.sin(i + 1)) : data },
      ]),
    );
  const verdict = (student: Student) => verdictOf(expected, holdAgainst(expected, student)).join('\n');
  expect(verdict(noise(['W_r']))).toMatch(
    /^Wrong: reset gate r\. Right: .*update gate z.*\nFirst .*: W_r is wrong in no way that is recognised\.\nU_r and b_r are right, .*: look at the product\./,
  );
  expect(verdict(noise(['W_r', 'U_r', 'b_r']))).toMatch(/Nothing of the reset gate r is right: .*\n.*--timesteps/);
  expect(verdict(noise(['V']))).toMatch(/What goes wrong at the output goes wrong everywhere: mend it first\./);
  expect(verdict(scaled(right, ['loss'], 2))).toMatch(
    /The way forward is wrong, and all gradients with it: mend it first\./,
  );
  expect(verdict(new Map([...right, ['W_q', right.get('W_z')!]]))).toMatch(
    /nothing that is called W_q: that was left aside\./,
  );
  expect(verdict(new Map(right).set('W_z', right.get('W_r')!))).toMatch(/: W_z holds what belongs to W_r\./);
});

it('names the layer where there are several', async () => {
  const expected = await expectedFor({ ...symbolModel('gru', V, H), layers: 2 });
  const student = scaled(rightAnswer(expected, true), ['dq_l1', 'W_z'], -1);
  const [wrong] = verdictOf(expected, holdAgainst(expected, student));
  expect(wrong).toMatch(
    /^Wrong: operand q of layer 2, update gate z of layer 1\. Right: way forward, output, candidate c of layer 2, /,
  );
});
