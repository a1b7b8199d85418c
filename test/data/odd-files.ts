import type { TableOptions } from '../../src/data/table/use.ts';
import { utf8, utf16 } from './bytes.ts';

/** A file that is bad or odd, and what should become of it. */
export interface OddFile {
  readonly title: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly options?: TableOptions;
  /** What the dataset must have; or how the error begins, which is its place, and what else it says. */
  readonly expected: { readonly dataset: object } | { readonly place: string; readonly says: string };
}

const table = (title: string, text: string, expected: OddFile['expected'], options?: TableOptions): OddFile => ({
  title,
  name: 'odd.csv',
  bytes: utf8(text),
  expected,
  ...(options && { options }),
});
const lines = (title: string, text: string, expected: OddFile['expected']): OddFile => ({
  title,
  name: 'odd.jsonl',
  bytes: utf8(text),
  expected,
});
const refused = (place: string, says: string) => ({ place: `odd.csv${place}: `, says });
const linesRefused = (place: string, says: string) => ({ place: `odd.jsonl${place}: `, says });

const names = ['a', 'b', 'c'];
const rows = [1, 2, 3, 4, 5, 6];
const numberAt = (row: number, column: number) => (row * 10 + column) / 4;
const fields = rows.map((row) => names.map((_, column) => String(numberAt(row, column))));
/** A table with one field written otherwise. */
const csv = (row?: number, column?: number, field?: string, delimiter = ',') =>
  [names, ...fields.map((all, r) => all.map((own, c) => (r + 1 === row && c === column ? field! : own)))]
    .map((all) => `${all.join(delimiter)}\n`)
    .join('');
/** The series that it is, with one number written otherwise. */
const series = (row?: number, column?: number, value?: number) => ({
  kind: 'series',
  name: 'odd.csv',
  columns: names.map((name, c) => ({
    name,
    values: Float64Array.from(rows, (r) => (r === row && c === column ? value! : numberAt(r, c))),
  })),
});
const places = rows.flatMap((row) => names.map((name, column) => ({ row, name, column })));

function* writtenOtherwise(): Generator<OddFile> {
  const encodings = {
    'UTF-8': utf8,
    'UTF-8 with a mark': (text: string) => utf8(`\uFEFF${text}`),
    'little-endian UTF-16': (text: string) => utf16(text, true),
    'big-endian UTF-16': (text: string) => utf16(text, false),
  };
  for (const [encoding, encode] of Object.entries(encodings)) {
    for (const lineEnd of ['\n', '\r\n', '\r']) {
      for (const [delimiter, mark] of [',.', ';.', ';,', '\t.', '\t,'].map(
        (both) => Array.from(both) as [string, string],
      )) {
        for (const end of ['', lineEnd, lineEnd.repeat(4), `${lineEnd}${delimiter.repeat(2)}${lineEnd}`]) {
          const text = csv(0, 0, '', delimiter).trimEnd().replaceAll('.', mark).replaceAll('\n', lineEnd);
          yield {
            title: `${encoding}, ${JSON.stringify(lineEnd)}, ${JSON.stringify(delimiter)}, ${mark}, end ${JSON.stringify(end)}`,
            name: 'odd.csv',
            bytes: encode(text + end),
            expected: { dataset: series() },
          };
        }
      }
    }
  }
}

