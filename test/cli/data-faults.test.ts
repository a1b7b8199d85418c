import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { useCommandLine } from './command-line.ts';

const { run, path } = useCommandLine();

const series = ['temp,wind', ...Array.from({ length: 30 }, (_, i) => `${i % 7},${i % 3}`)];
const names = [
  'name,people',
  ...Array.from({ length: 20 }, (_, i) => `${'ab'[i % 2]}${'cd'[i % 3] ?? 'e'},${'XY'[i % 2]}`),
];
const lines = names.slice(1).map((row) => {
  const [text, label] = row.split(',');
  return JSON.stringify({ text, label });
});

const files: Readonly<Record<string, string | Uint8Array>> = {
  'series.csv': series.join('\n'),
  'names.csv': names.join('\n'),
  'names.jsonl': lines.join('\n'),
  'good.txt': 'It was the best of times. '.repeat(20),
  'ragged.csv': [...series, '1,2,3'].join('\n'),
  'words.csv': [...series, 'warm,2'].join('\n'),
  'headless.csv': series.slice(1).join('\n'),
  'wide.csv': Buffer.from(`\uFEFF${[...series, '1'].join('\r\n')}`, 'utf16le'),
  'quotes.csv': [...series, '"1,2'].join('\n'),
  'empty.csv': '',
  'three.csv': 'a,b,c\nx,y,z\nx,w,z\nv,y,z',
  'either.csv': 'size,colour\n1,red\n2,red\n1,blue\n2,blue',
  'cut.jsonl': [...lines, '{"text": "a'].join('\n'),
  'mixed.jsonl': [...lines, '{"text": "a", "target": 1}'].join('\n'),
  'bare.jsonl': '{"text": "a"}\n{"text": "b"}',
  'late.jsonl': '{"text": "a"}\n\n{"text": "b", "label": "X"}',
  'numbers.jsonl': '{"inputs": [1, 2]}',
  'other.jsonl': '{"text": "a", "label": "X"}\n{"text": "a", "label": "Z"}',
  'steps.jsonl': '{"inputs": "ab", "targets": "XY"}',
  'other.csv': 'name,people\na,X\nb,Z',
  'blank.csv': 'name,people\na,X\n,Y',
  'blank.txt': '\n \n',
  'hot.csv': 'hot,wind\n1,2\n3,4',
  'one.csv': 'temp,wind\n1,2',
};

const tiny = ['--hidden', '2', '--batch', '4', '--engine', 'cpu'];
beforeAll(async () => {
  for (const [name, content] of Object.entries(files)) writeFileSync(path(name), content);
  for (const [data, model] of [
    ['series.csv', 'series'],
    ['names.csv', 'names'],
    ['good.txt', 'text'],
  ] as const) {
    const ended = await run('train', data, ...tiny, '--steps', '2', '--save', `${model}.safetensors`);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
  }
});

const [ofSeries, ofNames, ofText] = ['series.safetensors', 'names.safetensors', 'text.safetensors'] as const;

