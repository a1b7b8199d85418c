import type { Message } from './protocol.ts';
import { serve } from './serve.ts';

/** A member of a crew, in a browser. */
const handle = serve((answer) => postMessage(answer));

addEventListener('message', ({ data }: MessageEvent<Message>) => handle(data));
