/** Where the members of a crew wait for each other: nobody leaves before all have come. */
export class Meeting {
  /** How many have come, and how many meetings there have been. */
  readonly #words: Int32Array;
  readonly #members: number;

  constructor(memory: ArrayBufferLike, address: number, members: number) {
    this.#words = new Int32Array(memory, address, 2);
    this.#members = members;
  }

  attend(): void {
    if (this.#members === 1) return;
    const meeting = Atomics.load(this.#words, 1);
    if (Atomics.add(this.#words, 0, 1) === this.#members - 1) {
      Atomics.store(this.#words, 0, 0);
      Atomics.add(this.#words, 1, 1);
      Atomics.notify(this.#words, 1);
      return;
    }
    // Looking again for some 10 µs, as long as falling asleep and being woken takes, is quicker if all are nearly there.
    for (let look = 0; look < 2000; look++) if (Atomics.load(this.#words, 1) !== meeting) return;
    while (Atomics.load(this.#words, 1) === meeting) Atomics.wait(this.#words, 1, meeting);
  }
}
