import type { Corpus, CorpusName } from './text/corpus.ts';
import { fieldNotes } from './text/field-notes.ts';
import { embeddedReberText, reberText } from './text/reber.ts';

/** The texts that are made on the spot, and need neither a network nor a disk. */
export const generated = {
  'field-notes': fieldNotes,
  reber: reberText,
  'embedded-reber': embeddedReberText,
} as const satisfies Partial<Record<CorpusName, (seed?: number) => Corpus>>;

export type GeneratedName = keyof typeof generated;

export const isGenerated = (name: CorpusName): name is GeneratedName => name in generated;
