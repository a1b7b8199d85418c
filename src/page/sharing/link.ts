import { formatCount, formatFigure } from '../../format.ts';
import { quote } from '../../quote.ts';
import type { Passage } from '../state.ts';

/** The fragment of an address that holds a passage: `#passage=cat+sat&prime=The+&step=1200&bits=2.1&temperature=0.7`. */

/** The most characters that a fragment may have. */
export const longest = 2048;

/** A passage that somebody shares, and the name of the text that it was learned from, if that does not come with the page. */
export interface Shared {
  readonly passage: Passage;
  readonly text?: string;
}

/** Makes the fragment that `readFragment` reads back. Of a passage that is too long for it, the end is left out. */
export function fragmentOf({ passage: { prime, text, step, loss, temperature }, text: learned }: Shared): string {
  const written = Array.from(text);
  for (; written.length > 0; written.pop()) {
    const parameters = new URLSearchParams({
      passage: written.join(''),
      prime,
      step: String(step),
      ...(loss !== null && { bits: (loss / Math.LN2).toFixed(3) }),
      temperature: String(temperature),
      ...(learned !== undefined && { text: learned.slice(0, 80) }),
    });
    const fragment = `#${parameters}`;
    if (fragment.length <= longest) return fragment;
  }
  throw new RangeError('The passage’s prime is too long for a link: write with a shorter one, and share that.');
}

/**
 * Reads the passage in a fragment. Whatever stands in it is text and never markup.
 *
 * @throws RangeError in a sentence, where it cannot be used
 */
export function readFragment(fragment: string): Shared {
  const refuse = (why: string): never => {
    throw new RangeError(`The passage in the address was left out: ${why}. Ask for the link once more.`);
  };
  if (fragment.length > longest) refuse(`it has more than ${formatCount(longest)} characters`);
  try {
    decodeURIComponent(fragment);
  } catch {
    refuse('it is not UTF-8');
  }
  const parameters = new URLSearchParams(fragment.slice(1));
  const number = (name: string, least: number, most: number, otherwise?: number): number => {
    const written = parameters.get(name);
    if (written === null && otherwise !== undefined) return otherwise;
    const value = /^\d+(\.\d+)?$/.test(written ?? '') ? Number(written) : Number.NaN;
    return value >= least && value <= most ? value : refuse(`its ${name} is ${quote(written ?? '')}`);
  };
  const text = parameters.get('passage') || refuse('it is empty');
  const step = number('step', 0, 1e9);
  if (!Number.isInteger(step)) refuse(`its step is ${quote(String(step))}`);
  const bits = parameters.has('bits') ? number('bits', 0, 1000) : null;
  const temperature = number('temperature', 0, 100, 1);
  const learned = parameters.get('text');
  const known = bits === null ? '' : `, ${bits.toFixed(2)} bits`;
  return {
    passage: {
      step,
      prime: parameters.get('prime') ?? '',
      text,
      temperature,
      loss: bits === null ? null : bits * Math.LN2,
      circumstances: `Somebody shared this: after ${formatCount(step)} steps${known}, temperature ${formatFigure(temperature)}`,
    },
    ...(learned && { text: learned }),
  };
}
