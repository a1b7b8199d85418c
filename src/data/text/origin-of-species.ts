/** What the book is called. */
export const title = 'On the Origin of Species';

/** The file that holds it: in `corpora/`, or in the folder that `SLUICE_CORPORA` names. */
export const file = 'origin_of_species.txt';

/** Where the page's own server has it, from the page's base. */
export const route = 'corpora/origin-of-species';

/** Where it comes from: number 1228 of Project Gutenberg, the first edition, of 1859. */
export const source = 'https://www.gutenberg.org/cache/epub/1228/pg1228.txt';

/**
 * Darwin's own words out of Project Gutenberg's plain text: from the book's opening to its end, one paragraph a line,
 * an empty line between two. Left out are the publisher's notes and licence, the title page, the tables of contents,
 * the index, and the underscores that stand for italics.
 *
 * A text without the marks between which Project Gutenberg sets a book is clean already: only its line ends are made
 * line feeds.
 */
export function originOfSpecies(downloaded: string): string {
  const text = downloaded.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const book = /^\*\*\* ?START OF [^*]*\*\*\*$(.*)^\*\*\* ?END OF /ms.exec(text)?.[1];
  if (book === undefined) return text;

  const opening = book.search(/^ON THE ORIGIN OF SPECIES\.\s+INTRODUCTION\.$/m);
  const index = book.search(/^INDEX\.$/m);
  const words = book.slice(Math.max(opening, 0), index < 0 ? book.length : index).replace(/_([^_]+)_/g, '$1');
  const paragraphs = words.split(/\n\s*\n/).map(onOneLine);
  return `${paragraphs.filter((paragraph) => paragraph !== '').join('\n\n')}\n`;
}

/** Where a line ends in a hyphen or a dash, the next one goes on without a blank. */
function onOneLine(paragraph: string): string {
  return paragraph
    .trim()
    .replace(/(?<=[-—])\n\s*/g, '')
    .replace(/\s*\n\s*/g, ' ');
}
