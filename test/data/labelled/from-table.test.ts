import { expect, test } from 'vitest';
import { samplesFromTable } from '../../../src/data/labelled/from-table.ts';
import { readTable } from '../../../src/data/table/read.ts';

const ids = (...all: number[][]) => all.map((own) => Uint32Array.from(own));

test('A column of texts and one of labels are samples', async () => {
  const text = 'n,name,language\n1,éa,Z\n2,🥚 a,b\n3,aa,Z\n4,é,b\n';
  expect(samplesFromTable(await readTable('names.csv', text), 'name', 'language')).toEqual({
    kind: 'labelled',
    name: 'names.csv',
    inputs: { kind: 'symbols', symbols: [' ', 'a', 'é', '🥚'], ids: ids([2, 1], [3, 0, 1], [1, 1], [2]) },
    targets: { kind: 'classes', at: 'end', classes: ['Z', 'b'], ids: ids([0], [1], [0], [1]) },
  });
});

test('A column that has no words is refused', async () => {
  const table = await readTable('names.csv', 'n,name\n1,a\n2,b\n');
  expect(() => samplesFromTable(table, 'name', 'n')).toThrow('names.csv has no column “n” of words.');
});

test('Of many labels with one sample a few are named', async () => {
  const rows = Array.from('abcdefg', (letter) => `${letter},${letter}\n`).join('');
  const { remarks } = samplesFromTable(await readTable('names.csv', `t,l\n${rows}x,a\n`), 't', 'l');
  expect(remarks).toEqual([
    'Labels of which there is only one sample, too few to learn and to be tested on: “b”, “c”, “d”, “e”, “f” and 1 more.',
  ]);
});
