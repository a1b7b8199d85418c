/** A text to learn. */
export interface Corpus {
  readonly name: string;
  readonly text: string;
  /** The text's own entropy in bits per character, where its source knows it: the floor under any model's loss. */
  readonly entropy?: number;
}

/** The texts that come with Sluice. */
export type CorpusName = 'field-notes' | 'origin-of-species';
