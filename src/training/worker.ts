import { chooseEngine } from '../engine/choose.ts';
import { BrowserTunings } from '../storage/tunings.ts';
import type { Command, Event } from './protocol.ts';
import { Trainer } from './trainer.ts';

/** The training worker: a trainer at the other end of a page's messages. */
const tunings = new BrowserTunings();
const trainer = new Trainer(
  (event: Event) => postMessage(event, { transfer: event.kind === 'checkpoint' ? [event.file.buffer] : [] }),
  (wanted) => chooseEngine(wanted, undefined, { tunings }),
);

export const hear = (command: Command): void => void trainer.handle(command);
