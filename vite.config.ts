import { defineConfig } from 'vitest/config';
import { peersPlugin } from './src/benchmark/peers-plugin.ts';
import { corporaPlugin } from './src/data/library.ts';
import { cpuEnginePlugin } from './src/engine/cpu/plugin.ts';
import { shadersPlugin } from './src/engine/webgpu/plugin.ts';
import { webpagePlugin } from './src/interop/webpage/plugin.ts';
import { isolationPlugin } from './src/page/isolation-plugin.ts';

/** What isolates a page from other origins, so that its threads may share memory. Workers' scripts need it as well. */
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

const pages = ['index.html', 'benchmark/index.html'];

export default defineConfig({
  // Relative, so that the built site works in any folder of any static host.
  base: './',
  plugins: [
    corporaPlugin(),
    cpuEnginePlugin(),
    shadersPlugin(),
    webpagePlugin(),
    peersPlugin(),
    isolationPlugin(pages),
  ],
  worker: { format: 'es', plugins: () => [cpuEnginePlugin(), shadersPlugin(), webpagePlugin(), peersPlugin()] },
  // What workers import is found too late by itself: the page that asked for it would be loaded anew.
  optimizeDeps: {
    include: ['@noble/hashes/sha2.js', '@noble/hashes/utils.js', 'idb-keyval', 'papaparse', 'pbf', 'uplot'],
    noDiscovery: true,
  },
  server: { headers },
  preview: { headers },
  build: {
    target: 'es2023',
    // Every browser that is new enough for the rest has it.
    modulePreload: { polyfill: false },
    outDir: 'dist/site',
    rolldownOptions: { input: pages },
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/browser/setup.ts',
    provide: { webgpu: 'software' },
    // The browser's software adapter takes both cores of a small machine: side by side, tests would only wait longer.
    fileParallelism: false,
    // Where others work on the same machine, a page may wait longer than anybody would sit before it.
    retry: process.env['CI'] ? 1 : 0,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
