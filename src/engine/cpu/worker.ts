import type { Message } from './protocol.ts';
import { serve } from './serve.ts';

/** A member of a crew, in a browser or in Node, where messages come by way of another object. */
const parent = globalThis.process?.getBuiltinModule?.('node:worker_threads').parentPort;
if (parent) {
  parent.on(
    'message',
    serve((answer) => parent.postMessage(answer)),
  );
} else {
  const handle = serve((answer) => postMessage(answer));
  addEventListener('message', ({ data }: MessageEvent<Message>) => handle(data));
  // Whoever started it waits to hear that it may run at all.
  postMessage('ready');
}
