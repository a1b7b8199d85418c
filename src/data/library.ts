/**
 * The text that does not come with the code, as Node finds it: for the command line, and for the server behind the training page. The
 * folders are taken from the working folder, which for npm's scripts is the project's root.
 */

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connect, Plugin } from 'vite';
import { DataError } from './dataset.ts';
import type { Corpus } from './text/corpus.ts';
import * as book from './text/origin-of-species.ts';
import { corpusFromBytes, corpusFromText } from './text/text.ts';

/** Where fetched texts are kept. */
const folder = 'corpora';

/** How long a download may take, in milliseconds. */
const patience = 60_000;

/**
 * *On the Origin of Species*: it is looked for in the folder that the environment's `SLUICE_CORPORA` names, then in `corpora/`; if
 * it is in neither, it is fetched, once, and kept in `corpora/`.
 *
 * @throws DataError in one sentence, if it is nowhere to be had
 */
export async function findBook(): Promise<Corpus> {
  for (const place of [process.env['SLUICE_CORPORA'], folder]) {
    if (!place) continue;
    const path = join(place, book.file);
    const bytes = await readIfThere(path);
    if (bytes) return corpusFromText(book.title, book.originOfSpecies(corpusFromBytes(path, bytes).text));
  }
  const text = book.originOfSpecies(corpusFromBytes(book.source, await download(book.source)).text);
  await keep(join(folder, book.file), text);
  return corpusFromText(book.title, text);
}

/**
 * Serves the texts that a page cannot make itself, in development and in preview: `GET corpora/origin-of-species` under
 * the site's base, as plain text, or as status 502 and the reason why not.
 */
export function corporaPlugin(): Plugin {
  const serve: Connect.SimpleHandleFunction = async (_, response) => {
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    try {
      response.end((await findBook()).text);
    } catch (error) {
      response.statusCode = 502;
      response.end(messageOf(error));
    }
  };
  return {
    name: 'sluice:corpora',
    configureServer: ({ middlewares, config }) => void middlewares.use(config.base + book.route, serve),
    configurePreviewServer: ({ middlewares, config }) => void middlewares.use(config.base + book.route, serve),
  };
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new DataError(`${path} cannot be read: ${messageOf(error)}.`);
  }
}

async function download(address: string): Promise<Uint8Array> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(patience) });
    // Where a network asks people to sign in, it answers for every address with a page of its own.
    const isPlain = response.headers.get('Content-Type')?.startsWith('text/plain') ?? false;
    if (response.ok && isPlain) return new Uint8Array(await response.arrayBuffer());
    throw new Error(response.ok ? 'what came is not plain text' : `the answer was ${response.status}`);
  } catch (error) {
    throw new DataError(
      `${address} could not be reached (${messageOf(error)}): put ${book.title} as a UTF-8 file at ` +
        `${join(folder, book.file)}, or name the folder that holds ${book.file} in SLUICE_CORPORA.`,
    );
  }
}

/** Writes all of a file or nothing, so that no one ever finds half of it. */
async function keep(path: string, text: string): Promise<void> {
  const unfinished = `${path}.${crypto.randomUUID()}`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(unfinished, text);
    await rename(unfinished, path);
  } catch (error) {
    throw new DataError(`${path} cannot be written: ${messageOf(error)}.`);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** What went wrong. A failed fetch hides it in its cause. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause ? messageOf(error.cause) : error.message;
}
