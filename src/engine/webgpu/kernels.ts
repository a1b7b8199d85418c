import adam from '../../../shaders/adam.wgsl?raw';
import arrange from '../../../shaders/arrange.wgsl?raw';
import generate from '../../../shaders/generate.wgsl?raw';
import gradientNorm from '../../../shaders/gradient-norm.wgsl?raw';
import gradientSum from '../../../shaders/gradient-sum.wgsl?raw';
import gruBackward from '../../../shaders/gru-backward.wgsl?raw';
import gruForward from '../../../shaders/gru-forward.wgsl?raw';
import gruStepBackward from '../../../shaders/gru-step-backward.wgsl?raw';
import gruStepForward from '../../../shaders/gru-step-forward.wgsl?raw';
import inputGradient from '../../../shaders/input-gradient.wgsl?raw';
import outputSigmoid from '../../../shaders/output-sigmoid.wgsl?raw';
import outputSoftmax from '../../../shaders/output-softmax.wgsl?raw';
import product from '../../../shaders/product.wgsl?raw';
import report from '../../../shaders/report.wgsl?raw';
import rnnBackward from '../../../shaders/rnn-backward.wgsl?raw';
import rnnForward from '../../../shaders/rnn-forward.wgsl?raw';
import rnnStepBackward from '../../../shaders/rnn-step-backward.wgsl?raw';
import rnnStepForward from '../../../shaders/rnn-step-forward.wgsl?raw';
import subgroupSums from '../../../shaders/subgroup-sums.wgsl?raw';
import weightGradient from '../../../shaders/weight-gradient.wgsl?raw';
import { ShaderError } from '../engine.ts';

/** The source of each kernel, by the name of its file under `shaders/`. */
export const kernels = {
  adam,
  arrange,
  generate,
  'gradient-norm': gradientNorm,
  'gradient-sum': gradientSum,
  'gru-backward': gruBackward,
  'gru-forward': gruForward,
  'gru-step-backward': gruStepBackward,
  'gru-step-forward': gruStepForward,
  'input-gradient': inputGradient,
  'output-sigmoid': outputSigmoid,
  'output-softmax': outputSoftmax,
  product,
  report,
  'rnn-backward': rnnBackward,
  'rnn-forward': rnnForward,
  'rnn-step-backward': rnnStepBackward,
  'rnn-step-forward': rnnStepForward,
  'weight-gradient': weightGradient,
} as const;

export type KernelName = keyof typeof kernels;

/** A kernel as it is to be compiled. */
export interface Compilation {
  readonly kernel: KernelName;
  /** The values of its overrides. */
  readonly constants: Readonly<Record<string, number>>;
  /** Whether it sums up parts of K by subgroup operations. */
  readonly subgroups?: boolean;
}

/**
 * Compiles a kernel.
 *
 * @throws ShaderError with the line that the device's compiler refuses.
 */
export async function compile(
  device: GPUDevice,
  { kernel, constants, subgroups = false }: Compilation,
): Promise<GPUComputePipeline> {
  const file = `shaders/${kernel}.wgsl`;
  const code = subgroups ? withSubgroups(kernels[kernel]) : kernels[kernel];
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

/** From which invocation this is to the sum over the parts of K: what subgroups do in another way. */
const sums = /struct Invocation[\s\S]*?return sum;\s*\}/;

/** A kernel with the declarations of subgroup-sums.wgsl in the place of its own. All that follows stays in its line. */
export function withSubgroups(code: string): string {
  const bare = subgroupSums.replace(/\/\/.*$/gm, '').replace(/\s+/g, ' ');
  const directives = bare.match(/(enable|requires) [^;]+;/g)!.join(' ');
  const [theirs] = sums.exec(bare)!;
  return `${directives} ${code.replace(sums, (own) => theirs + own.replace(/[^\n]/g, ''))}`;
}
