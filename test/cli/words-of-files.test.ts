import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeModelFile, encodeModelFile, type ModelFile } from '../../src/files/model-file.ts';
import { parameterLayout, parameterViews } from '../../src/model/parameters.ts';
import { hasTerminals, useCommandLine } from './command-line.ts';

const { run, terminal, path } = useCommandLine();

/** What a terminal would obey: colours, a title, a bell, eight-bit controls, a line told backwards. None of it is Sluice’s own. */
const obeyed = ['\x1b[35m', '\x1b]0;', '\x07', '\x9b', '\u202e', '\u2066', '\x0e', '\x7f'];
const evil = `EVIL${obeyed.join('')}`;
const text = '\x07'.repeat(600) + `${obeyed.join(' and ')} make a text. `.repeat(30);

const isControl = (symbol: string) => /[\p{Cc}\u202e\u2066]/u.test(symbol);

beforeAll(async () => {
  writeFileSync(path('text.txt'), text);
  writeFileSync(path(`${evil.replaceAll('/', '')}.txt`), `${text}More.`);
  const tiny = ['--hidden', '2', '--batch', '2', '--sequence', '4', '--steps', '2', '--engine', 'cpu'];
  const ended = await run('train', 'text.txt', ...tiny, '--save', 'm.safetensors');
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  writeFileSync(path('series.csv'), `"${evil}"\n${Array.from({ length: 20 }, (_, i) => `${i % 5}`).join('\n')}`);
  writeFileSync(path('names.csv'), `name,people\n${`"a${evil}","${evil}"\nb,Y\nc,Y\n`.repeat(5)}`);
  for (const name of ['series', 'names']) {
    const line = ['--hidden', '2', '--batch', '2', '--steps', '2', '--engine', 'cpu', '--save', `${name}.safetensors`];
    expect(await run('train', `${name}.csv`, ...line)).toMatchObject({ code: 0 });
  }
  const file = decodeModelFile(readFileSync(path('m.safetensors')));
  const { training } = file;
  const evilly: ModelFile = {
    ...file,
    training: {
      ...training!,
      dataset: { ...training!.dataset, name: evil },
      engine: { name: 'cpu', device: evil },
    },
  };
  writeFileSync(path('evil.safetensors'), encodeModelFile(evilly));
  // A network that writes what it should not, and little else.
  const bias = parameterViews(parameterLayout(file.model), file.parameters.fill(0))['b_y']!;
  for (const [id, symbol] of file.vocabulary!.symbols.entries()) bias[id] = isControl(symbol) ? 50 : 0;
  writeFileSync(path('writer.safetensors'), encodeModelFile(file));
});

const sample = `sample writer.safetensors --prime 't' --length 60 --engine cpu`;

/** Each place at which a file's words are printed. */
const places = {
  'a device’s name and a text’s, at a training that goes on':
    'train text.txt --resume evil.safetensors --steps 4 --engine cpu',
  'the same, for machines': 'train text.txt --resume evil.safetensors --steps 4 --engine cpu --json',
  'a file’s own name, at a training': `train EVIL*.txt --hidden 2 --batch 2 --sequence 4 --steps 2 --engine cpu`,
  'a text’s name and another’s, at matching': 'match evil.safetensors EVIL*.txt --trials 3 --length 9 --engine cpu',
  'the same, for machines, at matching': 'match evil.safetensors EVIL*.txt --trials 3 --length 9 --engine cpu --json',
  'predictions, at matching': 'match writer.safetensors text.txt --trials 60 --length 9 --engine cpu',
  'what a network writes': sample,
  'what a network writes, for machines': `${sample} --json`,
  'a column’s name, at a training': 'train series.csv --hidden 2 --batch 2 --steps 3 --engine cpu',
  'a column’s name, at a prediction': 'predict series.safetensors series.csv --engine cpu',
  'the same, for machines, at a prediction': 'predict series.safetensors series.csv --engine cpu --json',
  'texts and labels': 'classify names.safetensors names.csv --engine cpu',
  'texts and labels, for machines': 'classify names.safetensors names.csv --engine cpu --json',
  'a text’s name, at a refusal': 'train EVIL*.txt --resume evil.safetensors',
  'a file’s name, at a refusal': 'sample EVIL*.txt',
};

describe('What files say is shown on a terminal, and not obeyed', () => {
  it.runIf(hasTerminals).each(Object.entries(places))('%s', async (_, line) => {
    const { stdout } = await terminal(`sluice ${line}`).ended;
    expect(stdout).toMatch(line.includes('writer') ? /\uFFFD|\\u/ : /EVIL/);
    expect(obeyed.filter((word) => stdout.includes(word))).toEqual([]);
  });

  it('into a pipe goes what the network wrote', async () => {
    const [plain, json] = await Promise.all(
      [[], ['--json']].map((form) => run(...sample.replaceAll("'", '').split(' '), ...form)),
    );
    const { prime, text } = JSON.parse(json!.stdout) as { prime: string; text: string };
    expect(plain!.stdout).toBe(`${prime}${text}\n`);
    expect(Array.from(text).every(isControl)).toBe(true);
  });
});
