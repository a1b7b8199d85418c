/**
 * Sorts the places of a text by the n characters before them, given them sorted by the n − 1 characters before them. So
 * the places after one context stand side by side: counting what follows it is a walk, and needs no table of contexts.
 *
 * Before the successor of a place stand the n − 1 characters before that place, then the place's own. So what is left
 * to do is to sort the successors by that character, and otherwise leave them in the order of the places: one pass of a
 * radix sort. The text's first place succeeds none, and comes first.
 */
export function sortByLongerContext(
  places: Uint32Array,
  text: Uint32Array,
  vocabularySize: number,
): Uint32Array<ArrayBuffer> {
  const last = text.length - 1;
  const starts = new Uint32Array(vocabularySize + 1).fill(1, 0, 1);
  for (let place = 0; place < last; place++) {
    const symbol = text[place] as number;
    starts[symbol + 1] = (starts[symbol + 1] as number) + 1;
  }
  for (let symbol = 1; symbol <= vocabularySize; symbol++) {
    starts[symbol] = (starts[symbol] as number) + (starts[symbol - 1] as number);
  }
  const sorted = new Uint32Array(text.length);
  for (let i = 0; i <= last; i++) {
    const place = places[i] as number;
    if (place === last) continue;
    const symbol = text[place] as number;
    const target = starts[symbol] as number;
    sorted[target] = place + 1;
    starts[symbol] = target + 1;
  }
  return sorted;
}
