import adam from '../../../shaders/adam.wgsl?raw';
import backward from '../../../shaders/backward.wgsl?raw';
import forward from '../../../shaders/forward.wgsl?raw';
import generate from '../../../shaders/generate.wgsl?raw';
import gradientNorm from '../../../shaders/gradient-norm.wgsl?raw';
import inputGradient from '../../../shaders/input-gradient.wgsl?raw';
import output from '../../../shaders/output.wgsl?raw';
import outputBackward from '../../../shaders/output-backward.wgsl?raw';
import report from '../../../shaders/report.wgsl?raw';
import transpose from '../../../shaders/transpose.wgsl?raw';
import weightGradient from '../../../shaders/weight-gradient.wgsl?raw';
import weightGradientSum from '../../../shaders/weight-gradient-sum.wgsl?raw';
import { ShaderError } from '../engine.ts';

/** The source of each kernel, by the name of its file under `shaders/`. */
export const kernels = {
  adam,
  backward,
  forward,
  generate,
  'gradient-norm': gradientNorm,
  'input-gradient': inputGradient,
  output,
  'output-backward': outputBackward,
  report,
  transpose,
  'weight-gradient': weightGradient,
  'weight-gradient-sum': weightGradientSum,
} as const;

export type KernelName = keyof typeof kernels;

/**
 * Compiles a kernel for the given values of its overrides.
 *
 * @throws ShaderError with the line that the device's compiler refuses.
 */
export async function compile(
  device: GPUDevice,
  name: KernelName,
  constants: Record<string, number>,
): Promise<GPUComputePipeline> {
  const file = `shaders/${name}.wgsl`;
  const code = kernels[name];
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: file, code });
  const [{ messages }] = await Promise.all([module.getCompilationInfo(), device.popErrorScope()]);
  const fault = messages.find(({ type }) => type === 'error');
  if (fault !== undefined) {
    const source = code.split('\n')[fault.lineNum - 1] ?? '';
    throw new ShaderError(file, fault.lineNum, source, `${file}, line ${fault.lineNum}: ${fault.message}`);
  }
  try {
    return await device.createComputePipelineAsync({ label: file, layout: 'auto', compute: { module, constants } });
  } catch (error) {
    throw new ShaderError(file, 0, '', `${file}: ${(error as Error).message}`);
  }
}
