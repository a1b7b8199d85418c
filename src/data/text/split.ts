import { Vocabulary } from '../../model/vocabulary.ts';

/** A text as symbols, with its end held out. */
export interface Split {
  readonly vocabulary: Vocabulary;
  readonly training: Uint32Array<ArrayBuffer>;
  readonly validation: Uint32Array<ArrayBuffer>;
}

/**
 * Numbers a text's characters and holds out a share of them, from the end; at least two are left to train on.
 *
 * @param share of the characters, rounded down
 * @param vocabulary numbers the characters: unless it is given, that of the text
 * @throws RangeError naming the first character that is not in the vocabulary
 */
export function split(text: string, share: number, vocabulary = Vocabulary.of(text)): Split {
  const ids = vocabulary.encode(text);
  const trained = Math.max(2, ids.length - Math.floor(share * ids.length));
  return { vocabulary, training: ids.subarray(0, trained), validation: ids.subarray(trained) };
}
