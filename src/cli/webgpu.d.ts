/** The optional package, as far as it is used: types must not need it to be there. */
declare module 'webgpu' {
  /** Dawn, which lives as long as this object does. */
  export function create(options: string[]): GPU;
  /** What a browser has as global names, such as `GPUBufferUsage`. */
  export const globals: Readonly<Record<string, unknown>>;
}
