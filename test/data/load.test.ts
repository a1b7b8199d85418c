import { afterEach, describe, expect, test, vi } from 'vitest';
import { DataError } from '../../src/data/dataset.ts';
import { loadDataset } from '../../src/data/load.ts';
import { fieldNotes } from '../../src/data/text/field-notes.ts';

afterEach(() => vi.unstubAllGlobals());

function answer(body: string, type: string, status = 200): void {
  vi.stubGlobal('fetch', async () => new Response(body, { status, headers: { 'Content-Type': type } }));
}

describe('loadDataset', () => {
  test('makes the field notes without any server', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new Error('no server')));
    expect(await loadDataset('field-notes')).toEqual(fieldNotes());
  });

  test('asks the server of the page for the book', async () => {
    const fetch = vi.fn(async () => new Response('ON THE ORIGIN', { headers: { 'Content-Type': 'text/plain' } }));
    vi.stubGlobal('fetch', fetch);
    expect(await loadDataset('origin-of-species')).toEqual({
      kind: 'text',
      name: 'On the Origin of Species',
      text: 'ON THE ORIGIN',
    });
    expect(fetch).toHaveBeenCalledWith(`${import.meta.env.BASE_URL}corpora/origin-of-species`);
  });

  test('passes on why the server does not have it', async () => {
    answer('The book could not be reached.', 'text/plain; charset=utf-8', 502);
    await expect(loadDataset('origin-of-species')).rejects.toThrow(new DataError('The book could not be reached.'));
  });

  test.each([
    ['the page that a server shows for any address', '<!doctype html>', 'text/html', 200],
    ['a static host without the book', 'Not found', 'text/plain', 404],
    ['a gateway’s own error page', '<h1>Bad gateway</h1>', 'text/html', 502],
  ])('does not take %s for the book', async (_, body, type, status) => {
    answer(body, type, status);
    await expect(loadDataset('origin-of-species')).rejects.toThrow('is not on this site');
  });

  test('says that the server does not answer', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    await expect(loadDataset('origin-of-species')).rejects.toThrow('does not answer');
  });

  test('says so of what comes with the page and cannot be fetched', async () => {
    const failed = new TypeError('Failed to fetch dynamically imported module');
    vi.doMock('../../src/data/text/cookbook.ts', () => ({ cookbook: () => Promise.reject(failed) }));
    await expect(loadDataset('cookbook')).rejects.toThrow('“cookbook” could not be fetched');
    vi.doUnmock('../../src/data/text/cookbook.ts');
  });
});