function* wrongNumbers(): Generator<OddFile> {
  for (const { row, name, column } of places) {
    const place = `, line ${row + 1}, column “${name}”`;
    yield table(`a word${place}`, csv(row, column, 'oops'), refused(place, '“oops” is not a number'));
    yield table(`quotes${place}`, csv(row, column, `"${numberAt(row, column)}"`), { dataset: series() });
    yield table(`spaces${place}`, csv(row, column, ` ${numberAt(row, column)}  `), { dataset: series() });
  }
  for (const [at, word] of [
    '',
    'NA',
    'n/a',
    'N/A',
    '#N/A',
    'NaN',
    'nan',
    'null',
    'NULL',
    'None',
    '-',
    '?',
    ' ',
    '""',
  ].entries()) {
    const { row, name, column } = places[at]!;
    const remarks = [`Numbers that are missing: 1 in “${name}”.`];
    yield table(`missing: ${word}`, csv(row, column, word), {
      dataset: { ...series(row, column, Number.NaN), remarks },
    });
  }
  const words: [string, string][] = [
    ...['Infinity', '-Infinity', 'inf', '+INF', '∞'].map(
      (word) => [word, `“${word}” is no number to learn from`] as [string, string],
    ),
    ['1e999', '“1e999” is too large'],
    ['0x10', '“0x10” is not a number'],
    ['1 000', '“1 000” is not a number'],
    ['1.2.3', '“1.2.3” is not a number'],
    ['.', '“.” is not a number'],
    ['1e', '“1e” is not a number'],
    ['--1', '“--1” is not a number'],
    ['12%', '“12%” is not a number'],
    ['1d', '“1d” is not a number'],
    ['"1,5"', 'it is not clear what the commas and points of “1,5” mean'],
    ['"1,234.5"', 'it is not clear what the commas and points of “1,234.5” mean'],
    ['"two\nlines"', '“two�lines” is not a number'],
    ['x'.repeat(100), `“${'x'.repeat(40)}…” is not a number`],
  ];
  for (const [at, [word, says]] of words.entries()) {
    const { row, name, column } = places[at % places.length]!;
    yield table(`no number: ${word}`, csv(row, column, word), refused(`, line ${row + 1}, column “${name}”`, says));
  }
  for (const [word, value] of [
    ['+2', 2],
    ['1.', 1],
    ['.5', 0.5],
    ['-1.5E-3', -0.0015],
    ['1e3', 1000],
    ['007', 7],
  ] as const) {
    yield table(`a number: ${word}`, csv(4, 1, word), { dataset: series(4, 1, value) });
  }
  yield table(
    'both decimal marks',
    'a;b\n1,5;2\n2,5;2.5\n',
    refused(', line 3, column “b”', '“2.5” has a decimal point, where “1,5” in line 2 has a comma'),
  );
  yield table(
    'the other way round',
    'a;b\n1.5;2\n2;2,5\n',
    refused(', line 3, column “b”', '“2,5” has a decimal comma, where “1.5” in line 2 has a point'),
  );
  yield table(
    'commas of either meaning',
    'a\tb\n1,500\t2\n2,500\t3\n',
    refused(', line 2, column “a”', 'the comma of “1,500” may be a decimal mark or stand between thousands'),
  );
  yield table('commas of one meaning', 'a\tb\n1,500\t2\n2,50\t3\n', {
    dataset: {
      columns: [
        { name: 'a', values: Float64Array.of(1.5, 2.5) },
        { name: 'b', values: Float64Array.of(2, 3) },
      ],
    },
  });
  yield table(
    'decimal commas between commas',
    'a,b\n1,5,2,5\n',
    refused(
      ', line 2',
      '4 fields, where the header has 2 fields: put fields that have commas in quotes, and if commas are decimal marks',
    ),
  );
}

