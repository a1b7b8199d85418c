import type { Corpus } from './corpus.ts';
import edition from './files/as-you-like-it.txt?raw';

/**
 * Shakespeare's comedy from its first scene to its epilogue. The file is `asyoulik.txt` of the Canterbury Corpus as it is, by way of the
 * test data of the Snappy compressor, whose licence says: from Project Gutenberg, copyright expired, in the public domain.
 */
export const asYouLikeIt = (): Corpus => ({ kind: 'text', name: 'As You Like It', text: playOf(edition) });

/**
 * A play of that edition, laid out in one way: who speaks stands on a line of its own, in capitals and before a colon; what is said
 * follows. An empty line comes before each speaker. The edition has the speaker and a tab before the first line
 * of a speech, and a tab before the others; its title, over each act, and its list of persons are left out.
 */
export function playOf(edition: string): string {
  const title = edition.trimStart().split('\n', 1)[0]!;
  const acts = edition.slice(edition.search(/^ACT /m)).replaceAll(`\t${title}\n`, '');
  return `${acts
    .replace(/^(SCENE \w+)\t/gm, '$1. ')
    .replace(/^([A-Z][A-Za-z ]+)\t/gm, (_, speaker: string) => `\n\n${speaker.toUpperCase()}:\n`)
    .replace(/[\t ]+/g, ' ')
    .replace(/^ | $/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}
