/** How a loss is told to people. Plain data. */
export interface Measure {
  /** What machines call it. */
  readonly key: 'bitsPerCharacter' | 'bitsPerLabel' | 'rootMeanSquareError' | 'meanSquaredError';
  /** What it is called with its unit, within a sentence: “bits per character”, “root mean square error in °C”. */
  readonly name: string;
  /** The same in the least room: “bits”, “°C”. */
  readonly unit: string;
  /** The figure is the loss, or if `root` says so its square root, times this. */
  readonly scale: number;
  readonly root?: boolean;
}

/** A loss as people are told it. */
export const figureOf = ({ scale, root = false }: Measure, loss: number): number =>
  scale * (root ? Math.sqrt(loss) : loss);

/** −log₂ p of each next character. */
export const bitsPerCharacter: Measure = {
  key: 'bitsPerCharacter',
  name: 'bits per character',
  unit: 'bits',
  scale: 1 / Math.LN2,
};
