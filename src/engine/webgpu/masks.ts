import type { ModelConfiguration } from '../../model/configuration.ts';
import { dropBelow, droppable, keptScale, maskKey } from '../dropout.ts';
import type { Dropout } from '../engine.ts';
import { entryWords } from './network.ts';

/** Words that say how a mask is drawn, and how all of a layer's are. */
const wordsOfMask = 4;
export const maskWords = droppable.length * wordsOfMask;

/** How the masks of each layer are drawn, as `parts/dropout.wgsl` reads it, an entry for each; without dropout they are 1. */
export function maskTable({ layers }: ModelConfiguration, dropout: Dropout | undefined): ArrayBuffer {
  const table = new DataView(new ArrayBuffer(layers * entryWords * 4));
  for (let layer = 0; layer < layers; layer++) {
    for (const [i, what] of droppable.entries()) {
      const rate = dropout?.[what] ?? 0;
      const at = 4 * (layer * entryWords + i * wordsOfMask);
      table.setUint32(at, maskKey(dropout?.seed ?? 0, what, layer), true);
      table.setUint32(at + 4, dropBelow(rate), true);
      table.setFloat32(at + 8, keptScale(rate), true);
      table.setUint32(at + 12, Number(dropout?.masks === 'timestep'), true);
    }
  }
  return table.buffer;
}
