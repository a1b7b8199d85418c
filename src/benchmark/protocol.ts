import type { Environment } from './results.ts';
import type { Assignment, Progress } from './suite.ts';

/** What the page tells its worker. It ends a run by ending the worker. */
export type Command = { readonly kind: 'run'; readonly assignment: Assignment };

/** What the worker tells the page. */
export type Event =
  /** It stands ready: with these engines, and in sentences without which. */
  | { readonly kind: 'ready'; readonly environment: Environment; readonly missing: readonly string[] }
  | ({ readonly kind: 'progress' } & Progress)
  | { readonly kind: 'failed'; readonly reason: string };
