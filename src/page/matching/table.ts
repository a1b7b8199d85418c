import type { Trial } from '../../experiment/experiment.ts';
import { longestTrials } from '../../experiment/longest.ts';
import { formatCount } from '../../format.ts';
import { make } from '../dom.ts';
import { type MatchingRun, nameOf } from './matching.ts';
import { circumstancesOf } from './plotted.ts';

const rows = 10;
/** Characters of a prediction that are shown after it has left the text. */
const strayed = 24;
/** Keeps a line from ending between a sign and the word that it belongs to. */
const wordJoiner = '\u2060';

/** The longest matches of a run: what was predicted, and what stands in the text. */
export function tableOfLongest(run: MatchingRun): HTMLElement {
  const fromHeldOut = run.result.series.some(({ primesFrom }) => primesFrom === 'held-out part');
  const longest = longestTrials(run.result, rows);
  if (longest.length === 0) return make('p', { class: 'field-help' }, 'No prediction matches a single character.');
  const columns = ['Length', ...(fromHeldOut ? ['Prime from'] : []), 'Prime and prediction', 'In the text'];
  // The roles are those that these elements have anyway, unless a narrow screen stacks them.
  return make(
    'table',
    { role: 'table' },
    make(
      'caption',
      {},
      'The longest matches',
      make('span', { class: 'circumstances' }, ` at ${nameOf(run)}, ${circumstancesOf(run)}`),
    ),
    make(
      'thead',
      { role: 'rowgroup' },
      make(
        'tr',
        { role: 'row' },
        ...columns.map((column) => make('th', { scope: 'col', role: 'columnheader' }, column)),
      ),
    ),
    make(
      'tbody',
      { role: 'rowgroup' },
      ...longest.map(({ primesFrom, trial }) =>
        make(
          'tr',
          { role: 'row' },
          make('td', { role: 'cell', class: 'value' }, String(trial.length)),
          ...(fromHeldOut ? [make('td', { role: 'cell', class: 'from' }, primesFrom)] : []),
          make('td', { role: 'cell' }, predictionOf(trial)),
          make('td', { role: 'cell' }, placeOf(trial)),
        ),
      ),
    ),
  );
}

function predictionOf({ prime, prediction, length }: Trial): HTMLElement {
  const symbols = Array.from(prediction);
  const rest = symbols.slice(length, length + strayed).join('');
  const more = symbols.length > length + strayed ? '…' : '';
  return make(
    'p',
    { class: 'passage' },
    make('span', { class: 'prime' }, visible(prime)),
    ...marked(symbols.slice(0, length).join('')),
    make('span', { class: 'strayed' }, `${visible(rest)}${more}`),
  );
}

function placeOf({ prime, prediction, length, place, before, after, occurrences }: Trial): HTMLElement {
  const others = occurrences > 1 ? `, one of ${formatCount(occurrences)} places` : '';
  return make(
    'div',
    {},
    make(
      'p',
      { class: 'passage' },
      make('span', { class: 'strayed' }, `…${wordJoiner}${visible(before)}`),
      make('span', { class: 'prime' }, visible(prime)),
      ...marked(Array.from(prediction).slice(0, length).join('')),
      make('span', { class: 'strayed' }, `${visible(after)}…`),
    ),
    make('p', { class: 'field-help' }, `at character ${formatCount(place ?? 0)}${others}`),
  );
}

function marked(text: string): HTMLElement[] {
  return text === '' ? [] : [make('mark', {}, visible(text))];
}

/** Line ends as a sign, so that a row stays a row. */
function visible(text: string): string {
  return text.replaceAll('\n', '↵');
}
