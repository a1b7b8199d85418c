/**
 * Writes the real data of docs/results.md into a folder: Seattle's weather as a table, and words of six languages as JSON Lines.
 * They come from packages that nothing else needs:
 *
 *     npm install --no-save vega-datasets an-array-of-{english,french,german,italian,portuguese,spanish}-words
 *     node scripts/real-data.js real-data
 */

import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const languages = ['English', 'French', 'German', 'Italian', 'Portuguese', 'Spanish'];
/** Words of each language: as many of all, so that the most frequent one tells nothing. */
const wordsOfEach = 5000;

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Say into which folder: node scripts/real-data.js real-data');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });

const inPackage = (name, file) => join('node_modules', name, file);

copyFileSync(inPackage('vega-datasets', 'data/seattle-weather.csv'), join(folder, 'seattle-weather.csv'));

const lines = languages.flatMap((language) => {
  const name = `an-array-of-${language.toLowerCase()}-words`;
  const path = ['words.json', 'index.json'].map((file) => inPackage(name, file)).find((file) => existsSync(file));
  if (path === undefined) throw new Error(`${name} is not installed: see the head of this script.`);
  const words = JSON.parse(readFileSync(path, 'utf8'))
    .map((word) => word.toLowerCase())
    .filter((word) => /^\p{Letter}{4,12}$/u.test(word));
  const different = [...new Set(words)];
  // Every so-manieth one, so that all of an alphabetical list is there.
  return Array.from({ length: wordsOfEach }, (_, i) => {
    const text = different[Math.floor((i * different.length) / wordsOfEach)];
    return JSON.stringify({ text, label: language });
  });
});
writeFileSync(join(folder, 'words.jsonl'), `${lines.join('\n')}\n`);
