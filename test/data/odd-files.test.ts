import { expect, test } from 'vitest';
import { DataError } from '../../src/data/dataset.ts';
import { openDataset } from '../../src/data/open.ts';
import { oddFiles } from './odd-files.ts';

test('There are more than 200 odd files', () => {
  expect(oddFiles.length).toBeGreaterThan(200);
});

test.each(oddFiles.map((file) => [file.title, file] as const))('%s', async (_, { name, bytes, options, expected }) => {
  const opened = await openDataset(name, bytes, options).catch((reason: unknown) => reason);
  if ('dataset' in expected) {
    expect(opened).toMatchObject(expected.dataset);
    return;
  }
  expect(opened).toBeInstanceOf(DataError);
  const { message } = opened as DataError;
  expect(message.slice(0, expected.place.length)).toBe(expected.place);
  expect(message).toContain(expected.says);
  // One sentence, of a length that a page can show.
  expect(message).toMatch(/^[^\n]{1,300}\.$/);
});
