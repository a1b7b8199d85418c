/** Other frameworks, as `benchmark/plugin.ts` provides them: each a module of its own, empty where it is not installed. */

declare module 'virtual:peers' {
  /** Whether `benchmark/node_modules` is there. */
  export const installed: boolean;
}

declare module 'virtual:peers/*' {
  /** Sets a backend up. */
  export const prepare: import('./peers.ts').Prepare;
}