function* wrongShapes(): Generator<OddFile> {
  for (const row of rows) {
    const place = `, line ${row + 1}`;
    const less = csv()
      .split('\n')
      .map((line, at) => (at === row ? line.replace(/,[^,]*$/, '') : line))
      .join('\n');
    yield table(`a field too few${place}`, less, refused(place, '2 fields, where the header has 3 fields'));
    const more = csv()
      .split('\n')
      .map((line, at) => (at === row ? `${line},` : line))
      .join('\n');
    yield table(`a field too many${place}`, more, refused(place, '4 fields, where the header has 3 fields'));
    const blank = csv()
      .split('\n')
      .flatMap((line, at) => (at === row ? ['', line] : [line]))
      .join('\n');
    yield table(`an empty line${place}`, blank, { dataset: series() });
    yield table(`a word below an empty line${place}`, `${blank}1,2,oops\n`, refused(', line 9, column “c”', '“oops”'));
    const cut = `${csv().split('\n').slice(0, row).join('\n')}\n${fields[row - 1]![0]}`;
    yield table(`cut off${place}`, cut, refused(place, '1 field, where the header has 3 fields'));
  }
  const numbered = csv().split('\n');
  yield table(
    'a ragged row below a field of two lines',
    'a,t\n1,"x\ny"\n2,z\n3\n',
    refused(', line 5', '1 field, where the header has 2 fields'),
  );
  yield table(
    'no header',
    numbered.slice(1).join('\n'),
    refused(', line 1', 'the first line is not a header but has numbers'),
  );
  yield table(
    'no header, but dates',
    '2012-01-01,1.5\n2012-01-02,2\n',
    refused(', line 1', 'the first line is not a header but has numbers'),
  );
  yield table(
    'no header below empty lines',
    `\n\n${numbered.slice(1).join('\n')}`,
    refused(', line 3', 'the first line is not a header but has numbers'),
  );
  yield table('a header below empty lines', `\n\n${csv()}`, { dataset: series() });
  yield table('only a header', 'a,b,c\n', refused(', line 1', 'there are no rows below the header'));
  yield table(
    'only a header, and empty lines',
    'a,b,c\n\n\n,,\n',
    refused(', line 1', 'there are no rows below the header'),
  );
  yield table('one row', 'a,b,c\n1,2,3\n', {
    place: 'odd.csv has only one row: ',
    says: 'a series needs at least two',
  });
  for (const text of ['', '\n', '\r\n\r\n', '\uFEFF', '\uFEFF\n']) {
    yield table(`nothing: ${JSON.stringify(text)}`, text, { place: 'odd.csv is empty: ', says: 'choose a table' });
  }
  yield table('a header of no names', ',,\n1,2,3\n', refused(', line 1', 'the header names no column'));
  yield table('a column without a name', 'a,,c\n1,2,3\n', refused(', line 1', 'column 2 has no name'));
  yield table('a delimiter behind the header', 'a,b,\n1,2,\n', refused(', line 1', 'column 3 has no name'));
  yield table('two columns of a name', 'a,b, a\n1,2,3\n', refused(', line 1', 'columns 1 and 3 are both called “a”'));
  yield table('a header on two lines', '"a\nb",c\n1,2\n3,oops\n5,6\n', refused(', line 4, column “c”', '“oops”'));
  yield table('columns that repeat names of objects', '__proto__,constructor\n1,2\n3,4\n', {
    dataset: {
      columns: [
        { name: '__proto__', values: Float64Array.of(1, 3) },
        { name: 'constructor', values: Float64Array.of(2, 4) },
      ],
    },
  });
  yield table('only words', 'a\nx\ny\n', { place: 'odd.csv has too few columns of words: ', says: 'add the other' });
  yield table('only dates', 'a\n2012-01-01\n2012-01-02\n', {
    place: 'odd.csv has no column of numbers: ',
    says: 'a series needs one',
  });
  yield table('only what is missing', 'a,b\nNA,-\n,\n', {
    place: 'odd.csv has no column of numbers: ',
    says: 'a series needs one',
  });
}

