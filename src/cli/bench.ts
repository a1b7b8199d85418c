/** `npm run bench`: the benchmark page's suite without the page. */

import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { bench, partsInNode } from '../benchmark/node.ts';
import { parseSize } from '../benchmark/sizes.ts';

const help = `npm run bench -- [options]

Measures this machine's engines: each kernel of a training step beside the device's ceilings, whole steps, and how they
grow. What other frameworks take is measured in a browser: npm start, then /benchmark/.

  --sizes S,M,96x512x64x100  Sizes S, M, L, or V×H×B×T. The curves start from the first. (S)
  --parts ${partsInNode.join(',')}  Which parts of the suite. (all of them)
  --engine webgpu|cpu        Only this engine.
  --threads n                How many threads the CPU engine has, at most.
  --plain                    The CPU engine without relaxed SIMD.
  --json                     Prints the JSON that the benchmark page opens.
  --help                     Shows this.`;

const options = {
  sizes: { type: 'string', default: 'S' },
  parts: { type: 'string', default: partsInNode.join(',') },
  engine: { type: 'string' },
  threads: { type: 'string' },
  plain: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** @throws RangeError if a list names what is not there */
function readParts(written: string): (typeof partsInNode)[number][] {
  return written.split(',').map((name) => {
    const part = partsInNode.find((part) => part === name.trim());
    if (part) return part;
    throw new RangeError(`--parts takes ${partsInNode.join(', ')}, not “${name}”.`);
  });
}

/** Dawn, if the npm package `webgpu` is there; else in a sentence why there is no WebGPU. */
async function dawn(): Promise<GPU | string> {
  try {
    const name = 'webgpu';
    const { create, globals } = await import(/* @vite-ignore */ name);
    Object.assign(globalThis, globals);
    return create([]);
  } catch {
    return 'There is no WebGPU without the npm package webgpu, which is optional.';
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  if (values.help) return console.log(help);
  const sizes = values.sizes.split(',').map(parseSize);
  const { engine: only, threads } = values;
  if (only !== undefined && only !== 'webgpu' && only !== 'cpu') {
    throw new RangeError(`--engine is webgpu or cpu, not “${only}”.`);
  }
  if (threads !== undefined && !/^[1-9]\d*$/.test(threads)) {
    throw new RangeError(`--threads is a whole number from 1, not “${threads}”.`);
  }
  // Node 20 has relaxed SIMD, behind this flag; later versions have it anyway.
  if (!values.plain) setFlagsFromString('--experimental-wasm-relaxed-simd');
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort());
  await bench(
    {
      assignment: { sizes, parts: readParts(values.parts) },
      gpu: await dawn(),
      equipment: {
        ...(only && { only }),
        cpu: { ...(threads && { threads: Number(threads) }), ...(values.plain && { relaxed: false }) },
      },
      json: values.json,
      signal: interruption.signal,
    },
    { print: (text) => console.log(text), tell: (text) => console.error(text) },
  );
}

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = error instanceof RangeError || error instanceof TypeError ? 2 : 1;
}
