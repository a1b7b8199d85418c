import type { Output } from '../../model/configuration.ts';
import type { Dataset } from '../dataset.ts';

/** A text to learn. */
export interface Corpus {
  readonly kind: 'text';
  readonly name: string;
  readonly text: string;
  /** The text's own entropy in bits per character, where its source knows it: the floor under −log p of any model. */
  readonly entropy?: number;
  /**
   * The same for outputs of which each answers for one symbol alone, in bits per character: the least that their binary
   * cross-entropies can add up to, where the text's source knows it.
   */
  readonly binaryEntropy?: number;
}

/** The text that a dataset is, '' if it is none. */
export const textOf = (dataset: Dataset | undefined): string => (dataset?.kind === 'text' ? dataset.text : '');

/** The floor under the loss of any network with such outputs, in bits per character, where it is known. */
export const floorOf = ({ entropy, binaryEntropy }: Corpus, output: Output): number | undefined =>
  output === 'sigmoid' ? binaryEntropy : entropy;
