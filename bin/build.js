import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Builds `dist/cli.js`, which holds all that it needs but the optional package `webgpu`. */
export const buildCommandLine = () =>
  build({
    root: fileURLToPath(new URL('..', import.meta.url)),
    logLevel: 'error',
    ssr: { noExternal: true, external: ['webgpu'] },
    build: {
      ssr: 'src/cli/main.ts',
      outDir: 'dist',
      emptyOutDir: false,
      copyPublicDir: false,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'cli.js', codeSplitting: false } },
    },
  });

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildCommandLine();
