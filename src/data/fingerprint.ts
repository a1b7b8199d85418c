import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Dataset } from './dataset.ts';

const known = new WeakMap<Dataset, string>();

/**
 * What tells one dataset from another: the SHA-256 of its content, in hexadecimal; of a text, that of its UTF-8. The browser's own
 * needs a page that came over HTTPS, and a dataset must have the same one everywhere.
 */
export function fingerprint(dataset: Dataset): string {
  const hash = known.get(dataset) ?? hashOf(contentOf(dataset));
  known.set(dataset, hash);
  return hash;
}

/** What a dataset is made of, without its name. Lengths stand before what has one, so that no two have the same content. */
function* contentOf(dataset: Dataset): Iterable<Uint8Array | string> {
  switch (dataset.kind) {
    case 'text':
      yield dataset.text;
      return;
    case 'series':
      yield JSON.stringify(dataset.columns.map(({ name, values }) => [name, values.length]));
      for (const { values } of dataset.columns) yield bytesOf(values);
      return;
    case 'labelled':
      for (const side of [dataset.inputs, dataset.targets]) {
        const numbers = 'ids' in side ? side.ids : side.values;
        const { ids: _, values: __, ...words } = side as { ids?: unknown; values?: unknown };
        yield JSON.stringify([words, numbers.map(({ length }) => length)]);
        for (const each of numbers) yield bytesOf(each);
      }
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array | Float32Array | Float64Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Node's own is ten times as fast, which for a long text are seconds. */
function hashOf(content: Iterable<Uint8Array | string>): string {
  const hash = globalThis.process?.getBuiltinModule?.('node:crypto').createHash('sha256');
  if (hash !== undefined) {
    for (const part of content) hash.update(part);
    return hash.digest('hex');
  }
  const here = sha256.create();
  for (const part of content) here.update(typeof part === 'string' ? utf8ToBytes(part) : part);
  return bytesToHex(here.digest());
}
