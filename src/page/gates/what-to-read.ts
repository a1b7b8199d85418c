import { textOf } from '../../data/text/corpus.ts';
import { formatCount } from '../../format.ts';
import type { PageState } from '../state.ts';

/** How many characters of what the network wrote last are read, with their prime. */
const passageLength = 120;

/** Which places of what it learns the network can be asked to read; `undefined` of a text, of which it reads what it wrote. */
export function placesOf({ network }: PageState) {
  const dataset = network?.plan.dataset;
  if (!network || !dataset || dataset.kind === 'text') return undefined;
  const { trainingLength, validationLength } = network;
  if (dataset.kind === 'labelled') {
    const samples = validationLength || trainingLength;
    const where = validationLength > 0 ? ' held out' : '';
    return { first: 1, last: samples, label: `Sample${where} to read, 1 to ${formatCount(samples)}` };
  }
  const last = dataset.columns[0]!.values.length;
  const first = trainingLength < last ? trainingLength + 1 : 1;
  return { first, last, label: `Row to begin at, ${formatCount(first)} to ${formatCount(last)}` };
}

/** What the network wrote last, with its prime; before that, how the text it learns begins. */
export function defaultText({ passages, network }: PageState): string {
  const [passage] = passages;
  const text = passage ? passage.prime + passage.text : textOf(network?.plan.dataset);
  return Array.from(text.slice(0, 2 * passageLength))
    .slice(0, passageLength)
    .join('');
}
