/** A plot that can be taken away, as a table (`csvOf`) and as a drawing (`svgOf`) of the same numbers. Plain data. */
export interface Figure {
  /** What its files are called, without an ending. */
  readonly name: string;
  /** What it is of, in one line. */
  readonly title: string;
  readonly across: Axis;
  readonly up: Axis;
  /** The most important first: it is drawn on top. */
  readonly lines: readonly Line[];
  /** What is the same at every place across. */
  readonly levels?: readonly Level[];
}

export interface Axis {
  readonly name: string;
  /** Of the numbers along it, if they have one. */
  readonly unit?: string;
  /** What is below or above is in the table alone. */
  readonly low: number;
  readonly high: number;
  /** Where its ticks may stand. */
  readonly scale: 'whole' | 'linear' | 'logarithmic';
}

/** Points, and the line that joins them. */
export interface Line {
  readonly name: string;
  /** Rising, and as many as `ys`. */
  readonly xs: ArrayLike<number>;
  /** Where there is no finite number, the line has a gap. */
  readonly ys: ArrayLike<number>;
  readonly look: Look;
}

export interface Level {
  readonly name: string;
  readonly figure: number;
}

/** How a line is drawn. */
export interface Look {
  readonly colour: string;
  /** Of the line through the points. */
  readonly width: number;
  /** Lengths of its dashes and of the gaps between, in turn; none for a whole line. */
  readonly dash: readonly number[];
  /** Of its points; 0 for a line alone. */
  readonly radius: number;
  /** Whether the points show the paper inside. */
  readonly hollow: boolean;
}

/** The colours of a plot, as `#rrggbb`. */
export interface Palette {
  readonly paper: string;
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly network: string;
  readonly heldOut: string;
  /** Of the n-gram that looks back least, and of the one that looks back most. */
  readonly nGrams: readonly [string, string];
}

/** Black on white, for a file. */
export const printed: Palette = {
  paper: '#ffffff',
  ink: '#1c2024',
  muted: '#5b626a',
  line: '#dedbd3',
  network: '#0a6680',
  heldOut: '#8c2f5f',
  nGrams: ['#a68c54', '#6b4708'],
};

/** An axis with its unit: loss (bits per character) */
export const labelOf = ({ name, unit }: Axis): string => (unit === undefined ? name : `${name} (${unit})`);

/** What a file is called after some words: field-notes-step-1200 */
export const fileName = (...words: readonly (string | number)[]): string =>
  words
    .join(' ')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '');
