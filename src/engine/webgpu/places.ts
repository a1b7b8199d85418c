/** The places `t·B + b` of a batch by the symbol that went in there, as `input-gradient.wgsl` reads them. */
export class Places {
  /** Sorted by symbol; those of one symbol in the order of the sequence. */
  readonly places: Uint32Array<ArrayBuffer>;
  /** Where each symbol's places start, and behind the last where they end: `[V + 1]`. */
  readonly starts: Uint32Array<ArrayBuffer>;

  constructor(mostPlaces: number, vocabularySize: number) {
    this.places = new Uint32Array(mostPlaces);
    this.starts = new Uint32Array(vocabularySize + 1);
  }

  /** Counting sort. */
  sort(tokens: Uint32Array): void {
    const { places, starts } = this;
    starts.fill(0);
    for (const token of tokens) starts[token + 1]!++;
    for (let symbol = 1; symbol < starts.length; symbol++) starts[symbol]! += starts[symbol - 1]!;
    // Filling moves each start to where the next symbol's was, so that all are then one place too far.
    for (const [place, token] of tokens.entries()) places[starts[token]!++] = place;
    starts.copyWithin(1, 0, starts.length - 1);
    starts[0] = 0;
  }
}
