import { describeCell, gatesOf, phasesOf } from '../../model/cells/cells.ts';
import type { ModelConfiguration } from '../../model/configuration.ts';
import type { ParameterLayout, ParameterPlace, Role } from '../../model/parameters.ts';
import { alignment, paddedLayout, paddedModel } from '../padding.ts';

/** Elements of a vector, in which shaders count. */
export const vector = 4;
/** Bytes of an element. */
export const bytes = 4;

/** Words between two entries of a table of which each is bound for itself: WebGPU binds at multiples of 256 bytes. */
export const entryWords = 64;

/** A network as it lies on a device, and the figures of its cell that decide what a kernel does: see parts/recurrence.wgsl. */
export interface Network {
  readonly model: ModelConfiguration;
  /** With sizes rounded up to whole vectors. */
  readonly padded: ModelConfiguration;
  readonly layout: ParameterLayout;
  /** The letters of the cell's gates, in order. */
  readonly letters: readonly string[];
  readonly gates: number;
  /** Gates with a recurrent product; they come first. */
  readonly matrices: number;
  readonly firstGates: number;
  readonly firstMatrices: number;
  /** Gates that read the input, and which one does not. */
  readonly inputMatrices: number;
  readonly inputless: number | undefined;
  readonly twoPhases: boolean;
  /** States of a layer. */
  readonly states: number;
  /** Whether the cell makes something else than 0 of zeros. */
  readonly restless: boolean;
  /** Whether there is room for dropout: kernels then draw masks, and each layer keeps what it puts out beside its states. */
  readonly withDropout: boolean;
}

export function networkOf(model: ModelConfiguration, withDropout = false): Network {
  const gates = gatesOf(model.cell);
  const phases = phasesOf(model.cell);
  const { states, restless = false } = describeCell(model.cell);
  const withMatrix = (some: typeof gates) => some.filter(({ recurrent }) => recurrent !== undefined).length;
  const inputless = gates.findIndex(({ input }) => input === undefined);
  return {
    model,
    padded: paddedModel(model),
    layout: paddedLayout(model),
    letters: gates.map(({ letter }) => letter),
    gates: gates.length,
    matrices: withMatrix(gates),
    firstGates: phases[0]!.gates.length,
    firstMatrices: withMatrix(phases[0]!.gates),
    inputMatrices: gates.filter(({ input }) => input !== undefined).length,
    inputless: inputless < 0 ? undefined : inputless,
    twoPhases: phases.length > 1,
    states: states.length,
    restless,
    withDropout,
  };
}

/** The places of a layer's parameters that have one of some roles. */
export const placesOf = ({ layout }: Network, layer: number, ...roles: readonly Role[]): readonly ParameterPlace[] =>
  layout.places.filter((place) => place.layer === layer && roles.includes(place.role));

/** From the start of some neighbouring parameters to where what follows them starts, in bytes of a flat buffer. */
export function spanOf({ places, length }: ParameterLayout, some: readonly ParameterPlace[]) {
  const [first, last] = [some[0]!, some.at(-1)!];
  const end = places[places.indexOf(last) + 1]?.offset ?? length;
  return { offset: first.offset * bytes, size: (end - first.offset) * bytes };
}

/** Vectors from the start of a parameter of so many elements to the start of the next: WebGPU binds at multiples of 256 bytes. */
export const strideOf = (elements: number): number => (Math.ceil(elements / alignment) * alignment) / vector;

/** Whether a layer reads vectors, which meet U for all timesteps at once before the layer begins. */
export const isProjected = ({ model }: Network, layer: number): boolean => layer > 0 || model.inputs === 'vectors';
