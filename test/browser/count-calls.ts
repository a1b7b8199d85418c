/**
 * Counts from here on how often each of WebGPU's methods is called.
 *
 * @returns what tells the calls since it was asked last
 */
export function countCalls(): () => Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { prototype } of [GPUDevice, GPUQueue, GPUCommandEncoder, GPUComputePassEncoder, GPUBuffer]) {
    const methods = prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (typeof value !== 'function' || name === 'constructor') continue;
      methods[name] = function (this: unknown, ...args: unknown[]) {
        counts[name] = (counts[name] ?? 0) + 1;
        return value.apply(this, args);
      };
    }
  }
  return () => {
    const counted = { ...counts };
    for (const name of Object.keys(counts)) delete counts[name];
    return counted;
  };
}
