/** What a number may be, from the least to the most. */
export interface Bounds {
  readonly minimum: number;
  /** No end, if it is left out. */
  readonly maximum?: number;
  readonly whole: boolean;
}

/** Digits, or such in groups of three with commas between, as the page prints them; decimals after a point; a power of ten. */
const written = /^[+-]?(?:(?:\d+|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const withDecimalComma = /^([+-]?\d*),(\d+(?:e[+-]?\d+)?)$/i;

/**
 * A number as a person writes it, in a form, an address or a terminal: 2500, 2,500, 0.01, 1e-3. A comma stands only between
 * thousands; one before decimals would make 1,500 mean two things.
 *
 * @param label what the message calls it
 * @throws RangeError in one sentence, saying what it takes, if the text is no number, or one out of bounds
 */
export function readNumber(label: string, text: string, { minimum, maximum, whole }: Bounds): number {
  const trimmed = text.trim().replace('−', '-');
  const value = written.test(trimmed) ? Number(trimmed.replaceAll(',', '')) : Number.NaN;
  const isWithin = value >= minimum && value <= (maximum ?? Number.MAX_VALUE);
  if (isWithin && (!whole || Number.isInteger(value))) return value;
  const range = `from ${minimum}${maximum === undefined ? '' : ` to ${maximum}`}`;
  const [, before, decimals] = withDecimalComma.exec(written.test(trimmed) ? '' : trimmed) ?? [];
  const advice =
    decimals === undefined || whole ? '' : `: write decimals after a point, as ${before || '0'}.${decimals}`;
  throw new RangeError(`${label} is a ${whole ? 'whole number' : 'number'} ${range}, not “${text}”${advice}.`);
}
