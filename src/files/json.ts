import { FileError } from './error.ts';

/** An object of a JSON text, by its keys: what is not in it is not found, whatever the keys are. */
export type JsonObject = ReadonlyMap<string, unknown>;

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

/** A JSON value's entries, if it is an object. */
export function asObject(value: unknown): JsonObject | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? new Map(Object.entries(value)) : undefined;
}

/** A word of a file as a message may show it: on one line, and not at any length. */
export function quote(word: string): string {
  const shown = word.length > 40 ? `${word.slice(0, 40)}…` : word;
  return `“${shown.replace(/[\p{Control}\p{Format}\p{Surrogate}\p{Zl}\p{Zp}]/gu, '\uFFFD')}”`;
}

/** A key that an object of a valid JSON text has twice, if there is one. */
function repeatedKey(json: string): string | undefined {
  const keys: Set<string>[] = [];
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === '{') keys.push(new Set());
    else if (character === '}') keys.pop();
    else if (character === '"') {
      const start = i;
      for (i++; json[i] !== '"'; i++) if (json[i] === '\\') i++;
      if (!isFollowedByColon(json, i + 1)) continue;
      const key = JSON.parse(json.slice(start, i + 1)) as string;
      const known = keys.at(-1)!;
      if (known.has(key)) return key;
      known.add(key);
    }
  }
  return undefined;
}

function isFollowedByColon(json: string, from: number): boolean {
  let i = from;
  while (json[i] === ' ' || json[i] === '\n' || json[i] === '\r' || json[i] === '\t') i++;
  return json[i] === ':';
}
