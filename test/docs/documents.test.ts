import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cells } from '../../src/model/cells/cells.ts';
import { declarationsOf } from './declarations.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'test/fixtures/README.md',
  'test/networks/README.md',
  ...readdirSync(new URL('docs/', root))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

/** What GitHub calls the headings of a page in its address. */
const headings = (page: string) =>
  [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

it.each(pages)('Every link of %s leads to something', (page) => {
  const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  const broken = links.filter((target) => {
    if (/^https?:/.test(target)) return false;
    const { pathname, hash } = new URL(target, new URL(page, root));
    if (!existsSync(pathname)) return true;
    const mark = decodeURIComponent(hash.slice(1));
    if (mark === '') return false;
    if (statSync(pathname).isDirectory()) return true;
    const text = readFileSync(pathname, 'utf8');
    return pathname.endsWith('.md') ? !headings(text).includes(mark) : declarationsOf(text, mark).length !== 1;
  });
  expect(broken).toEqual([]);
});

describe('CONTRIBUTING.md', () => {
  /** The files of a recipe: those that it takes, numbered, and those that are welcome besides. */
  function recipe(title: string) {
    const [, text = ''] = read('CONTRIBUTING.md').split(`## ${title}\n`);
    const files = (bullet: RegExp) => [...text.split('\n## ')[0]!.matchAll(bullet)].map(([, path = '']) => path);
    return { needed: files(/^\d+\. `([^`]+)`/gm), welcome: files(/^- `([^`]+)`/gm) };
  }

  it.each([
    ['A new cell', 'CELL', 'lstm'],
    ['A new engine', 'ENGINE', 'cpu'],
    ['New data that come along', 'TEXT', 'cookbook'],
    ['A new kind of data', 'KIND', 'series'],
    ['A new panel', 'PANEL', 'reach'],
    ['A new kernel', 'KERNEL', 'product'],
  ])('names files of %s that others of its kind have', (title, placeholder, example) => {
    const { needed, welcome } = recipe(title);
    expect(needed.filter((path) => path.includes(placeholder)).length).toBeGreaterThan(0);
    const named = [...needed, ...welcome].map((path) => path.replaceAll(placeholder, example));
    expect(named.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });

  const sources = ['src', 'shaders'].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' })
      .map((file) => `${folder}/${file}`)
      .filter((file) => /\.(ts|wgsl|html|css)$/.test(file)),
  );

  // The first is also the one that other frameworks are written out for, to be measured beside it.
  it.each(cells.slice(1))('names all files that know the cell %s: at most 8, and no shader but its own', (cell) => {
    const { needed, welcome } = recipe('A new cell');
    const named = (paths: readonly string[]) => paths.map((path) => path.replace('CELL', cell));
    const isItsOwn = new RegExp(`/${cell}(-forward|-backward)?\\.`);
    const namesIt = new RegExp(`['"/]${cell}['".]`);
    const knows = (file: string) => isItsOwn.test(file) || namesIt.test(read(file));
    const found = sources.filter(knows);
    expect(needed.length).toBeLessThanOrEqual(8);
    expect(named(needed).filter((file) => !found.includes(file))).toEqual([]);
    expect(found.filter((file) => ![...named(needed), ...named(welcome)].includes(file))).toEqual([]);
  });
});