function* wrongQuotes(): Generator<OddFile> {
  for (const { row, column } of places) {
    const character = 1 + fields[row - 1]!.slice(0, column).join(',').length + Number(column > 0);
    const place = `, line ${row + 1}, character ${character}`;
    yield table(
      `never closed${place}`,
      csv(row, column, '"1'),
      refused(place, 'the quotes that open here are never closed'),
    );
    yield table(
      `closed too early${place}`,
      csv(row, column, '"1"2'),
      refused(place, 'are closed before the field ends'),
    );
  }
  yield table(
    'closed before the field ends',
    'a,b\n"x"y,"z"\n1,2\n',
    refused(', line 2, character 1', 'are closed before the field ends'),
  );
  yield table('never closed, in the header', '"a,b\n1,2\n', refused(', line 1, character 1', 'are never closed'));
  yield table(
    'an error above wrong quotes',
    'a,b\n1,2\n3,oops\n5,6\n"7,8\n',
    refused(', line 3, column “b”', '“oops”'),
  );
}

function* noText(): Generator<OddFile> {
  for (const at of [0, 5, 20]) {
    const bytes = utf8(csv());
    bytes[at] = 0;
    const place = `odd.csv is not a text (byte ${at} is 0x00)`;
    yield { title: place, name: 'odd.csv', bytes, expected: { place, says: 'save it as UTF-8' } };
    const other = utf8(csv());
    other[at] = 0xff;
    const bad = `odd.csv is not UTF-8 (byte ${at} is 0xFF)`;
    yield { title: bad, name: 'odd.csv', bytes: other, expected: { place: bad, says: 'save it as UTF-8' } };
  }
  for (const littleEndian of [true, false]) {
    const bytes = utf16(csv(), littleEndian);
    const place = `odd.csv is not UTF-16 (byte ${bytes.length - 2} is `;
    yield {
      title: place,
      name: 'odd.csv',
      bytes: bytes.subarray(0, -1),
      expected: { place, says: 'save it as UTF-8' },
    };
    const unmarked = `odd.csv is not a text (byte ${littleEndian ? 1 : 0} is 0x00)`;
    yield {
      title: unmarked,
      name: 'odd.csv',
      bytes: bytes.subarray(2),
      expected: { place: unmarked, says: 'save it' },
    };
  }
}

const ids = (...all: number[][]) => all.map((own) => Uint32Array.from(own));
/** “ab” and “b”, labelled x and y; and remarks. */
const twoTexts = (name: string, remarks?: string[]) => ({
  kind: 'labelled',
  name,
  inputs: { kind: 'symbols', symbols: ['a', 'b'], ids: ids([0, 1], [1], [0]) },
  targets: { kind: 'classes', at: 'end', classes: ['x', 'y'], ids: ids([0], [1], [0]) },
  ...(remarks && { remarks }),
});
const single = ['Labels of which there is only one sample, too few to learn and to be tested on: “y”.'];

function* wrongLabels(): Generator<OddFile> {
  yield table('a class with one sample', 'text,label\nab,x\nb,y\na,x\n', { dataset: twoTexts('odd.csv', single) });
  yield table('spaces around labels', 'text,label\nab, x\nb,y \na,x\n', { dataset: twoTexts('odd.csv', single) });
  yield table('no label', 'text,label\nab,x\nb,\na,x\n', refused(', line 3, column “label”', 'there is no label'));
  yield table('no text', 'text,label\nab,x\n,y\na,x\n', refused(', line 3, column “text”', 'there is no text'), {
    predict: 'label',
  });
  yield table(
    'no text below a text of two lines',
    'text,label\n"a\nb",x\n,y\na,x\n',
    refused(', line 4, column “text”', 'there is no text'),
    { predict: 'label' },
  );
  yield table('one label', 'text,label\nab,x\nb,x\na,x\n', {
    place: 'odd.csv has only one label, “x”: ',
    says: 'there is nothing to tell apart',
  });
  yield table('one character', 'text,label\naa,x\na,y\naaa,x\n', {
    place: 'odd.csv has only one character, “a”: ',
    says: 'at least two different',
  });
  yield table(
    'one sample',
    'text,label\nab,x\n',
    { place: 'odd.csv has only one sample: ', says: 'choose at least two' },
    { predict: 'label' },
  );
  yield table(
    'no such column',
    'text,label\nab,x\nb,y\n',
    { place: 'odd.csv has no column “lable” for predict: ', says: 'it has “text” and “label”' },
    { predict: 'lable' },
  );
  yield table(
    'a column twice',
    csv(),
    { place: '“a” stands twice in predict: ', says: 'name it once' },
    { predict: 'a,b,a' },
  );
  yield table(
    'words in a series',
    'a,w\n1,x\n2,y\n3,z\n',
    { place: 'odd.csv: column “w” holds words, ', says: 'choose others' },
    { kind: 'series', predict: 'w' },
  );
  yield table(
    'the text as its own label',
    'text,label\nab,x\nb,y\n',
    { place: 'odd.csv: “label” cannot be the text and its label: ', says: 'choose two' },
    { inputs: 'label', predict: 'label' },
  );
  yield table(
    'two columns of labels',
    't,u,v\nab,x,y\nb,y,x\n',
    { place: 'odd.csv: the labels are in one column, not 2: ', says: 'choose one' },
    { predict: 'u,v' },
  );
}

