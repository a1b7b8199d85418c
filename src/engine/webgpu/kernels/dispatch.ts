import type { ParameterPlace } from '../../../model/parameters.ts';
import type { Capacity } from '../../engine.ts';
import { type BufferName, ofLayer } from '../buffers.ts';
import { maskWords } from '../masks.ts';
import { bytes, entryWords, type Network, spanOf } from '../network.ts';
import type { Compilation } from '../shaders.ts';

/** A buffer, or the bytes of it from `offset` on. */
export interface Binding {
  readonly buffer: BufferName;
  readonly offset?: number;
  readonly size?: number;
}

/** What a dispatch has to do, whoever does it. */
export interface Work {
  /** Floating-point operations: two for a multiply-add; what is done once for each element of a result counts as one. */
  readonly operations: number;
  /** Bytes that go in or come out: each number once, however often a kernel reads it. */
  readonly bytes: number;
}

/** One kernel with its sizes, what is bound to it, how many workgroups a batch takes, and what these have to do. */
export interface Dispatch extends Compilation {
  /** The file under `shaders/` that has the entry point, without `.wgsl`. */
  readonly kernel: string;
  /** By the names in the shader. */
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly workgroups: (batch: Capacity) => readonly [x: number, y?: number, z?: number];
  readonly work: (batch: Capacity) => Work;
}

/** What every step tells the kernels of its batch. */
export const batch: Binding = { buffer: 'batch' };

/** What a layer goes through, what becomes of its gates, and ∂loss by its states. */
export const statesOf = (layer: number): Binding => ({ buffer: ofLayer('states', layer) });
export const gatesOf = (layer: number): Binding => ({ buffer: ofLayer('gates', layer) });
export const dstatesOf = (layer: number): Binding => ({ buffer: ofLayer('dstates', layer) });

/** What the layer above or the output reads of a layer: its states, or where there is dropout, what that leaves of them. */
export const outOf = ({ withDropout }: Network, layer: number): Binding =>
  withDropout ? { buffer: ofLayer('out', layer) } : statesOf(layer);

/** An entry of a table of which each is bound for itself. */
export const entryOf = (buffer: BufferName, index: number, words: number): Binding => ({
  buffer,
  offset: index * entryWords * bytes,
  size: words * bytes,
});

/** What a kernel is linked from, and bound to, where it multiplies with a layer's masks: they are 1 without dropout. */
export const dropoutOf = ({ withDropout }: Network, layer: number): Pick<Dispatch, 'files' | 'bindings'> =>
  withDropout
    ? { files: ['parts/hash', 'parts/dropout'], bindings: { dropout: entryOf('dropout', layer, maskWords) } }
    : noDropout;

/** As `dropoutOf`, where nothing is left out in any case. */
export const noDropout: Pick<Dispatch, 'files' | 'bindings'> = { files: ['parts/no-dropout'], bindings: {} };

/** Some neighbouring parameters. */
export const parametersAt = ({ layout }: Network, places: readonly ParameterPlace[]): Binding => ({
  buffer: 'parameters',
  ...spanOf(layout, places),
});

/** Workgroups that take tiles of 32 × 32. */
export const tileGrid = (width: number, height: number) => [Math.ceil(width / 32), Math.ceil(height / 32)] as const;

/** Workgroups in a dimension, on every device. */
const mostWorkgroups = 65535;

/** So many workgroups or a few more, in as few rows as every device takes. */
export function inRows(count: number): readonly [perRow: number, rows: number] {
  const rows = Math.max(1, Math.ceil(count / mostWorkgroups));
  return [Math.ceil(count / rows), rows];
}

/** Work in operations and elements of four bytes. */
export const work = (operations: number, elements: number): Work => ({ operations, bytes: 4 * elements });