const bad: readonly (readonly [line: readonly string[], sentence: RegExp])[] = [
  [['train', 'ragged.csv'], /^ragged\.csv, line 32: 3 fields, where the header has 2 fields: /],
  [['train', 'words.csv'], /^words\.csv, line 32, column “temp”: “warm” is not a number, /],
  [['train', 'headless.csv'], /^headless\.csv, line 1: the first line is not a header/],
  [['train', 'wide.csv'], /^wide\.csv, line 32: 1 field, where the header has 2 fields: /],
  [['train', 'quotes.csv'], /^quotes\.csv, line 32, character 1: the quotes that open here are never closed/],
  [['train', 'empty.csv'], /^empty\.csv/],
  [
    ['train', 'three.csv'],
    /^three\.csv does not tell what it is, as its columns are “a” \(words\), .* with --predict\.$/,
  ],
  [['train', 'three.csv', '--predict', 'c'], /: name that of the texts with --inputs\.$/],
  [['train', 'either.csv'], /“size” \(numbers\) and “colour” \(words\): name .* or give --kind series\.$/],
  [['train', 'cut.jsonl'], /^cut\.jsonl, line 21: this is no JSON/],
  [
    ['train', 'mixed.jsonl'],
    /^mixed\.jsonl, line 21, key “target”: it holds numbers for the end, where line 1 has a label/,
  ],
  [['train', 'bare.jsonl'], /^bare\.jsonl, line 1: there is no “label”/],
  [
    ['train', 'series.csv', '--predict', 'heat'],
    /^series\.csv has no column “heat” for predict: .*“temp” and “wind”\.$/,
  ],
  [['train', 'series.csv', '--kind', 'table'], /^--kind is one of text, series, labelled, not “table”\.$/],
  [['train', 'names', '--kind', 'series'], /^--kind is for a file; names comes with Sluice: leave it out\.$/],
  [['train', '--kind', 'text'], /^--kind is for a file; field-notes comes with Sluice/],
  [['train', 'series.csv', '--ahead', '0'], /^--ahead: Ahead is a whole number from 1 /],
  [['train', 'series.csv', '--ahead', '30'], /^series\.csv has 30 rows, and needs 31 at least/],
  [['train', 'series.csv', '--output', 'sigmoid'], /^--output is for a text; series\.csv is a series: leave it out\.$/],
  [
    ['train', 'names.jsonl', '--ahead', '2'],
    /^--ahead is for a series; names\.jsonl is labelled sequences: leave it out/,
  ],
  [
    ['train', 'names.csv', '--sequence', '8'],
    /^--sequence is for a text or a series; names\.csv is labelled sequences/,
  ],
  [['train', 'good.txt', '--ahead', '2'], /^--ahead is for a series; good\.txt is a text: leave it out\.$/],
  [['train', 'names', '--inputs', 'name'], /^--inputs is for a series; names is labelled sequences: leave it out\.$/],
  [['train', 'names.jsonl', '--inputs', 'text'], /^names\.jsonl is not read as a table, so it has no columns/],
  [['train', 'series.csv', '--resume', ofSeries, '--ahead', '2', '--steps', '9'], /Ahead is 1 and cannot become 2/],
  [['train', 'names.csv', '--resume', ofSeries], /trained on “series\.csv” .* not on “names\.csv”/],
  [['train', '--resume', ofNames], /trained on “names\.csv” .* not on “Field notes”/],
  [['predict', ofSeries], /^data is missing/],
  [['predict', ofSeries, 'missing.csv'], /^missing\.csv cannot be read: there is no such file/],
  [
    ['predict', ofSeries, 'hot.csv'],
    /^hot\.csv cannot be used\. There is no column “temp” of numbers; there is “hot”, “wind”\.$/,
  ],
  [['predict', ofSeries, 'ragged.csv'], /^ragged\.csv, line 32: /],
  [
    ['predict', ofSeries, 'names'],
    /^names is labelled sequences, and the network has learned from a series: give it that/,
  ],
  [['predict', ofSeries, 'series.csv', '--out', 'series.csv'], /^--out is series\.csv, which is read/],
  [['predict', ofSeries, 'series.csv', '--out', 'nowhere/p.csv'], /^nowhere\/p\.csv cannot be written/],
  [
    ['predict', ofNames, 'names.csv'],
    /tells labelled sequences apart, for classify: only one that has learned from numbers/,
  ],
  [['predict', ofText, 'series.csv'], /is a network that writes text, for sample and match: only one /],
  [['forecast', ofSeries, 'series.csv', '--length', '0'], /^--length is a whole number from 1 to 1000000, not “0”/],
  [['forecast', ofSeries, 'one.csv'], /^one\.csv has only one row/],
  [['forecast', ofNames, 'series.csv'], /only one that has learned from a series can go on with one\.$/],
  [
    ['classify', ofSeries, 'names.csv'],
    /that goes on with series, for predict and forecast: only one that has learned labels/,
  ],
  [
    ['classify', ofText, 'names.csv'],
    /that writes text, for sample and match: only one that has learned labels can classify\.$/,
  ],
  [['classify', ofNames, 'noisy-sine'], /^noisy-sine is a series, and the network has learned from labelled sequences/],
  [
    ['classify', ofNames, 'adding'],
    /^adding cannot be used\. The network reads characters, but|^adding cannot be used\. The network reads/,
  ],
  [
    ['classify', ofNames, 'three.csv'],
    /^three\.csv does not tell which of its columns has the texts: name one as inputs, of /,
  ],
  [['classify', ofNames, 'three.csv', '--inputs', 'd'], /^three\.csv has no column “d”: it has “a”, “b” and “c”\.$/],
  [
    ['classify', ofNames, 'other.csv', '--predict', 'people'],
    /^other\.csv, line 3, column “people”: “Z” is none of the 2/,
  ],
  [['classify', ofNames, 'blank.csv'], /^blank\.csv, line 3, column “name”: there is no text/],
  [['classify', ofNames, 'blank.txt'], /^blank\.txt is empty/],
  [['classify', ofNames, 'other.jsonl'], /^other\.jsonl, line 2, key “label”: “Z” is none of the 2 classes/],
  [['classify', ofNames, 'late.jsonl'], /^late\.jsonl, line 3, key “label”: it is there, and line 1 has none/],
  [
    ['classify', ofNames, 'steps.jsonl'],
    /^steps\.jsonl, line 1, key “targets”: it has labels for timesteps, and the network tells one at the end/,
  ],
  [
    ['classify', ofNames, 'numbers.jsonl'],
    /^numbers\.jsonl, line 1, key “inputs”: it holds numbers, and the network reads characters/,
  ],
  [['classify', ofNames, 'cut.jsonl'], /^cut\.jsonl, line 21: this is no JSON/],
  [
    ['sample', ofSeries],
    /that goes on with series, for predict and forecast: only one that predicts the symbols it reads can write/,
  ],
  [
    ['sample', ofNames],
    /that tells labelled sequences apart, for classify: only one that predicts the symbols it reads/,
  ],
  [['match', ofSeries, 'series.csv'], /that goes on with series, for predict and forecast: only one /],
  [['match', ofText, 'names'], /is no text, which alone can be used here\.$/],
  [['evaluate', ofNames, 'names.csv'], /that tells labelled sequences apart, for classify: only one /],
  [['text', 'names'], /^“names” is none of the texts that come with Sluice: /],
];

describe('Data that cannot be used, and networks that are for something else', () => {
  it.each(bad)('%j is refused in one line', async (line, sentence) => {
    const before = readdirSync(path('.'));
    const { code, stdout, stderr } = await run(...line);
    expect(stderr.trimEnd()).toMatch(sentence);
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(readdirSync(path('.'))).toEqual(before);
  });

  it('leave the model that was to be trained further, and what was to be written over', async () => {
    const before = readFileSync(path(ofSeries));
    writeFileSync(path('p.csv'), 'mine');
    const save = ['--save', ofSeries];
    expect(await run('train', 'words.csv', '--resume', ofSeries, ...save)).toMatchObject({ code: 2 });
    expect(await run('train', 'words.csv', ...save)).toMatchObject({ code: 2 });
    expect(await run('predict', ofSeries, 'words.csv', '--out', 'p.csv')).toMatchObject({ code: 2 });
    expect(readFileSync(path(ofSeries)).equals(before)).toBe(true);
    expect(readFileSync(path('p.csv'), 'utf8')).toBe('mine');
    expect(readdirSync(path('.')).filter((name) => /lock|unfinished|backup/.test(name))).toEqual([]);
  });
});
