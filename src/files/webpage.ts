import { fromBase64 } from '../base64.ts';
import { FileError } from './error.ts';

/** An element of a web page that shows nothing and holds data. @param text without any < */
export const dataElement = (id: string, text: string): string => `${startOf(id)}${text}${end}`;

/** A browser that saves a page anew leaves both as they are. */
const startOf = (id: string) => `<script type="text/plain" id="${id}">`;
const end = '</script>';

const network = 'network';

/** A model file as an element of a web page. */
export const networkElement = (file: Uint8Array): string => dataElement(network, toBase64(file));

/** Whether a file is a web page, by its first bytes. */
export const isWebpage = (file: Uint8Array): boolean =>
  /^\s*</.test(characters(file.subarray(0, 64)).replace(/^ï»¿/, ''));

/**
 * The model file within a web page.
 *
 * @throws FileError if there is none
 */
export function networkInWebpage(file: Uint8Array): Uint8Array<ArrayBuffer> {
  const page = characters(file);
  const [start, before] = [startOf(network), page.indexOf(startOf(network))];
  const after = page.indexOf(end, before);
  if (before < 0 || after < 0) {
    throw new FileError('This web page holds no network of Sluice’s: to learn its text, save that as .txt.');
  }
  try {
    return fromBase64(page.slice(before + start.length, after));
  } catch {
    throw new FileError('The network in this web page is no base64: the file is damaged.');
  }
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  // No function takes as many arguments as a network has bytes.
  for (let from = 0; from < bytes.length; from += 4096) {
    binary += String.fromCharCode(...bytes.subarray(from, from + 4096));
  }
  return btoa(binary);
}

/** Each byte as a character, which is enough for what is sought here. */
const characters = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes);
