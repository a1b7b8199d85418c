import type { Answer, Message } from './protocol.ts';

/** A worker, in a browser or in Node. */
export interface Thread {
  post(message: Message): void;
  terminate(): void;
}

/** What is to be done when a thread speaks, or dies. */
export interface Listener {
  answer(answer: Answer): void;
  fail(reason: string): void;
}

/**
 * Node's own modules, where there are any. Asked for in this way they do not stand in the way of what bundles this file
 * for a browser.
 */
const builtin = globalThis.process?.getBuiltinModule;

/** How many threads the machine can run at once. */
export const availableThreads = (): number =>
  builtin ? builtin('node:os').availableParallelism() : navigator.hardwareConcurrency;

/** Whether threads may share memory here: in a browser, only on a page that is isolated from other origins. */
export const canShareMemory = (): boolean => builtin !== undefined || globalThis.crossOriginIsolated;

/**
 * Starts a thread. It carries its program with it, so it needs no file that a bundler, or another origin's server, would
 * have to keep in its place.
 *
 * @throws Error where it may not be started
 */
export async function startThread(listener: Listener): Promise<Thread> {
  const { default: source } = await import('virtual:cpu-worker');
  return builtin ? startInNode(builtin('node:worker_threads').Worker, source, listener) : start(source, listener);
}

/** What a thread would do, done in this one. What comes and goes is copied, as it is on the way to another. */
export async function workHere(listener: Listener): Promise<Thread> {
  const { serve } = await import('./serve.ts');
  const handle = serve((answer) => listener.answer(structuredClone(answer)));
  return {
    post: (message) => handle(message.kind === 'job' ? structuredClone(message) : message),
    terminate: () => {},
  };
}

async function start(source: string, listener: Listener): Promise<Thread> {
  // A worker from a blob's address belongs to the page's origin, and is isolated from others as the page is.
  const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  try {
    const worker = new Worker(address, { type: 'module' });
    const thread = {
      post: (message: Message) => worker.postMessage(message),
      terminate: () => worker.terminate(),
    };
    // A policy that forbids it says so by an error, as whatever breaks it later does.
    await new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve();
      worker.onerror = () => reject(new Error('Workers are forbidden here.'));
    });
    worker.onmessage = ({ data }: MessageEvent<Answer>) => listener.answer(data);
    worker.onerror = ({ message }) => listener.fail(message || 'A worker of the CPU engine failed.');
    return thread;
  } finally {
    URL.revokeObjectURL(address);
  }
}

function startInNode(NodeWorker: typeof import('node:worker_threads').Worker, source: string, listener: Listener) {
  const worker = new NodeWorker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  // A program that has nothing else to do may end.
  worker.unref();
  worker.on('message', (answer: Answer) => listener.answer(answer));
  worker.on('error', ({ message }) => listener.fail(message));
  return { post: (message: Message) => worker.postMessage(message), terminate: () => void worker.terminate() };
}
