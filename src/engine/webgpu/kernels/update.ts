import { isLearned, isMatrix, type ParameterPlace, parameterLayout } from '../../../model/parameters.ts';
import { alignment } from '../../padding.ts';
import type { BufferName } from '../buffers.ts';
import { bytes, type Network, spanOf, vector } from '../network.ts';
import { batch, type Dispatch, work } from './dispatch.ts';

/** Elements of a parameter that are worth a part of their own in its norm. */
const normPart = 16384;
const mostNormParts = 64;
/** Words in a table for each parameter: see gradient-norm.wgsl. */
const wordsPerTensor = 3;
/** Words to whose multiple an entry of a table is rounded up, so that it can be bound for itself. */
const entryAlignment = 64;

/** From the gradients to the next parameters: the dispatches, and what they read of where parameters lie. */
export interface Update {
  readonly dispatches: readonly Dispatch[];
  readonly tensors: Uint32Array<ArrayBuffer>;
  readonly matrices: Uint32Array<ArrayBuffer>;
}

/** Into how many parts each parameter's sum of squares is cut. */
export const normParts = ({ layout }: Network): number =>
  Math.min(mostNormParts, Math.ceil(Math.max(...layout.places.map(({ length }) => length)) / normPart));

/** How many words the tables of so many parameters take, each for itself. */
const tableWords = (parameters: number) => Math.ceil((parameters * wordsPerTensor) / entryAlignment) * entryAlignment;

/** Which blocks of a flat buffer are matrices': a bit for each, as adam.wgsl reads them. */
function matrixBits({ layout }: Network): Uint32Array<ArrayBuffer> {
  const bits = new Uint32Array(Math.ceil(layout.length / alignment / 32));
  for (const { offset, length } of layout.places.filter(isMatrix)) {
    for (let block = offset / alignment; block < (offset + length) / alignment; block++) {
      bits[block >>> 5]! |= 1 << (block & 31);
    }
  }
  return bits;
}

/**
 * @param mostBytes of a flat buffer that can be bound at once: one that is longer is gone through in ranges
 * @param averages whether averaged parameters are kept
 */
export function update(network: Network, mostBytes: number, averages: boolean): Update {
  const { layout, model } = network;
  const { places } = layout;
  const PARTS = normParts(network);
  const ranges = rangesOf(network, mostBytes);
  const tables = ranges.map((range) => tableWords(range.length));
  const tensors = new Uint32Array(tables.reduce((sum, words) => sum + words, 0));
  const P = parameterLayout(model).length;
  const share = (range: readonly ParameterPlace[]) => spanOf(layout, range).size / (layout.length * bytes);

  const norms = ranges.map((range, i): Dispatch => {
    const span = spanOf(layout, range);
    const learned = range.filter((place) => isLearned(model, place));
    const start = tables.slice(0, i).reduce((sum, words) => sum + words, 0);
    for (const [j, place] of learned.entries()) {
      const entry = [(place.offset - span.offset / bytes) / vector, place.length / vector, places.indexOf(place)];
      tensors.set(entry, start + j * wordsPerTensor);
    }
    return {
      kernel: 'gradient-norm',
      files: ['gradient-norm'],
      constants: { PARTS },
      bindings: {
        tensors: { buffer: 'tensors', offset: start * bytes, size: tables[i]! * bytes },
        gradients: { buffer: 'gradients', ...span },
        squares: { buffer: 'squares' },
      },
      workgroups: () => [PARTS, learned.length],
      work: () => work(2 * P * share(range), P * share(range)),
    };
  });
  const report: Dispatch = {
    kernel: 'report',
    files: ['parts/batch', 'parts/report', 'report'],
    constants: { PARAMETERS: places.length, PARTS },
    bindings: {
      batch,
      losses: { buffer: 'losses' },
      squares: { buffer: 'squares' },
      report: { buffer: 'report' },
    },
    workgroups: () => [1],
    work: ({ rows, timesteps }) => work(rows * timesteps, rows * timesteps),
  };
  const adams = ranges.map((range): Dispatch => {
    const span = spanOf(layout, range);
    const LENGTH = span.size / bytes / vector;
    const flat = (buffer: BufferName) => ({ buffer, ...span });
    return {
      kernel: 'adam',
      files: ['parts/report', averages ? 'parts/averages' : 'parts/no-averages', 'adam'],
      constants: { LENGTH, FIRST: span.offset / bytes / alignment, BIASES: Number(model.biases ?? true) },
      bindings: {
        adam: { buffer: 'adam' },
        report: { buffer: 'report' },
        gradients: flat('gradients'),
        m: flat('m'),
        v: flat('v'),
        parameters: flat('parameters'),
        matrices: { buffer: 'matrices' },
        ...(averages && { averaged: flat('averaged') }),
      },
      workgroups: () => [Math.min(1024, Math.ceil(LENGTH / 64))],
      // In: ∂, m, v, θ; out: m, v, θ. Averages go in and out besides.
      work: () => work((averages ? 17 : 14) * P * share(range), (averages ? 9 : 7) * P * share(range)),
    };
  });
  return { dispatches: [...norms, report, ...adams], tensors, matrices: matrixBits(network) };
}

/** The parameters in as few ranges of neighbours as can be bound; what is too long by itself is a range of its own. */
function rangesOf({ layout }: Network, mostBytes: number): readonly (readonly ParameterPlace[])[] {
  const ranges: ParameterPlace[][] = [];
  for (const place of layout.places) {
    const range = ranges.at(-1);
    if (range && spanOf(layout, [...range, place]).size <= mostBytes) range.push(place);
    else ranges.push([place]);
  }
  return ranges;
}
