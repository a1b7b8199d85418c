/** Seconds over which a speed is taken: what is longer ago hardly counts. */
const span = 1;

const now = () => performance.now() / 1000;

/**
 * How many characters a second are learned of late. Characters and seconds fade alike, so that it does not matter how many steps
 * are told at once.
 */
export class SpeedMeter {
  #characters = 0;
  #seconds = 0;
  #since = now();

  /** Counts characters that were learned since the last count, and gives the speed. */
  count(characters: number): number {
    const seconds = now() - this.#since;
    this.skip();
    const kept = Math.exp(-seconds / span);
    this.#characters = kept * this.#characters + characters;
    this.#seconds = kept * this.#seconds + seconds;
    return this.#characters / Math.max(this.#seconds, 1e-6);
  }

  /** What happened since the last count was something else than learning. */
  skip(): void {
    this.#since = now();
  }
}
