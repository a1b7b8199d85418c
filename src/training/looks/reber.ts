import { type Automaton, allowedNext, drawString, embeddedReber, reber } from '../../data/text/reber.ts';
import { demandText } from '../../data/text/task.ts';
import { type ReberScore, scoreReber } from '../../experiment/reber.ts';
import type { Cell } from '../../model/cells/cells.ts';
import { Random } from '../../model/random.ts';
import type { Run } from '../run.ts';
import { traceAlone } from './trace.ts';

/** The texts that are learned are drawn from seed 1. */
const testSeed = 2;
/** So much of a text is enough to see which grammar it follows. */
const telling = 2000;

/** How well a network that has been trained for `step` steps knows its grammar. */
export interface ReberTest extends ReberScore {
  readonly cell: Cell;
  readonly layers: number;
  /** H */
  readonly hidden: number;
  readonly step: number;
  /** How many strings were read. */
  readonly strings: number;
}

/** What a network expects within one string that it never saw. */
export interface ReberString {
  readonly string: string;
  /** The symbols there are. */
  readonly symbols: readonly string[];
  /** How likely each of them is to come next, after each symbol of the string, `[place][V]`. */
  readonly outputs: Float32Array;
  /** Those of them that the grammar allows next, after each symbol of the string. */
  readonly allowed: readonly (readonly string[])[];
  /** Whether the string's second symbol decides its last but one. */
  readonly isEmbedded: boolean;
}

/** The Reber grammar that a text follows, `undefined` if it follows none. */
export function grammarOf(text: string): Automaton | undefined {
  const beginning = text.slice(0, telling);
  return [embeddedReber, reber].find((automaton) => {
    try {
      return allowedNext(automaton, beginning).length > 0;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  });
}

/** Tests the network on strings that it never saw. @throws RangeError if it has learned no Reber grammar */
export async function testReber(run: Run, strings: number): Promise<ReberTest> {
  const { step, model } = run;
  const automaton = demandGrammar(run);
  const score = await scoreReber(run.network, demandText(run.task).encoding.vocabulary, {
    automaton,
    strings,
    seed: testSeed,
  });
  const { cell, layers, hiddenSize: hidden } = model;
  return { ...score, cell, layers, hidden, step, strings };
}

/**
 * Has the network read a string, behind another one, as in the text that it has learned.
 *
 * @param seed draws the strings
 * @throws RangeError if it has learned no Reber grammar
 */
export async function readReberString(run: Run, seed: number): Promise<ReberString> {
  const automaton = demandGrammar(run);
  const random = new Random(seed);
  const before = drawString(automaton, random);
  const string = drawString(automaton, random);
  const { vocabulary } = demandText(run.task).encoding;
  const { outputs } = await traceAlone(run.network, vocabulary.encode(before + string));
  return {
    string,
    symbols: vocabulary.symbols,
    outputs: outputs.slice(before.length * vocabulary.size),
    allowed: allowedNext(automaton, string),
    isEmbedded: automaton === embeddedReber,
  };
}

function demandGrammar({ task }: Run): Automaton {
  const automaton = grammarOf(demandText(task).dataset.text);
  if (!automaton) throw new RangeError('The text that the network learns follows no Reber grammar.');
  return automaton;
}
