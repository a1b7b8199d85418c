import { DeviceLostError, ShaderError } from '../engine.ts';
import { explained } from './lost.ts';

/** The text of every file under `shaders/`, by its path there without `.wgsl`. */
const sources: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(
    import.meta.glob<string>(
      ['../../../shaders/*.wgsl', '../../../shaders/cells/*.wgsl', '../../../shaders/parts/*.wgsl'],
      { query: '?raw', import: 'default', eager: true },
    ),
  ).map(([path, text]) => [path.replace(/^.*\/shaders\/|\.wgsl$/g, ''), text]),
);

/** The text of all of them. */
export const everyShader = (): string => Object.values(sources).join('');

/** Where a line of a linked shader stands. */
interface Origin {
  /** The path under `shaders/`, without `.wgsl`. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly source: string;
}

/** What a shader declares to be bound to it. */
export interface DeclaredBinding {
  readonly name: string;
  readonly binding: number;
  readonly type: GPUBufferBindingType;
}

/** A shader that is linked from files. */
export interface Shader {
  readonly code: string;
  readonly bindings: readonly DeclaredBinding[];
  /** Where line `line` of the code comes from, counted from 1. */
  origin(line: number): Origin;
}

const bindingTypes = { uniform: 'uniform', read: 'read-only-storage', read_write: 'storage' } as const;

/**
 * Links a shader: its files one behind the other, as declarations of a module may stand in any order. One rule: a name is
 * declared once among the files of a shader, and whoever is linked with a file declares what that file's head says it needs.
 * Directives (`enable`, `requires`), which have to come first, may stand in the first file alone.
 *
 * @param files paths under `shaders/`, without `.wgsl`
 * @param letters what numbers the gates of a cell: a constant for each, in order
 */
export function linkShader(files: readonly string[], letters: readonly string[] = []): Shader {
  const origins: Origin[] = files.flatMap((file) => {
    const text = sources[file];
    if (text === undefined) throw new RangeError(`There is no shaders/${file}.wgsl.`);
    return text.split('\n').map((source, i) => ({ file, line: i + 1, source }));
  });
  const constants = letters.map((letter, gate) => `const ${letter.toUpperCase()} = ${gate}u;`);
  const code = [...origins.map(({ source }) => source), ...constants].join('\n');
  return {
    code,
    bindings: declaredIn(code),
    origin: (line) => origins[line - 1] ?? { file: files.at(-1)!, line: 0, source: '' },
  };
}

/** What a shader's code declares to be bound to it. */
export function declaredIn(code: string): DeclaredBinding[] {
  const declared = code.matchAll(
    /@group\(0\) ?@binding\((\d+)\) ?var<(?:storage, ?)?(uniform|read|read_write)> ?(\w+)/g,
  );
  return Array.from(declared, ([, binding, access, name]) => ({
    name: name!,
    binding: Number(binding),
    type: bindingTypes[access as keyof typeof bindingTypes],
  }));
}

/** A kernel as it is to be compiled: the files that it is linked from, the one that has its entry point last. */
export interface Compilation {
  readonly files: readonly string[];
  /** The letters of its cell's gates, where it has one. */
  readonly letters?: readonly string[];
  /** The values of its overrides. */
  readonly constants: Readonly<Record<string, number>>;
}

/** A kernel that is ready to be bound. */
export interface Kernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly bindings: readonly DeclaredBinding[];
}

/**
 * Compiles a kernel.
 *
 * @throws ShaderError with the file and the line that the device's compiler refuses.
 * @throws DeviceLostError if the device is lost
 */
export async function compile(device: GPUDevice, { files, letters, constants }: Compilation): Promise<Kernel> {
  const shader = linkShader(files, letters);
  const label = `shaders/${files.at(-1)}.wgsl`;
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label, code: shader.code });
  const [{ messages }] = await Promise.all([module.getCompilationInfo(), device.popErrorScope()]);
  const fault = messages.find(({ type }) => type === 'error');
  if (fault !== undefined) {
    const { file, line, source } = shader.origin(fault.lineNum);
    const path = `shaders/${file}.wgsl`;
    throw new ShaderError(path, line, source, `${path}, line ${line}: ${fault.message}`);
  }
  const layout = device.createBindGroupLayout({
    label,
    entries: shader.bindings.map(({ binding, type }) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type },
    })),
  });
  try {
    const pipeline = await device.createComputePipelineAsync({
      label,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, constants },
    });
    return { pipeline, layout, bindings: shader.bindings };
  } catch (error) {
    const cause = await explained(device, error);
    if (cause instanceof DeviceLostError) throw cause;
    throw new ShaderError(label, 0, '', `${label}: ${(error as Error).message}`);
  }
}

/**
 * Binds buffers to a kernel by the names that its shader has for them.
 *
 * @throws ShaderError if a name is not the shader's, or one of the shader's has no buffer
 */
export function bind(
  device: GPUDevice,
  file: string,
  { layout, bindings }: Kernel,
  resources: Readonly<Record<string, GPUBufferBinding>>,
): GPUBindGroup {
  const path = `shaders/${file}.wgsl`;
  const stray = Object.keys(resources).find((name) => !bindings.some((declared) => declared.name === name));
  if (stray !== undefined) throw new ShaderError(path, 0, '', `${path} declares no binding ${stray}.`);
  const entries = bindings.map(({ name, binding }) => {
    const resource = resources[name];
    if (resource === undefined) throw new ShaderError(path, 0, '', `${path}: nothing is bound to ${name}.`);
    return { binding, resource };
  });
  return device.createBindGroup({ label: path, layout, entries });
}
