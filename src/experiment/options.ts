/** What can be chosen about the matching experiment, and in which range. */
export interface ExperimentOptions {
  /** How many primes are drawn. */
  readonly trials: number;
  /** In characters. */
  readonly primeLength: number;
  /** How many characters are predicted after each prime. */
  readonly length: number;
  /** 0 takes the likeliest character each time. */
  readonly temperature: number;
  /** Fixes which primes are drawn, and what is drawn at a temperature. */
  readonly seed: number;
  /** Whether as many primes are drawn from the held-out part besides. */
  readonly heldOut: boolean;
  /** The orders of the n-grams to compare with: how many characters each looks back on. */
  readonly orders: readonly number[];
}

export const defaultOptions: ExperimentOptions = {
  trials: 500,
  primeLength: 10,
  length: 100,
  temperature: 0,
  seed: 1,
  heldOut: false,
  orders: [2, 4, 6, 8],
};

const whole = { whole: true, minimum: 1 } as const;

/** The range of each number, with words for its field. */
export const optionRanges = {
  trials: { ...whole, maximum: 100_000, label: 'Trials', help: 'Primes drawn at random from the text.' },
  primeLength: { ...whole, maximum: 1000, label: 'Prime length', help: 'Characters of the text to go on from.' },
  length: { ...whole, maximum: 10_000, label: 'Length', help: 'Characters predicted after each prime.' },
  temperature: {
    whole: false,
    minimum: 0,
    maximum: 100,
    label: 'Temperature',
    help: '0 is greedy: always the likeliest.',
  },
  seed: { whole: true, minimum: 0, maximum: 2 ** 32 - 1, label: 'Seed', help: 'Fixes which primes are drawn.' },
} as const;

/** Why there are no primes of that length in a text of which so much is trained on and held out, or '' if there are. */
export function complaintAboutParts(
  { primeLength, heldOut }: ExperimentOptions,
  trainingLength: number,
  validationLength: number,
): string {
  if (trainingLength < primeLength) {
    return `The training text has ${trainingLength} characters, too few for primes of ${primeLength}: choose shorter ones.`;
  }
  if (!heldOut || validationLength >= primeLength) return '';
  return `The held-out part has ${validationLength} characters, too few for primes of ${primeLength}: hold out more, choose shorter ones, or leave its curve out.`;
}

/** @throws RangeError in one sentence, naming the option that is out of its range */
export function assertOptions(options: ExperimentOptions): void {
  for (const name of Object.keys(optionRanges) as (keyof typeof optionRanges)[]) {
    const { label, whole, minimum, maximum } = optionRanges[name];
    const value = options[name];
    if (value >= minimum && value <= maximum && (!whole || Number.isInteger(value))) continue;
    const kind = whole ? 'a whole number' : 'a number';
    throw new RangeError(`${label} is ${kind} from ${minimum} to ${maximum}, not ${value}.`);
  }
  for (const order of options.orders) {
    if (Number.isInteger(order) && order >= 0 && order <= 32) continue;
    throw new RangeError(`The order of an n-gram is a whole number from 0 to 32, not ${order}.`);
  }
}
