import type { Command, Event } from './protocol.ts';
import { Trainer } from './trainer.ts';

/** The training worker: a trainer at the other end of a page's messages. */
const trainer = new Trainer((event: Event) =>
  postMessage(event, { transfer: event.kind === 'checkpoint' ? [event.file.buffer] : [] }),
);

export const hear = (command: Command): void => void trainer.handle(command);
