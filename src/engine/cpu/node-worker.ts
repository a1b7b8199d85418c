import { parentPort } from 'node:worker_threads';
import { serve } from './serve.ts';

/** A member of a crew, in Node. */
parentPort!.on(
  'message',
  serve((answer) => parentPort!.postMessage(answer)),
);
