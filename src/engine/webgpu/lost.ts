import { CapacityError, DeviceLostError, ShaderError } from '../engine.ts';

/** Milliseconds after a call's failure within which its device tells that it is lost. */
const patience = 250;

/** How a device was lost, or `undefined` if it is not within some milliseconds. */
export async function lossOf(device: GPUDevice, milliseconds = 0): Promise<GPUDeviceLostInfo | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  const lost = await Promise.race([device.lost, late]);
  clearTimeout(timer);
  return lost;
}

/**
 * What a call on a device failed with. Implementations have many names for the error of a call that fails because the device
 * is gone: so it is the device that is asked.
 *
 * @returns a DeviceLostError if the device is lost, maybe a moment later; else the error as it is
 */
export async function explained(device: GPUDevice, error: unknown): Promise<unknown> {
  const known = [CapacityError, DeviceLostError, RangeError, ShaderError].some((kind) => error instanceof kind);
  const lost = known ? undefined : await lossOf(device, patience);
  return lost === undefined ? error : new DeviceLostError(lost.message || lost.reason, { cause: error });
}
