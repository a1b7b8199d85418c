import { defineConfig } from 'vitest/config';
import { corporaPlugin } from './src/corpus/library.ts';

export default defineConfig({
  // Relative, so that the built site works in any folder of any static host.
  base: './',
  plugins: [corporaPlugin()],
  worker: { format: 'es' },
  build: { target: 'es2023' },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/browser/setup.ts',
    // The browser's software adapter takes both cores of a small machine: side by side, tests would only wait longer.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
