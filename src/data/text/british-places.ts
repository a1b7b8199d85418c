import { Random } from '../../model/random.ts';
import { shuffle } from '../shuffle.ts';
import type { Corpus } from './corpus.ts';
import places from './files/british-places.txt?raw';

/**
 * Names of some 4,000 places in England, Scotland and Wales, one a line, each once. The seed gives their order, so that what is held
 * out is not one end of the alphabet. They are GeoNames' (https://www.geonames.org), under CC BY 4.0; `scripts/british-places.js` says
 * how they were picked.
 */
export function britishPlaces(seed = 1): Corpus {
  const names = places.trimEnd().split('\n');
  const order = shuffle([...names.keys()], new Random(seed));
  return { kind: 'text', name: 'British places', text: order.map((place) => `${names[place]}\n`).join('') };
}
