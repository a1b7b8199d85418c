import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, preview } from 'vite';
import { beforeAll, expect, it } from 'vitest';
import { fieldNotes } from '../../src/data/text/field-notes.ts';
import { initialState } from '../../src/engine/initial-state.ts';
import { encodeModelFile } from '../../src/files/model-file.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { clean, launch, Visit } from './visit.ts';

const outDir = mkdtempSync(join(tmpdir(), 'sluice-linked-'));
const small = 'engine=cpu&hidden=8&batch=4&sequence=8&steps=1000';
const link = 'https://models.example/shelf/m.safetensors';
const allowed = { 'Access-Control-Allow-Origin': '*' };

const vocabulary = Vocabulary.of(fieldNotes(1).text);
const model = symbolModel('lstm', vocabulary.size, 13);
const { parameters } = initialState(model, { rows: 1, timesteps: 1 }, 4);
const network = { model, vocabulary, parameters };
const file = Buffer.from(encodeModelFile(network));

beforeAll(async () => {
  await build({ logLevel: 'error', build: { outDir } });
  writeFileSync(join(outDir, 'beside.safetensors'), file);
}, 600_000);

/** What the other host answers; nothing at all, or it breaks off. */
type Answer =
  | { readonly body?: Uint8Array | string; readonly status?: number; readonly headers?: object }
  | 'break off'
  | 'wait';

/** Visits the built site by an address that names a model. What it asks other hosts for is told, and answered here. */
async function follow(named: string, answer: Answer) {
  const server = await preview({ logLevel: 'error', build: { outDir }, preview: { port: 0 } });
  clean.push(() => server.close());
  const page = await (await launch('none')).newPage();
  const errors: string[] = [];
  const asked: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.setDefaultTimeout(90_000);
  const session = await page.createCDPSession();
  session.on('Fetch.requestPaused', ({ requestId, request: { method, url, headers } }) => {
    asked.push(`${method} ${url} ${headers['Referer'] ?? ''}`.trim());
    if (answer === 'wait') return;
    if (answer === 'break off') return session.send('Fetch.failRequest', { requestId, errorReason: 'ConnectionReset' });
    return session.send('Fetch.fulfillRequest', {
      requestId,
      responseCode: answer.status ?? 200,
      responseHeaders: Object.entries(answer.headers ?? {}).map(([name, value]) => ({ name, value })),
      body: Buffer.from(answer.body ?? '').toString('base64'),
    });
  });
  await session.send('Fetch.enable', { patterns: [{ urlPattern: '*://models.example/*' }] });
  await page.goto(`${server.resolvedUrls!.local[0]}?${small}&model=${encodeURIComponent(named)}`);
  return { visitor: new Visit(page, errors), asked };
}

const hidden = ({ page }: Visit) => page.$eval('#setting-hidden', (input) => (input as HTMLInputElement).value);

it('A model that the address names is opened once the person agrees, and named as long as it stands', async () => {
  const { visitor, asked } = await follow(link, { body: file, headers: allowed });
  await visitor.says('#link-dialog h2', /^Fetch a model from models\.example\?$/);
  expect(await visitor.text('#link-text')).toContain(link);
  expect(await visitor.accessibilityFindings()).toEqual([]);
  expect(await visitor.page.evaluate(() => document.activeElement?.id)).toBe('link-no');
  expect([asked, await hidden(visitor)]).toEqual([[], '8']);
  await visitor.press(/^Fetch it$/);
  await visitor.page.waitForFunction(() => document.querySelector<HTMLInputElement>('#setting-hidden')?.value === '13');
  await visitor.says('#status', /Ready to train/);
  expect(asked).toEqual([`GET ${link}`]);
  const named = () => new URL(visitor.page.url()).searchParams.get('model');
  expect([named(), await visitor.page.$('#link-dialog')]).toEqual([link, null]);
  await visitor.type('#setting-seed', '5');
  await expect.poll(named).toBeNull();
  expect(visitor.errors).toEqual([]);
});

it('A model that lies beside the page is opened as well', async () => {
  const { visitor, asked } = await follow('beside.safetensors', 'wait');
  await visitor.press(/^Fetch it$/);
  await visitor.page.waitForFunction(() => document.querySelector<HTMLInputElement>('#setting-hidden')?.value === '13');
  expect([asked, visitor.errors]).toEqual([[], []]);
});

it('Nobody is asked where the person leaves it, and what is given up leaves no trace', async () => {
  const left = await follow(link, { body: file, headers: allowed });
  await left.visitor.press(/^Leave it$/);
  await expect.poll(() => left.visitor.page.url()).not.toContain('model=');
  expect([left.asked, await left.visitor.page.$('#link-dialog'), left.visitor.errors]).toEqual([[], null, []]);

  const givenUp = await follow(link, 'wait');
  await givenUp.visitor.press(/^Fetch it$/);
  await expect.poll(() => givenUp.asked.length).toBe(1);
  await givenUp.visitor.page.keyboard.press('Escape');
  await expect.poll(() => givenUp.visitor.page.url()).not.toContain('model=');
  expect(await givenUp.visitor.page.$('#link-dialog')).toBeNull();
  expect((await givenUp.visitor.text('#notices')).includes('model')).toBe(false);
  await givenUp.visitor.press(/^One step$/);
  await givenUp.visitor.reaches(1);
  expect(givenUp.visitor.errors).toEqual([]);
});

it.each<[string, string, Answer, RegExp]>([
  ['that may not be read', link, { body: file }, /cannot be had from models\.example: .*\(CORS\)\. Download it/],
  ['that is cut off', link, 'break off', /cannot be had from models\.example: there is no connection, or/],
  ['that is not there', link, { status: 404, headers: allowed }, /models\.example answers 404 .*check the address/],
  [
    'that is too large',
    link,
    { body: 'short', headers: { ...allowed, 'Content-Length': '500000001' } },
    /more than 500 MB.*download it/,
  ],
  ['that is none', link, { body: 'Sea shells', headers: allowed }, /not a safetensors file|no model/],
  ['that is damaged', link, { body: file.subarray(0, -9), headers: allowed }, /cut off or damaged/],
])('A model %s is refused in a sentence', async (_, named, answer, words) => {
  const { visitor } = await follow(named, answer);
  await visitor.press(/^Fetch it$/);
  await visitor.says('#notices', words);
  expect([await visitor.page.$('#link-dialog'), await hidden(visitor), visitor.errors]).toEqual([null, '8', []]);
});

it('A model that is not encrypted on its way, or nowhere, is refused before anybody is asked', async () => {
  for (const named of ['http://models.example/m.safetensors', 'data:text/plain,x', 'https://']) {
    const { visitor, asked } = await follow(named, { body: file, headers: allowed });
    await visitor.says('#notices', /fetched by an https: address or from this site, not from/);
    expect([asked, await visitor.page.$('#link-dialog')]).toEqual([[], null]);
  }
});
