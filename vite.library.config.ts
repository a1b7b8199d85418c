import { defineConfig } from 'vite';
import { cpuEnginePlugin } from './src/engine/cpu/plugin.ts';
import { webpagePlugin } from './src/interop/webpage/plugin.ts';

/** The package: the same modules for browsers and Node, with nothing beside them that would have to be loaded. */
export default defineConfig({
  plugins: [cpuEnginePlugin(), webpagePlugin()],
  publicDir: false,
  build: {
    outDir: 'dist/library',
    target: 'es2023',
    // Whoever bundles it for a page makes it small; until then, an error should name its place.
    minify: false,
    license: { fileName: 'dependencies/licences.md' },
    lib: { entry: 'src/index.ts', formats: ['es'] },
    rolldownOptions: {
      output: {
        // A file for each module, so that who needs one of them gets no more.
        preserveModules: true,
        preserveModulesRoot: 'src',
        // A package's own `node_modules` would not be packed.
        entryFileNames: ({ name }) => `${name.replace('node_modules', 'dependencies').replace(/_raw$/, '')}.js`,
      },
    },
  },
});
