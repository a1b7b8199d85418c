/** What `plugin.ts` makes when it is asked for. */

/** The kernels' WebAssembly, in base64. */
declare module 'virtual:cpu-kernels/*' {
  const base64: string;
  export default base64;
}

/** The source of `worker.ts` and all it imports, as one JavaScript module. */
declare module 'virtual:cpu-worker' {
  const source: string;
  export default source;
}
