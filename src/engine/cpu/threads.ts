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

/** How many threads the machine can run at once. */
export async function availableThreads(): Promise<number> {
  if (!import.meta.env.SSR) return navigator.hardwareConcurrency;
  const { availableParallelism } = await import('node:os');
  return availableParallelism();
}

/** Whether threads may share memory here: in a browser, only on a page that is isolated from other origins. */
export const canShareMemory = (): boolean => import.meta.env.SSR || globalThis.crossOriginIsolated;

/** Starts a thread. Vite leaves only the half that fits where the code will run. */
export async function startThread(listener: Listener): Promise<Thread> {
  if (!import.meta.env.SSR) {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => listener.answer(data));
    worker.addEventListener('error', ({ message }) => listener.fail(message || 'A worker of the CPU engine failed.'));
    return { post: (message) => worker.postMessage(message), terminate: () => worker.terminate() };
  }
  const [{ Worker: NodeWorker }, { default: source }] = await Promise.all([
    import('node:worker_threads'),
    import('virtual:cpu-node-worker'),
  ]);
  const worker = new NodeWorker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  // A program that has nothing else to do may end.
  worker.unref();
  worker.on('message', (answer: Answer) => listener.answer(answer));
  worker.on('error', ({ message }) => listener.fail(message));
  return { post: (message) => worker.postMessage(message), terminate: () => void worker.terminate() };
}
