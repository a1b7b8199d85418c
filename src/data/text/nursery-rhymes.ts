import type { Corpus } from './corpus.ts';
import rhymes from './files/nursery-rhymes.txt?raw';

/**
 * English nursery rhymes, with an empty line between two verses. Nobody knows who made them; they were in print in the eighteenth
 * century or the first half of the nineteenth, and are in the public domain. Where wordings differ, a common one was written down;
 * none is taken from an edition of today.
 */
export const nurseryRhymes = (): Corpus => ({ kind: 'text', name: 'Nursery rhymes', text: rhymes });
