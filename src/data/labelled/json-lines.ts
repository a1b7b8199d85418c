import { asObject, type JsonObject, quote } from '../../files/json.ts';
import { DataError } from '../dataset.ts';
import { fault, turn } from '../fault.ts';
import { assertAlike, collect } from './from-objects.ts';
import { type JsonSample, keys, sampleOf } from './json-sample.ts';
import type { Samples } from './samples.ts';

/** Characters of a file between two turns of whatever else waits. */
const stretch = 2 ** 20;

/**
 * Reads JSON Lines: a sample on each line that is not blank, as an object.
 *
 *     {"text": "Tanaka", "label": "Japanese"}          characters in, a class out at the end
 *     {"inputs": [[0.1, 2], [0.3, 1]], "label": 3}     vectors in; a class may be called by a number
 *     {"inputs": "abc", "targets": "xyz"}              a class out at each timestep
 *     {"inputs": [1, 2], "targets": ["N", null]}       likewise, absent at the second
 *     {"inputs": [1, 2], "targets": [[1, 0], [0, 1]]}  vectors out
 *     {"inputs": ["a", "b"], "target": 0.5}            numbers out at the end
 *
 * @param name what the messages call the file
 * @param heard is told again and again which share of the file has been read
 * @throws DataError naming the line, and the key, of the first thing that is wrong, or that is not as it is in the first sample
 */
export async function samplesFromJsonLines(
  name: string,
  text: string,
  heard: (share: number) => void = () => {},
): Promise<Samples> {
  const samples: JsonSample[] = [];
  const left = new Set<string>();
  let firstLine = 0;
  let line = 0;
  let turned = 0;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    const written = text.slice(start, end === -1 ? text.length : end);
    start = end === -1 ? text.length : end + 1;
    line++;
    if (written.trim() !== '') {
      const object = objectIn(written, name, line);
      const complain = (complaint: string, key?: string) =>
        fault(name, line, key === undefined ? undefined : `key ${quote(key)}`, complaint);
      const sample = sampleOf(object, complain);
      if (samples.length === 0) firstLine = line;
      assertAlike(sample, samples[0] ?? sample, `line ${firstLine}`, complain);
      for (const key of object.keys()) if (!keys.includes(key)) left.add(key);
      samples.push(sample);
    }
    if (start - turned < stretch && start < text.length) continue;
    turned = start;
    heard(start / text.length);
    await turn();
  }
  if (samples.length === 0) throw new DataError(`${name} is empty: choose samples, one on a line.`);
  if (samples.length === 1) throw new DataError(`${name} has only one sample: choose at least two.`);
  return collect(name, samples, [...left]);
}

function objectIn(written: string, name: string, line: number): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    const advice = /[[:,]\s*-?(NaN|Infinity)\b/.test(written)
      ? 'NaN and Infinity are no JSON; write null for a target that is absent.'
      : 'this is no JSON: write a whole object on the line, as {"text": "Tanaka", "label": "Japanese"}.';
    throw fault(name, line, undefined, advice);
  }
  const object = asObject(value);
  if (object) return object;
  throw fault(name, line, undefined, 'this is no object: write one, as {"text": "Tanaka", "label": "Japanese"}.');
}
