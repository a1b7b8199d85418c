import { asObject, type JsonObject } from '../json-object.ts';
import { quote } from '../quote.ts';
import { FileError } from './error.ts';

/**
 * Reads a JSON text that is one object.
 *
 * @param what what the messages call the text
 * @throws FileError if it is not JSON, not an object, or has a key twice
 */
export function parseJsonObject(what: string, text: string): JsonObject {
  const value = parseJson(what, text);
  const object = asObject(value);
  if (object === undefined) throw new FileError(`${what} is not a JSON object.`);
  return object;
}

/**
 * Reads a JSON text. `JSON.parse` takes the last of two equal keys without a word; here they are refused.
 *
 * @throws FileError if it is not JSON, or an object in it has a key twice
 */
export function parseJson(what: string, text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FileError(`${what} is not valid JSON.`);
  }
  const twice = repeatedKey(text);
  if (twice !== undefined) throw new FileError(`${what} has ${quote(twice)} twice.`);
  return value;
}

/**
 * Whether a text that should be JSON has more than `most` values: found out before it is read, because every value of it then
 * takes time and memory.
 */
export function hasMoreValues(most: number, text: string): boolean {
  let values = 1;
  for (let i = 0; i < text.length && values <= most; i++) {
    const code = text.charCodeAt(i);
    if (code === quotationMark) i = endOfString(text, i);
    else if (code === comma || code === openBrace || code === openBracket) values++;
  }
  return values > most;
}

const [quotationMark, backslash, comma, openBrace, closeBrace, openBracket] = Array.from('"\\,{}[', (character) =>
  character.charCodeAt(0),
) as [number, number, number, number, number, number];

/** Where the string that begins at a quotation mark has its other one. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === backslash) i++;
    else if (code === quotationMark) break;
  }
  return i;
}

/** A key that an object of a valid JSON text has twice, if there is one. */
function repeatedKey(json: string): string | undefined {
  const keys: (Set<string> | undefined)[] = [];
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (code === openBrace) keys.push(undefined);
    else if (code === closeBrace) keys.pop();
    else if (code === quotationMark) {
      const start = i;
      i = endOfString(json, i);
      if (!isFollowedByColon(json, i + 1)) continue;
      const key = JSON.parse(json.slice(start, i + 1)) as string;
      const known = keys.at(-1) ?? new Set();
      if (known.has(key)) return key;
      keys[keys.length - 1] = known.add(key);
    }
  }
  return undefined;
}

function isFollowedByColon(json: string, from: number): boolean {
  let i = from;
  while (json[i] === ' ' || json[i] === '\n' || json[i] === '\r' || json[i] === '\t') i++;
  return json[i] === ':';
}
