import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Dataset } from '../../../src/data/dataset.ts';
import type { OpenAnswer, OpenRequest } from '../../../src/data/open-worker.ts';
import { DataChoice } from '../../../src/page/data/choice.ts';
import type { Loading } from '../../../src/page/state.ts';

/** A worker that answers what a test has it say. */
class Reader {
  static readonly all: Reader[] = [];
  onmessage: ((event: { data: OpenAnswer }) => void) | undefined;
  onerror: ((event: { message: string; preventDefault(): void }) => void) | undefined;
  asked: OpenRequest | undefined;
  ended = false;

  constructor() {
    Reader.all.push(this);
  }

  postMessage(request: OpenRequest): void {
    this.asked = request;
  }

  terminate(): void {
    this.ended = true;
  }

  say(data: OpenAnswer): void {
    this.onmessage?.({ data });
  }
}

const series = (name: string): Dataset => ({
  kind: 'series',
  name,
  columns: [{ name: 'x', values: Float64Array.of(1, 2) }],
});
const file = new Blob(['x\n1\n2\n']);

let heard: unknown[] = [];
let present: Dataset | undefined;
const choice = () =>
  new DataChoice({
    loading: (loading: Loading | null) => heard.push(loading?.share ?? loading?.name ?? null),
    loaded: (dataset, builtIn) => {
      present = dataset;
      heard.push(builtIn ?? dataset);
    },
    refused: (message) => heard.push(message),
    missing: () => (present ? undefined : 'reber'),
  });
const reader = () => Reader.all.at(-1)!;
const settled = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  vi.stubGlobal('Worker', Reader);
  [heard, present] = [[], series('before.csv')];
});
afterEach(() => vi.unstubAllGlobals());

test('A file is read with its progress told, and taken', async () => {
  void choice().open({ name: 'a.csv', file });
  reader().say({ kind: 'reading', share: 0.5 });
  const dataset = series('a.csv');
  reader().say({ kind: 'opened', dataset });
  await settled();
  expect(heard).toEqual([0, 0.5, dataset]);
  expect(reader().asked).toMatchObject({ name: 'a.csv', options: { pasted: false } });
  expect(reader().ended).toBe(true);
});

test('Only what was asked for last is taken: a file is given up for another, and for built-in data', async () => {
  const picked = choice();
  void picked.open({ name: 'slow.csv', file });
  const slow = reader();
  void picked.open({ name: 'next.csv', file });
  await settled();
  expect(slow.ended).toBe(true);
  slow.say({ kind: 'opened', dataset: series('slow.csv') });
  const next = reader();
  await picked.choose('reber');
  next.say({ kind: 'opened', dataset: series('next.csv') });
  await settled();
  expect(heard.filter((each) => typeof each === 'object' && each !== null)).toEqual([]);
  expect(heard.at(-1)).toBe('reber');
});

test('What is refused is said, and what there was stays; where there was nothing, built-in data come', async () => {
  const picked = choice();
  void picked.open({ name: 'a.csv', file });
  reader().say({ kind: 'refused', message: 'a.csv, line 2: no.' });
  await settled();
  expect(heard).toEqual([0, 'a.csv, line 2: no.']);

  [heard, present] = [[], undefined];
  void picked.open({ name: 'gone.csv', file });
  reader().say({ kind: 'unreadable' });
  await vi.waitFor(() => expect(heard).toHaveLength(4));
  expect(heard.slice(0, 3)).toEqual([0, 'reber', 'reber']);
  expect(heard[3]).toMatch(/“gone\.csv” could not be read/);
});

test('A worker that fails is said too', async () => {
  void choice().open({ name: 'a.csv', file });
  reader().onerror?.({ message: '', preventDefault: () => {} });
  await settled();
  expect(heard.at(-1)).toBe('a.csv could not be read: what reads it could not be loaded.');
});

test('Reading is stopped, and what there was stays', async () => {
  const picked = choice();
  void picked.open({ name: 'a.csv', file });
  await picked.giveUp();
  expect(reader().ended).toBe(true);
  expect(heard).toEqual([0, null]);
});
