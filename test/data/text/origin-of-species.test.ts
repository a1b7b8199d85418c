import { describe, expect, test } from 'vitest';
import { originOfSpecies } from '../../../src/data/text/origin-of-species.ts';
import { darwin } from './darwin.ts';

const download = `\uFEFFThe Project Gutenberg eBook of On the Origin of Species, by Charles Darwin

Produced by: Sue Asscher and David Widger

*** START OF THE PROJECT GUTENBERG EBOOK ON THE ORIGIN OF SPECIES ***

There are several editions of this ebook in the Project Gutenberg collection.

On
the Origin of Species

Contents

 INTRODUCTION.
 12. GEOGRAPHICAL DISTRIBUTION—_continued_.
 INDEX

DETEAILED CONTENTS. ON THE ORIGIN OF SPECIES.

INTRODUCTION.

ON THE ORIGIN OF SPECIES.




INTRODUCTION.


When on board H.M.S. ‘Beagle,’ as naturalist, I was much struck with
certain facts in the distribution of the inhabitants of South America. I
cannot,
however,
see them as well-
marked facts—
some may. _Nature_, indeed.

My work is
now nearly finished.




INDEX.


Aberrant groups, 429.

*** END OF THE PROJECT GUTENBERG EBOOK ON THE ORIGIN OF SPECIES ***

Updated editions will replace the previous one.
`;

const book = `ON THE ORIGIN OF SPECIES.

INTRODUCTION.

When on board H.M.S. ‘Beagle,’ as naturalist, I was much struck with certain facts in the distribution of the inhabitants of South America. I cannot, however, see them as well-marked facts—some may. Nature, indeed.

My work is now nearly finished.
`;

describe('originOfSpecies', () => {
  test('leaves the book, one paragraph a line', () => {
    expect(originOfSpecies(download)).toBe(book);
    expect(originOfSpecies(download.replaceAll('\n', '\r\n'))).toBe(book);
  });

  test('knows the marks of older files', () => {
    expect(
      originOfSpecies('***START OF THIS PROJECT GUTENBERG EBOOK***\nOne\nline.\n\n***END OF THIS EBOOK***\n'),
    ).toBe('One line.\n');
  });

  test('leaves a clean text as it is, but for the line ends', () => {
    expect(originOfSpecies(book)).toBe(book);
    expect(originOfSpecies('One\r\nline.\r\n')).toBe('One\nline.\n');
    expect(originOfSpecies(darwin)).toBe(darwin);
  });
});
