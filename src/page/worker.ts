/**
 * The page's workers: one script for all, so that what they share comes to a visitor once. A worker's name says which it is;
 * what no other needs is loaded for that one alone.
 */
const tasks = {
  training: () => import('../training/worker.ts'),
  open: () => import('../data/open-worker.ts'),
  baselines: () => import('../data/baselines-worker.ts'),
  modelFile: () => import('../interop/model-file-worker.ts'),
  check: () => import('../check/check-worker.ts'),
};

export type Task = keyof typeof tasks;

// A script that did something by itself would be missing from the built page: the package is declared free of side effects.
const task: Promise<{ hear(message: never): void | Promise<void> }> = tasks[self.name as Task]();

// What goes wrong here is for the page to hear of: a promise that fails does not reach it.
task.catch(reportError);
addEventListener('message', ({ data }) => void task.then(({ hear }) => hear(data as never)).catch(reportError));