function* wrongLines(): Generator<OddFile> {
  const good = ['{"text": "ab", "label": "x"}', '{"text": "b", "label": "y"}', '{"text": "a", "label": "x"}'];
  const long = '{"text": "Tanaka", "label": "Japanese", "n": [1.5, null]}';
  for (let length = 1; length < long.length; length++) {
    yield lines(
      `cut off after ${length} characters`,
      `${good[0]}\n\n${long.slice(0, length)}`,
      linesRefused(', line 3', 'this is no JSON: write a whole object'),
    );
  }
  for (const lineEnd of ['\n', '\r\n']) {
    for (const mark of ['', '\uFEFF']) {
      const text = `${mark}${good.join(lineEnd)}`;
      yield lines(`${JSON.stringify(mark)}, ${JSON.stringify(lineEnd)}`, text, {
        dataset: twoTexts('odd.jsonl', single),
      });
      yield lines(`blank lines, ${JSON.stringify(mark + lineEnd)}`, `${text}${lineEnd} ${lineEnd}`, {
        dataset: twoTexts('odd.jsonl', single),
      });
    }
  }
  for (const littleEndian of [true, false]) {
    yield {
      title: 'UTF-16',
      name: 'odd.jsonl',
      bytes: utf16(good.join('\r\n'), littleEndian),
      expected: { dataset: twoTexts('odd.jsonl', single) },
    };
  }
  for (const text of ['', '\n\n', '\uFEFF', ' \n ']) {
    yield lines(`nothing: ${JSON.stringify(text)}`, text, { place: 'odd.jsonl is empty: ', says: 'choose samples' });
  }
  yield lines('one sample', good[0]!, { place: 'odd.jsonl has only one sample: ', says: 'choose at least two' });
  const label = '“label”';
  const bad: [string, string, string][] = [
    ['[1, 2]', '', 'this is no object'],
    ['"text"', '', 'this is no object'],
    ['null', '', 'this is no object'],
    ['{}', '', 'there is no “text” or “inputs”'],
    ['{"text": "a"}', '', 'there is no “label” or “targets” or “target”'],
    ['{"label": "x"}', '', 'there is no “text” or “inputs”'],
    ['{"text": "a", "inputs": "a", "label": "x"}', '', 'there are both “text” and “inputs”'],
    ['{"text": "a", "label": "x", "target": 1}', '', `there are both ${label} and “target”`],
    ['{"text": "a", "label": NaN}', '', 'NaN and Infinity are no JSON'],
    ['{"inputs": [1, -Infinity], "label": "x"}', '', 'NaN and Infinity are no JSON'],
    ['{"text": "", "label": "x"}', ', key “text”', 'it is empty'],
    ['{"text": 5, "label": "x"}', ', key “text”', 'it is not a string'],
    ['{"text": ["a"], "label": "x"}', ', key “text”', 'it is not a string'],
    ['{"inputs": [], "label": "x"}', ', key “inputs”', 'it is empty'],
    ['{"inputs": null, "label": "x"}', ', key “inputs”', 'it is neither a string nor an array'],
    ['{"inputs": {"0": 1}, "label": "x"}', ', key “inputs”', 'it is neither a string nor an array'],
    ['{"inputs": ["a", null], "label": "x"}', ', key “inputs”', 'element 2 is null'],
    ['{"inputs": ["a", "bc"], "label": "x"}', ', key “inputs”', 'element 2 is not one character, but “bc”'],
    ['{"inputs": ["a", ""], "label": "x"}', ', key “inputs”', 'element 2 is not one character, but “”'],
    ['{"inputs": ["a", 1], "label": "x"}', ', key “inputs”', 'element 2 is a number, where others are a string'],
    ['{"inputs": [1, [1]], "label": "x"}', ', key “inputs”', 'element 2 is an array, where others are a number'],
    ['{"inputs": [[1], [1, 2]], "label": "x"}', ', key “inputs”', 'vector 2 has 2 numbers, where the first has 1'],
    ['{"inputs": [[]], "label": "x"}', ', key “inputs”', 'its vectors are empty'],
    ['{"inputs": [[1, "2"]], "label": "x"}', ', key “inputs”', 'element 1 has a string where a number should be'],
    ['{"inputs": [[1, null]], "label": "x"}', ', key “inputs”', 'element 1 has null where a number should be'],
    ['{"inputs": [1e39], "label": "x"}', ', key “inputs”', 'element 1 has a number that is too large'],
    ['{"inputs": [true], "label": "x"}', ', key “inputs”', 'its elements are a boolean'],
    ['{"inputs": [1, 2], "label": "x"}', ', key “inputs”', 'it holds numbers, where line 1 has characters'],
    [
      '{"inputs": [[1, 2]], "label": "x"}',
      ', key “inputs”',
      'it holds vectors of 2 numbers, where line 1 has characters',
    ],
    ['{"text": "a", "label": null}', `, key ${label}`, 'it is empty'],
    ['{"text": "a", "label": ""}', `, key ${label}`, 'it is empty'],
    ['{"text": "a", "label": ["x"]}', `, key ${label}`, 'it is not a name'],
    ['{"text": "a", "target": null}', ', key “target”', 'it has null where a number should be'],
    ['{"text": "a", "target": []}', ', key “target”', 'it is empty'],
    ['{"text": "a", "target": ["1"]}', ', key “target”', 'element 1 has a string where a number should be'],
    ['{"text": "a", "target": 1}', ', key “target”', 'it holds numbers for the end, where line 1 has a label'],
    ['{"text": "a", "targets": "x"}', ', key “targets”', 'it holds classes for timesteps, where line 1 has a label'],
    ['{"text": "ab", "targets": "x"}', ', key “targets”', 'it has 1 for the 2 timesteps of “text”'],
    ['{"text": "ab", "targets": [null, null]}', ', key “targets”', 'all of it is null'],
    ['{"text": "ab", "targets": ["x", 1]}', ', key “targets”', 'element 2 is a number, where others are a string'],
    ['{"text": "ab", "targets": [[1], [1, 2]]}', ', key “targets”', 'vector 2 has 2 numbers'],
  ];
  for (const [line, key, says] of bad) {
    yield lines(line, `${good[0]}\n${line}\n${good[1]}\n`, linesRefused(`, line 2${key}`, says));
    const atLast = `${good.join('\n')}\n\n${line}`;
    yield lines(`at the end: ${line}`, atLast, linesRefused(`, line 5${key}`, says));
  }
}

export const oddFiles: readonly OddFile[] = [
  ...writtenOtherwise(),
  ...wrongNumbers(),
  ...wrongShapes(),
  ...wrongQuotes(),
  ...noText(),
  ...wrongLabels(),
  ...wrongLines(),
];
