/** Seconds over which a speed is taken. */
const span = 1;

const now = () => performance.now() / 1000;

/** How many characters a second are learned, as of the last second or so; pauses do not count. */
export class SpeedMeter {
  #rate: number | undefined;
  #characters = 0;
  #since = now();

  /** Counts characters that were learned, and gives the speed. */
  count(characters: number): number {
    this.#characters += characters;
    const seconds = Math.max(now() - this.#since, 1e-6);
    const rate = this.#characters / seconds;
    if (seconds < span) return this.#rate ?? rate;
    this.#rate = rate;
    this.skip();
    return rate;
  }

  /** What happened since the last count was something else than learning. */
  skip(): void {
    this.#characters = 0;
    this.#since = now();
  }
}
