import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, it } from 'vitest';

/**
 * What the training page may weigh, in bytes of gzip: its own code, style, workers, and the heavier of the two engines, of
 * which a visitor gets one: shaders and what runs them, or threads and one of four builds of WebAssembly; no texts.
 * Libraries, and what is fetched only when it is asked for, are told apart: the check of the engines, when its button is
 * pressed, the reference engine, which hardly anybody computes with, what computes where threads are forbidden, what opens, fetches
 * and writes model files, with a reader and a writer for each format, the table and the curves of runs that are kept, panels with
 * what looks into a network (that of the gates is in sight from the start, and comes when the rest is there), the matching
 * experiment and what it has found, what reads files and the book, asks about tables, and learns other data than texts.
 */
const budget = 110_000;

/** What the names of files begin with that are fetched only when they are asked for. */
const onDemandParts = [
  'wanted',
  'save',
  'adding',
  'answers',
  'as-you-like-it',
  'batches',
  'british-places',
  'check-worker',
  'cookbook',
  'copying',
  'expectation',
  'experiment',
  'included',
  'interop',
  'layer-choice',
  'linked-model',
  'look',
  'matching',
  'model-file-worker',
  'model-files',
  'most-units',
  'nursery-rhymes',
  'open-worker',
  'opening',
  'panel',
  'peoples',
  'pieces',
  'places',
  'prediction',
  'reach',
  'read-back',
  'reading',
  'reber',
  'recipe-times',
  'reference',
  'results',
  'serve',
  'shuffle',
  'sine',
  'split',
  'table-question',
  'task',
  'text',
  'timestep',
  'trace',
  'variables',
  'watch',
  'words',
  'work',
];

it('The training page stays within its budget, and knows nothing of the benchmark’s peers', async () => {
  const files = await buildSite();
  const page = loadedBy('index.html', files);
  const heaviest = page.filter(isWebAssembly).toSorted((a, b) => weight(files.get(b)!) - weight(files.get(a)!))[0];
  const cpuEngine = page.filter((name) => name === heaviest || /^assets\/_virtual_cpu-worker-/.test(name));
  const webgpuEngine = page.filter((name) => /^assets\/(session|measure-tunings)-/.test(name));
  expect([cpuEngine, webgpuEngine].map(({ length }) => length)).toEqual([2, 2]);
  const heavier = [cpuEngine, webgpuEngine].toSorted((a, b) => together(b, files) - together(a, files))[0]!;
  const engines = [...page.filter(isWebAssembly), ...cpuEngine, ...webgpuEngine];
  const visited = page.filter((name) => !engines.includes(name) || heavier.includes(name));
  const weights = visited.map((name) => [name, weight(files.get(name)!)] as const);
  const sum = (all: typeof weights) => all.reduce((total, [, weight]) => total + weight, 0);
  const own = sum(weights.filter(([name]) => !name.includes(libraries) && !isOnDemand(name)));
  const onDemand = page.filter(isOnDemand);
  for (const part of onDemandParts) {
    expect(onDemand.filter((name) => name.startsWith(`assets/${part}-`)).length, part).toBeGreaterThan(0);
  }
  // Nothing that every visitor gets brings them along.
  for (const name of page.filter((name) => name.endsWith('.js') && !isOnDemand(name) && !webgpuEngine.includes(name))) {
    const brought =
      files
        .get(name)!
        .toString('latin1')
        .match(/from"[^"]*"|import"[^"]*"/g) ?? [];
    for (const other of [...onDemand, ...webgpuEngine])
      expect(brought.join()).not.toContain(other.slice('assets/'.length));
  }
  const rows = weights
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, weight]) => `${String(weight).padStart(8)}  ${name}`);
  console.log(
    `The training page, in bytes of gzip:\n${rows.join('\n')}\n${String(sum(weights)).padStart(8)}  together; ${own} its own, of ${budget}`,
  );

  // What it cannot do without was found.
  const everything = page.map((name) => files.get(name)!.toString('latin1')).join('\n');
  for (const part of ['@compute', 'WebAssembly.instantiate', 'new Worker', 'Train']) expect(everything).toContain(part);
  expect(page.some((name) => name.endsWith('.css'))).toBe(true);
  // What is taken for free of effects is left out of a build: an empty script is a worker that would never answer.
  expect(page.filter((name) => name.endsWith('.js') && files.get(name)!.length === 0)).toEqual([]);
  expect(page.filter(isWebAssembly)).toHaveLength(4);
  expect(everything).not.toContain('sluice-benchmark');
  expect(own).toBeLessThan(budget);
});

const weight = (content: Buffer) => gzipSync(content, { level: 9 }).length;

/** The weight of some files. */
const together = (names: readonly string[], files: ReadonlyMap<string, Buffer>) =>
  names.reduce((sum, name) => sum + weight(files.get(name)!), 0);

/** Whether a file is a build of the CPU engine's kernels. */
const isWebAssembly = (name: string) => /^assets\/(plain|relaxed)(-shared)?-/.test(name);

/** Whether a file is fetched only when it is asked for. */
const isOnDemand = (name: string) => onDemandParts.some((part) => name.startsWith(`assets/${part}-`));

/** Whether a module reads or writes one of the formats of others. */
const isOfFormat = (id: string) => /\/interop\/\w+\//.test(id);

/** The name of the files that hold what is from others. */
const libraries = 'libraries';

/** The site, built afresh: each file by its name. */
async function buildSite(): Promise<ReadonlyMap<string, Buffer>> {
  const output = {
    codeSplitting: { groups: [{ name: libraries, test: /node_modules/ }] },
    chunkFileNames: ({ name, moduleIds }: { readonly name: string; readonly moduleIds: readonly string[] }) =>
      moduleIds.some((id) => id.includes('/engine/reference/'))
        ? 'assets/reference-[hash].js'
        : `assets/${moduleIds.some(isOfFormat) ? 'interop-' : ''}${name}-[hash].js`,
  };
  const built = await build({
    logLevel: 'error',
    worker: { rolldownOptions: { output } },
    build: { write: false, rolldownOptions: { output } },
  });
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((result) =>
    'output' in result ? result.output : [],
  );
  return new Map(
    outputs.map((file) => [file.fileName, Buffer.from(file.type === 'chunk' ? file.code : file.source)] as const),
  );
}

/** A page and every file that it names, or that one of those names, sooner or later. */
function loadedBy(page: string, files: ReadonlyMap<string, Buffer>): readonly string[] {
  const found = [page];
  for (const name of found) {
    const text = files.get(name)!.toString('latin1');
    for (const other of files.keys()) {
      if (other.startsWith('assets/') && !found.includes(other) && text.includes(other.slice('assets/'.length)))
        found.push(other);
    }
  }
  return found;
}
