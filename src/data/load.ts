import { quote } from '../quote.ts';
import type { Dataset } from './dataset.ts';
import { DataError } from './dataset.ts';
import type { included } from './included.ts';
import type { DatasetName } from './names.ts';
import { fieldNotes } from './text/field-notes.ts';
import * as book from './text/origin-of-species.ts';

/**
 * A dataset by its name, as a page gets it: made on the spot, or asked from the server that the page came from.
 *
 * @throws DataError in one sentence, if the server does not have it
 */
export async function loadDataset(name: DatasetName): Promise<Dataset> {
  // What everybody begins with is there at once.
  if (name === 'field-notes') return fieldNotes();
  if (name !== 'origin-of-species') return fetchIncluded(name);
  const { corpusFromBytes } = await import('./text/text.ts');
  return corpusFromBytes(book.title, await fetchBook());
}

async function fetchIncluded(name: keyof typeof included): Promise<Dataset> {
  try {
    const { included } = await import('./included.ts');
    return await included[name]();
  } catch (error) {
    // What a browser says of a script that it cannot fetch names no cause.
    if (!(error instanceof TypeError)) throw error;
    throw new DataError(`${quote(name)} could not be fetched: the server of this page does not answer.`);
  }
}

async function fetchBook(): Promise<Uint8Array> {
  let response: Response;
  let body: ArrayBuffer;
  try {
    response = await fetch(`${import.meta.env.BASE_URL}${book.route}`);
    body = await response.arrayBuffer();
  } catch {
    throw new DataError(`${book.title} could not be fetched: the server of this page does not answer.`);
  }
  // Anything but plain text is some other server's answer: its error page, or the page that it shows for any address.
  const isPlain = response.headers.get('Content-Type')?.startsWith('text/plain') ?? false;
  if (isPlain && response.ok) return new Uint8Array(body);
  if (isPlain && response.status === 502) throw new DataError(new TextDecoder().decode(body));
  throw new DataError(
    `${book.title} is not on this site, only on the server that npm start runs: choose the field notes, or open a text of your own.`,
  );
}
