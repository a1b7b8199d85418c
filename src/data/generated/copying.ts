/**
 * Copying over a gap (Arjovsky, Shah and Bengio, “Unitary evolution recurrent neural networks”, 2016, after Hochreiter and
 * Schmidhuber, “Long short-term memory”, Neural Computation 9, 1997), with fewer symbols and more kinds of them: three letters
 * come in, then 50 blanks, then a signal, upon which the letters should come out again, in their order. Only what comes out
 * from the signal on counts.
 *
 * Who remembers nothing can but guess among the K letters, with a loss of log₂ K = 4.7 bits for each. Who remembers all has none.
 */

import { absent } from '../../engine/batch.ts';
import { Random } from '../../model/random.ts';
import type { Samples } from '../labelled/samples.ts';
import { shuffle } from '../shuffle.ts';

/** K of them. */
const letters = Array.from('abcdefghijklmnopqrstuvwxyz');
/** How many letters are to be copied. */
const length = 3;
const gap = 50;
const [blank, signal] = ['·', '?'] as const;
const symbols = [...letters, blank, signal];

/** In bits per letter, what is reached without remembering anything. */
export const bitsOfGuessing = Math.log2(letters.length);

/** All that can be copied, each once. */
export function copying(seed = 1): Samples {
  const order = shuffle(
    Uint32Array.from({ length: letters.length ** length }, (_, i) => i),
    new Random(seed),
  );
  const timesteps = length + gap + length;
  const recall = length + gap;
  const inputs: Uint32Array<ArrayBuffer>[] = [];
  const targets: Uint32Array<ArrayBuffer>[] = [];
  for (const number of order) {
    const read = new Uint32Array(timesteps).fill(symbols.indexOf(blank));
    const wanted = new Uint32Array(timesteps).fill(absent);
    read[recall] = symbols.indexOf(signal);
    for (let place = 0, rest = number; place < length; place++, rest = Math.floor(rest / letters.length)) {
      read[place] = rest % letters.length;
      wanted[recall + place] = read[place]!;
    }
    inputs.push(read);
    targets.push(wanted);
  }
  return {
    kind: 'labelled',
    name: `Copying over a gap of ${gap}`,
    inputs: { kind: 'symbols', symbols, ids: inputs },
    targets: { kind: 'classes', at: 'timestep', classes: letters, ids: targets },
    best: { losses: new Float64Array(inputs.length) },
  };
}
