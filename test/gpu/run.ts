/**
 * `npm run test:gpu`: the tests of the WebGPU engine, on the graphics hardware of this machine or not at all.
 *
 *     npm run test:gpu -- [--dawn] [--adapter]
 */

import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';
import { adapterInChrome, adapterInDawn } from './adapter.ts';

const help = `npm run test:gpu -- [--dawn] [--adapter]
Runs the tests of the WebGPU engine on this machine’s graphics hardware, in Chrome.
  --dawn     in Node instead, through Dawn: needs no browser
  --adapter  only says which adapter that is`;

const options = {
  dawn: { type: 'boolean', default: false },
  adapter: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Where tests lie that run on WebGPU, among others. */
const folders = ['test/engine/', 'test/check/'];

async function testOnHardware(): Promise<void> {
  const { values } = parseArgs({ options });
  if (values.help) return console.log(help);
  const adapter = await (values.dawn ? adapterInDawn() : adapterInChrome());
  if (typeof adapter === 'string') throw new Error(`${adapter} docs/gpu-testing.md says what a machine needs.`);
  console.log(`WebGPU adapter, through ${values.dawn ? 'Dawn' : 'Chrome'}: ${adapter.device}`);
  if (adapter.software) {
    throw new Error('This adapter emulates a GPU on the processor. docs/gpu-testing.md says what a real one needs.');
  }
  if (values.adapter) return;
  const vitest = await startVitest('test', folders, {
    run: true,
    provide: { webgpu: values.dawn ? 'dawn' : 'hardware' },
    testNamePattern: 'WebGPU in',
  });
  await vitest.close();
}

try {
  await testOnHardware();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}
