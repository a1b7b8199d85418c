import * as ort from 'onnxruntime-web';

ort.env.wasm.numThreads = 1;
// It warns of what exporters leave in their graphs.
ort.env.logLevel = 'error';

/** Numbers in a shape, as they go into ONNX Runtime and come out of it. */
export interface Numbers {
  readonly dims: readonly number[];
  readonly data: Float32Array | Uint32Array;
}

/**
 * What ONNX Runtime makes of a model.
 *
 * @param feeds what goes in; whole numbers as int64
 */
export async function runOnnx(
  model: Uint8Array,
  feeds: Readonly<Record<string, Numbers>>,
): Promise<Record<string, { readonly dims: readonly number[]; readonly data: Float32Array }>> {
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3 });
  try {
    const tensors = Object.entries(feeds).map(([name, { dims, data }]) => [
      name,
      data instanceof Float32Array
        ? new ort.Tensor('float32', data, dims)
        : new ort.Tensor('int64', BigInt64Array.from(data, BigInt), dims),
    ]);
    const results = await session.run(Object.fromEntries(tensors));
    return Object.fromEntries(
      Object.entries(results).map(([name, { dims, data }]) => [name, { dims, data: data as Float32Array }]),
    );
  } finally {
    await session.release();
  }
}
