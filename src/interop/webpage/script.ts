/** The script of a network's web page: reads what the page holds, and writes what is asked for. It needs no other file. */

import { fromBase64 } from '../../base64.ts';
import { detectSimd } from '../../engine/cpu/features.ts';
import { Writer } from '../../engine/cpu/writer.ts';
import { decodeModelFile } from '../../files/model-file.ts';
import { readNumber } from '../../number.ts';
import { parseSetting } from '../../training/configuration.ts';
import { passageSampling } from '../../training/passage-sampling.ts';
import { inFormOf } from '../../training/prime.ts';

/** How long it writes before the browser may draw, in milliseconds. */
const patience = 12;
/** All characters of a passage stand on the page together. */
const longest = 1_000_000;

const byId = (id: string) => document.getElementById(id)!;
const field = (id: string) => byId(id) as HTMLInputElement;
const [form, stop] = [byId('asked') as HTMLFormElement, byId('stop')];
const [view, read, written] = [byId('view'), byId('read'), byId('written')];

begin().catch((error: unknown) => say('problem', error));

async function begin(): Promise<void> {
  const simd = detectSimd();
  if (simd === 'none')
    throw new Error('This browser’s WebAssembly has no SIMD, which the network needs: open it in a newer one.');
  const { model, vocabulary, parameters } = decodeModelFile(fromBase64(byId('network').textContent));
  const kernels = await WebAssembly.compile(fromBase64(byId(`kernels-${simd}`).textContent));
  const writer = await Writer.open(kernels, model, parameters);
  let stopped: AbortController | undefined;
  const prime = field('prime');
  if (!vocabulary!.knows(inFormOf(vocabulary!, prime.value)) || prime.value === '') {
    prime.value = vocabulary!.symbols.find((symbol) => /\p{Lu}/u.test(symbol)) ?? vocabulary!.symbols.at(-1)!;
  }
  // It scrolls, where much is written.
  view.tabIndex = 0;

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void write();
  });
  stop.addEventListener('click', () => stopped?.abort());
  addEventListener('keydown', ({ key }) => key === 'Escape' && stopped?.abort());
  await write();

  /** Writes what the fields say, in the place of what stands there. */
  async function write(): Promise<void> {
    const asked = readFields();
    if (asked === undefined) return;
    stopped?.abort();
    stopped = new AbortController();
    const { signal } = stopped;
    const { prime, ids, length, sampling } = asked;
    read.textContent = prime;
    const text = document.createTextNode('');
    written.replaceChildren(text);
    stop.ariaDisabled = null;
    say('status', 'Writing…');
    const symbols = writer.write(ids, length, sampling);
    let count = 0;
    for (let done = false; !done && !signal.aborted; ) {
      let piece = '';
      for (const end = performance.now() + patience; !done && performance.now() < end; ) {
        const { value } = symbols.next();
        if (value === undefined) done = true;
        else {
          piece += vocabulary!.symbols[value];
          count++;
        }
      }
      // Who scrolls up to read is left there.
      const follows = view.scrollHeight - view.scrollTop - view.clientHeight < 8;
      text.appendData(piece);
      if (follows) view.scrollTop = view.scrollHeight;
      if (!done) await new Promise(requestAnimationFrame);
    }
    if (stopped.signal !== signal) return;
    stop.ariaDisabled = 'true';
    const characters = `${count.toLocaleString('en')} character${count === 1 ? '' : 's'}`;
    say('status', signal.aborted ? `Stopped after ${characters}.` : `${characters} written.`);
  }

  /** What the fields say; nothing, after a word about the first that cannot be used. */
  function readFields() {
    const take = <Value>(id: string, reading: (written: string) => Value): Value => {
      const input = field(id);
      try {
        const value = reading(input.value);
        input.ariaInvalid = null;
        return value;
      } catch (error) {
        input.ariaInvalid = 'true';
        input.focus();
        throw error;
      }
    };
    try {
      const prime = take('prime', (written) => {
        if (written === '') throw new RangeError('The prime is empty: it needs at least one character.');
        const prime = inFormOf(vocabulary!, written);
        return { prime, ids: vocabulary!.encode(prime) };
      });
      const temperature = take('temperature', (written) => parseSetting('temperature', written));
      const seed = take('seed', (written) => parseSetting('seed', written));
      const length = take('length', (written) =>
        readNumber('Characters', written, { minimum: 1, maximum: longest, whole: true }),
      );
      say('problem', '');
      return { ...prime, length, sampling: passageSampling({ temperature, seed }, Number(form.dataset['step'])) };
    } catch (error) {
      say('problem', error);
      return undefined;
    }
  }
}

function say(id: string, what: unknown): void {
  byId(id).textContent = what instanceof Error ? what.message : String(what);
}
