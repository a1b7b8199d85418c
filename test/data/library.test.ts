import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type InlineConfig, type PreviewServer, preview, type ViteDevServer } from 'vite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DataError } from '../../src/data/dataset.ts';
import { findDataset } from '../../src/data/find.ts';
import { corporaPlugin, findBook } from '../../src/data/library.ts';
import { fieldNotes } from '../../src/data/text/field-notes.ts';

const file = 'origin_of_species.txt';
const download = '*** START OF THE EBOOK ***\r\nEndless forms\r\nmost beautiful.\r\n\r\n*** END OF THE EBOOK ***\r\n';
const book = 'Endless forms most beautiful.\n';

const home = process.cwd();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-'));
  process.chdir(folder);
  vi.stubEnv('SLUICE_CORPORA', undefined);
});

afterEach(async () => {
  process.chdir(home);
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  await rm(folder, { recursive: true });
});

/** Puts a stand-in in the network's place. */
function network(answer: () => Promise<Response>) {
  const fetch = vi.fn(answer);
  vi.stubGlobal('fetch', fetch);
  return fetch;
}

const plainText = async () => new Response(download, { headers: { 'Content-Type': 'text/plain; charset=utf-8' } });
const offline = () => Promise.reject(new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND') }));

describe('findDataset', () => {
  test('makes the field notes', async () => {
    expect(await findDataset('field-notes')).toEqual(fieldNotes());
    expect(await findDataset('names')).toMatchObject({ kind: 'labelled', targets: { at: 'end' } });
  });

  test('fetches the book once, cleans it, and keeps it', async () => {
    const fetch = network(plainText);
    const dataset = { kind: 'text', name: 'On the Origin of Species', text: book };
    expect(await findBook()).toEqual(dataset);
    expect(await findBook()).toEqual(dataset);
    expect(fetch).toHaveBeenCalledOnce();
    expect(await readdir('corpora')).toEqual([file]);
    expect(await readFile(join('corpora', file), 'utf8')).toBe(book);
  });

  test('looks into the folder of SLUICE_CORPORA first', async () => {
    network(offline);
    await mkdir('corpora');
    await writeFile(join('corpora', file), 'the second choice');
    await writeFile(file, download);
    expect((await findBook()).text).toBe('the second choice');
    vi.stubEnv('SLUICE_CORPORA', folder);
    expect((await findBook()).text).toBe(book);
    vi.stubEnv('SLUICE_CORPORA', join(folder, 'nowhere'));
    expect((await findBook()).text).toBe('the second choice');
  });

  test.each([
    ['there is no network', offline, 'getaddrinfo ENOTFOUND'],
    ['the address is gone', async () => new Response('', { status: 404 }), 'the answer was 404'],
    [
      'a sign-in page comes instead',
      async () => new Response('<html>', { headers: { 'Content-Type': 'text/html' } }),
      'what came is not plain text',
    ],
  ])('says in one sentence that %s, and what to do', async (_, answer, reason) => {
    network(answer);
    await expect(findBook()).rejects.toThrow(
      new DataError(
        `https://www.gutenberg.org/cache/epub/1228/pg1228.txt could not be reached (${reason}): put On the Origin of Species as a UTF-8 file at ${join('corpora', file)}, or name the folder that holds ${file} in SLUICE_CORPORA.`,
      ),
    );
    expect(await readdir('.')).toEqual([]);
  });

  test('says which file cannot be read or written', async () => {
    network(plainText);
    await mkdir(join('corpora', file), { recursive: true });
    await expect(findBook()).rejects.toThrow(`${join('corpora', file)} cannot be read`);
    await rm('corpora', { recursive: true });
    await writeFile('corpora', '');
    await expect(findBook()).rejects.toThrow(DataError);
  });
});

describe('corporaPlugin', () => {
  const site: InlineConfig = { base: '/site/', configFile: false, logLevel: 'silent', plugins: [corporaPlugin()] };
  let server: ViteDevServer | PreviewServer;

  afterEach(() => server.close());

  /** Fetches the route from a started server, past any stand-in for the network. */
  async function get(): Promise<Response> {
    const address = server.httpServer?.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    return await fetchFromServer(`http://localhost:${port}/site/corpora/origin-of-species`);
  }
  const fetchFromServer = globalThis.fetch;

  test('serves the book in development, and says why not', async () => {
    server = await createServer({ ...site, root: folder, server: { port: 0 } });
    await server.listen();
    network(offline);
    const failure = await get();
    expect(failure.status).toBe(502);
    expect(failure.headers.get('Content-Type')).toBe('text/plain; charset=utf-8');
    expect(await failure.text()).toContain('could not be reached');

    network(plainText);
    const success = await get();
    expect(success.status).toBe(200);
    expect(success.headers.get('Content-Type')).toBe('text/plain; charset=utf-8');
    expect(await success.text()).toBe(book);
  });

  test('serves the book in preview', async () => {
    await mkdir('dist');
    server = await preview({ ...site, root: folder, preview: { port: 0 } });
    network(plainText);
    expect(await (await get()).text()).toBe(book);
  });
});
