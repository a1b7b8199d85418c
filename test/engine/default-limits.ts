import type { Limits } from '../../src/engine/webgpu/limits.ts';

/** What WebGPU promises on every device, without subgroups, which it does not. */
export const defaultLimits: Limits = {
  maxBufferSize: 268435456,
  maxStorageBufferBindingSize: 134217728,
  maxComputeWorkgroupStorageSize: 16384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupsPerDimension: 65535,
  subgroupSize: 1,
};
