/** A student's gradients held against the reference's: which are wrong, in which order, and what is recognised in them. */

import type { Gate } from '../model/cells/description.ts';
import { byParameter, gateOf, transposed } from './by-parameter.ts';
import { byTimestep, type Quantity, quantitiesOf, slice } from './by-timestep.ts';
import { relativeError } from './check.ts';
import type { Expected, Shaped } from './expected.ts';
import { type Candidate, factorsOf, type Mistake, recognise } from './mistakes.ts';

/** Up to this relative error a gradient is right: what float32 makes of one is rounded by less. */
export const allowed = 1e-5;

/** What was found of one tensor. */
export interface Finding {
  readonly name: string;
  /** What it belongs to: a gate, a state, what the second phase reads, the output, or the way forward. */
  readonly part: Part;
  /** ‖actual − expected‖ / ‖expected‖; not a number where they cannot be compared. */
  readonly error: number;
  readonly isRight: boolean;
  /** Of a quantity at each timestep, the latest at which it is wrong: the way back meets that first. */
  readonly timestep?: number;
  readonly mistake?: Mistake;
}

/** What a tensor belongs to. */
export interface Part {
  /** “reset gate r” */
  readonly title: string;
  /** Counted from 0; none of what belongs to the whole network. */
  readonly layer?: number;
  readonly gate?: Gate;
}

/** What was found of all tensors, what is wrong first in the order of the equations first. */
export interface Findings {
  readonly findings: readonly Finding[];
  /** Names in the file that this network has nothing for. */
  readonly unknown: readonly string[];
}

const titleOf = ({ title, letter }: Gate) => (title === undefined ? letter : `${title} ${letter}`);

/**
 * Holds gradients against the reference's. All parameters must be there; the loss, the final state and the gradients at each
 * timestep may be.
 */
export function holdAgainst(expected: Expected, student: ReadonlyMap<string, Shaped>): Findings {
  const quantities = quantitiesOf(expected);
  const found = new Map<string, Finding>();
  const factors = factorsOf(expected.batch);
  /** What is found of a tensor as a whole. */
  const hold = (
    name: string,
    part: Part,
    shape: readonly number[],
    data: Shaped['data'],
    candidates: () => Iterable<Candidate>,
  ) => {
    const actual = student.get(name);
    const wrong = (mistake: Mistake): Finding => ({ name, part, error: Number.NaN, isRight: false, mistake });
    if (actual === undefined) return wrong({ kind: 'missing', words: 'is missing' });
    if (isOtherShape(actual, shape)) return wrong(ofShape(actual, shape, data));
    const error = relativeError(actual.data, data);
    const isRight = error <= allowed;
    const mistake = isRight ? undefined : recognise(actual.data, data, factors, candidates());
    return { name, part, error, isRight, ...(mistake && { mistake }) };
  };

  for (const [name, { shape, data }] of expected.forward) {
    // A file of one state may leave the number of states away, as those of the first version do.
    const given = student.get(name);
    const shapeThere = given !== undefined && given.data.length === data.length ? given.shape : shape;
    if (given)
      found.set(
        name,
        hold(name, { title: 'way forward' }, shapeThere, data, () => []),
      );
  }
  for (const place of expected.layout.places) {
    const { name, shape, offset, length, layer } = place;
    const gate = gateOf(expected, place);
    const part = gate ? { title: titleOf(gate), layer, gate } : { title: 'output' };
    const own = expected.flat.slice(offset, offset + length);
    found.set(
      name,
      hold(name, part, shape, own, () => byParameter(expected, place)),
    );
  }
  for (const quantity of quantities) {
    const { name, layer, gate, state, operand } = quantity;
    if (!student.has(name)) continue;
    const { shape, data } = expected.timesteps.get(name)!;
    const title = gate ? titleOf(gate) : state ? `state ${state}` : `operand ${operand}`;
    const part = { title, layer, ...(gate && { gate }) };
    const whole = hold(name, part, shape, data, () => []);
    found.set(
      name,
      Number.isNaN(whole.error) ? whole : { ...whole, ...firstWrong(expected, quantity, whole, student) },
    );
  }
  return {
    findings: inOrder(expected, quantities, found),
    unknown: [...student.keys()].filter((name) => !found.has(name)),
  };
}

const isOtherShape = (actual: Shaped, shape: readonly number[]) =>
  actual.shape.length !== shape.length || actual.shape.some((size, i) => size !== shape[i]);

function ofShape(actual: Shaped, shape: readonly number[], data: Shaped['data']): Mistake {
  const words = `is [${actual.shape.join(', ')}], where [${shape.join(', ')}] belongs`;
  const isTurned = shape.length === 2 && relativeError(actual.data, transposed(data, shape)) <= allowed;
  return isTurned ? { kind: 'transposed', words: `${words}: it is transposed` } : { kind: 'shape', words };
}

/** Where a quantity goes wrong on its way back, and what is recognised there: what comes later may follow from it. */
function firstWrong(
  expected: Expected,
  quantity: Quantity,
  whole: Finding,
  student: ReadonlyMap<string, Shaped>,
): Partial<Finding> {
  if (whole.isRight) return {};
  const [actual, right] = [student.get(quantity.name)!.data, expected.timesteps.get(quantity.name)!.data];
  let timestep = expected.timesteps.get(quantity.name)!.shape[0]! - 1;
  const isRight = () => relativeError(slice(expected, actual, timestep), slice(expected, right, timestep)) <= allowed;
  while (timestep > 0 && isRight()) timestep--;
  const [is, should] = [slice(expected, actual, timestep), slice(expected, right, timestep)];
  return {
    timestep,
    mistake: recognise(is, should, factorsOf(expected.batch), byTimestep(expected, quantity, timestep)),
  };
}

/**
 * The order in which the equations meet what is wrong: the way forward, the output, the timesteps from the last one back, and
 * the sums over them. What is right at every timestep comes behind what is not.
 */
function inOrder(
  expected: Expected,
  quantities: readonly Quantity[],
  found: ReadonlyMap<string, Finding>,
): readonly Finding[] {
  const { places } = expected.layout;
  const of = (names: readonly string[]) => names.flatMap((name) => found.get(name) ?? []);
  // The gradient by the states before a timestep is the last that the way back finds there.
  const when = ({ name, state }: Quantity) => 2 * (found.get(name)?.timestep ?? -1) + (state === undefined ? 1 : 0);
  const atTimesteps = [...quantities].sort((a, b) => when(b) - when(a));
  const sums = quantities.flatMap(({ gate, layer }) =>
    places.filter((place) => gate !== undefined && place.layer === layer && gateOf(expected, place) === gate),
  );
  const output = places.filter((place) => gateOf(expected, place) === undefined);
  return of([...expected.forward.keys(), ...[...output, ...atTimesteps, ...sums].map(({ name }) => name)]);
}
