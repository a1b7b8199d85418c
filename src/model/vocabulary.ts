/** The symbols a network knows: Unicode code points, numbered from 0. */
export class Vocabulary {
  /** The symbol of each id. */
  readonly symbols: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;

  constructor(symbols: readonly string[]) {
    this.symbols = symbols;
    this.#ids = new Map(symbols.map((symbol, id) => [symbol, id]));
    if (this.#ids.size !== symbols.length) throw new RangeError('A symbol stands twice in the vocabulary.');
  }

  /** The code points that occur in `text`, in the order of their numbers. */
  static of(text: string): Vocabulary {
    const codePoints = Array.from(new Set(text), (symbol) => symbol.codePointAt(0) ?? 0);
    return new Vocabulary(codePoints.sort((a, b) => a - b).map((codePoint) => String.fromCodePoint(codePoint)));
  }

  /** V */
  get size(): number {
    return this.symbols.length;
  }

  /** Whether all of a text's characters are in the vocabulary. */
  knows(text: string): boolean {
    return Array.from(text).every((symbol) => this.#ids.has(symbol));
  }

  /**
   * The ids of a text's characters.
   *
   * @throws RangeError naming the first character that is not in the vocabulary.
   */
  encode(text: string): Uint32Array<ArrayBuffer> {
    const ids = new Uint32Array(text.length);
    let length = 0;
    for (const symbol of text) {
      const id = this.#ids.get(symbol);
      if (id === undefined) {
        throw new RangeError(`The character ${describeSymbol(symbol)} does not occur in the text the network learns.`);
      }
      ids[length++] = id;
    }
    return ids.slice(0, length);
  }

  /**
   * The text that ids spell.
   *
   * @throws RangeError naming the first id that no symbol has.
   */
  decode(ids: Iterable<number>): string {
    let text = '';
    for (const id of ids) {
      const symbol = this.symbols[id];
      if (symbol === undefined) throw new RangeError(`There is no symbol ${id}: the vocabulary has ${this.size}.`);
      text += symbol;
    }
    return text;
  }
}

/** A character as a person can find it: itself in quotes if it shows, and its code point. */
function describeSymbol(symbol: string): string {
  const codePoint = `U+${(symbol.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(symbol) ? `“${symbol}” (${codePoint})` : codePoint;
}
