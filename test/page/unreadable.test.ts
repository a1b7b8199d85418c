import { expect, it } from 'vitest';
import { describeUnreadable } from '../../src/page/unreadable.ts';

it.each([
  [2 ** 31 - 1, '“notes.txt” could not be read: it may have been moved or changed. Choose it once more.'],
  [2 ** 31, '“notes.txt” is larger than the 2 GiB that a browser reads in one piece: cut it into parts.'],
])('A file of %i bytes that cannot be read says why', (size, words) => {
  expect(describeUnreadable({ name: 'notes.txt', size })).toBe(words);
});
