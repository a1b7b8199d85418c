import type { Task } from './worker.ts';

/** A new worker for a task. */
export const startWorker = (task: Task): Worker =>
  new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: task });
