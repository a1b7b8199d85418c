import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer, type Plugin } from 'vite';
import { expect, inject, it } from 'vitest';
import { type Results, readResults, type Summary } from '../../src/benchmark/results.ts';
import { clean, files, launch, type Visit, visit } from './visit.ts';

/** One framework that cannot be loaded, and one that trains another network. */
const peers: Readonly<Record<string, string>> = {
  'virtual:peers': 'export const installed = true;',
  'virtual:peers/jax': 'throw new Error("This peer is broken.");',
  'virtual:peers/tensorflow': 'export const prepare = async () => ({ step: async () => 9, close() {} });',
};

const plugin: Plugin = {
  name: 'test:peers',
  enforce: 'pre',
  resolveId: (id) => (id in peers ? `\0test:${id}` : undefined),
  load: (id) => (id.startsWith('\0test:') ? peers[id.slice('\0test:'.length)] : undefined),
};

async function serve(): Promise<string> {
  const cacheDir = mkdtempSync(join(files, 'vite-'));
  const server = await createServer({
    plugins: [plugin],
    cacheDir,
    server: { port: 0, hmr: false },
    logLevel: 'error',
  });
  clean.push(() => server.close());
  await server.listen();
  return `${server.resolvedUrls!.local[0]!}benchmark/`;
}

/** Chooses one size of one's own, and all parts. */
async function chooseLittle({ page }: Visit): Promise<void> {
  for (const box of await page.$$('#sizes input:checked')) await box.click();
  for (const box of await page.$$('#parts input:not(:checked)')) await box.click();
  for (const [letter, value] of Object.entries({ V: 8, H: 1, B: 1, T: 1 })) {
    await page.$eval(`#own-${letter}`, (input) => (input as HTMLInputElement).select());
    await page.type(`#own-${letter}`, String(value));
  }
}

/** Downloads the results. */
async function download(visitor: Visit): Promise<string> {
  const folder = mkdtempSync(join(files, 'saved-'));
  const devtools = await visitor.page.createCDPSession();
  await devtools.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder, eventsEnabled: true });
  const done = new Promise<void>((resolve) => {
    devtools.on('Browser.downloadProgress', ({ state }) => state === 'completed' && resolve());
  });
  await visitor.press(/^Download JSON$/);
  await done;
  const [name] = readdirSync(folder);
  return readFileSync(join(folder, name!), 'utf8');
}

async function compare({ page }: Visit, name: string, content: string): Promise<void> {
  const path = join(files, name);
  writeFileSync(path, content);
  const [chooser] = await Promise.all([page.waitForFileChooser(), page.click('#compare')]);
  await chooser.accept([path]);
}

/** The same, but three times as slow in all kernels, and with a winner that nobody else tries. */
function slower(results: Results): Results {
  const slow = ({ median, lower, upper, least, count }: Summary): Summary => ({
    median: 3 * median,
    lower: 3 * lower,
    upper: 3 * upper,
    least: 3 * least,
    count,
  });
  const kernels = results.kernels.map(({ dispatches, ...rest }) => ({
    ...rest,
    dispatches: dispatches.map((dispatch) => ({ ...dispatch, milliseconds: slow(dispatch.milliseconds) })),
  }));
  const tunings = results.tunings.map(({ tried, ...rest }) => {
    const winner = 'stepwise rows=4 parts=3 splits=2';
    return { ...rest, winner, tried: [...tried, { tuning: winner, milliseconds: 0.5 }] };
  });
  return { ...results, kernels, tunings };
}

const cells = ({ page }: Visit, table: string): Promise<string[][]> =>
  page.$$eval(`[aria-label^="${table}"] tbody tr`, (rows) =>
    rows.map((row) => [...row.children].map((cell) => cell.textContent ?? '')),
  );

it('The benchmark page measures, draws, exports, compares, and can be stopped', { timeout: 400_000 }, async () => {
  const browser = await launch();
  const visitor = await visit(browser, '', await serve());
  const { page } = visitor;
  page.setDefaultTimeout(240_000);
  await browser.defaultBrowserContext().setPermission(new URL(page.url()).origin, {
    permission: { name: 'clipboard-write' },
    state: 'granted',
  });

  await visitor.says('#status', /Ready/);
  expect(await visitor.text('#warning')).toContain('This adapter is no GPU');
  expect(
    await page.$$eval('#sizes input:checked', (boxes) => boxes.map((box) => (box as HTMLInputElement).name)),
  ).toEqual(['S']);
  expect(await page.$$eval('#parts input', (boxes) => boxes.map((box) => (box as HTMLInputElement).checked))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
  expect(await visitor.text('#estimate')).toMatch(/This takes/);
  expect(await visitor.text('#device')).toMatch(/swiftshader.*WebAssembly/is);
  expect(await visitor.accessibilityFindings()).toEqual([]);

  await visitor.type('#own-H', '0');
  expect(await visitor.text('#size-error')).toBe(
    'H, the number of hidden units, is a whole number from 1 to 65536, not 0.',
  );
  await chooseLittle(visitor);
  expect(await visitor.text('#size-error')).toBe('');
  await page.keyboard.press('Enter');
  await visitor.says('#status', /^Done/);

  const tunings = await cells(visitor, 'Ways of cutting up V 8, H 1, B 1, T 1; tried for');
  expect(tunings.length).toBeGreaterThan(3);
  expect(tunings[0]![0]).toMatch(/^whole-sequence rows=4 /);
  expect(tunings[0]!.at(-1)).toContain('the default');
  for (const [, time, , outcome] of tunings)
    expect(`${time} ${outcome}`).toMatch(/^(\d|– (slow|late|refused|not tried): )/);
  const winners = tunings.filter((row) => row.at(-1)!.startsWith('the winner'));
  expect(winners).toEqual([[expect.anything(), expect.stringMatching(/^[\d.]+$/), '1 ×', expect.anything()]]);
  const winner = winners[0]![0]!;
  expect(await visitor.text('#results-kernels-8×1×1×1 .lead')).toContain(`T 1, ${winner}; each dispatch by itself`);
  const kernels = await cells(visitor, `Kernels at 8×1×1×1, ${winner}`);
  const backward = winner.startsWith('stepwise') ? 'step-backward' : 'sequence-backward';
  expect(kernels.map(([, kernel]) => kernel)).toContain(backward);
  expect(kernels.at(-1)![1]).toBe('together');
  for (const row of kernels) expect(Number.parseFloat(row.at(-6)!)).toBeGreaterThan(0);
  expect((await page.$$('.roofline circle')).length).toBeGreaterThan(5);
  // Training and generation, each over T, B and H, each on the processor and by both of the GPU's strategies.
  expect((await page.$$('.curve-plot polyline')).length).toBe(18);
  const contenders = await cells(visitor, 'Side by side at');
  expect(contenders.map(([system, , time, , , problem]) => [system, problem || time])).toEqual([
    ['Sluice, webgpu', expect.stringMatching(/^[\d.]+ \[/)],
    ['Sluice, cpu', expect.stringMatching(/^[\d.]+ \[/)],
    ['jax-js, webgpu', 'This peer is broken.'],
    ['jax-js, wasm', 'This peer is broken.'],
    ['TensorFlow.js, webgpu', expect.stringContaining('does not train the same network')],
    ['TensorFlow.js, wasm', expect.stringContaining('does not train the same network')],
  ]);

  const json = await download(visitor);
  const results = readResults('saved.json', json);
  expect(results).toMatchObject({ complete: true, problems: [], environment: { adapter: { software: true } } });
  expect(results.tunings).toMatchObject([{ size: { V: 8, H: 1, B: 1, T: 1 }, winner }]);
  expect(results.steps[0]).toMatchObject({ engine: 'webgpu', task: 'training', tuning: winner });
  await visitor.press(/^Copy as Markdown$/);
  await visitor.says('#exchange-says', /Copied/);

  await compare(visitor, 'notes.json', '{"format": "other"}');
  await visitor.says(
    '#exchange-error',
    /^notes\.json is no benchmark of Sluice: its format is not “sluice-benchmark”\.$/,
  );
  await compare(visitor, 'theirs.json', JSON.stringify(slower(results)));
  await visitor.says('#exchange-says', /Compared with theirs\.json: google swiftshader/);
  const compared = await cells(visitor, 'Kernels at 8×1×1×1');
  for (const row of compared) expect(row.at(-1)).toBe('3 ×');
  expect(await page.$('.roofline .theirs')).not.toBeNull();
  expect(await cells(visitor, 'Ways of cutting up')).toContainEqual([
    ...['stepwise rows=4 parts=3 splits=2', '–', '–', '0.5', '–', 'the winner of theirs; not tried here'],
  ]);
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
  for (const width of [1280, 360]) {
    await page.setViewport({ width, height: 800 });
    expect(await visitor.accessibilityFindings()).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  }
  await visitor.press(/^Leave the comparison$/);
  expect((await cells(visitor, 'Kernels at'))[0]).toHaveLength(kernels[0]!.length);

  await visitor.press(/^Run$/);
  await visitor.says('#status', /^The tuner at 8×1×1×1/);
  await visitor.press(/^Cancel$/);
  await visitor.says('#status', /^Cancelled after 0 of \d+ tasks/);
  expect(await page.$('.roofline')).not.toBeNull();
  await page.click('#parts [name=tuning]');
  await visitor.press(/^Run$/);
  await visitor.says('#status', /Kernels at/);
  await visitor.press(/^Cancel$/);
  await visitor.says('#status', /^Cancelled after \d+ of \d+ tasks/);
  await visitor.press(/^Run$/);
  await visitor.says('#status', /ceilings|Kernels at/);
  await visitor.press(/^Cancel$/);
  expect(visitor.errors).toEqual([]);
});

it('Any network can be measured, and it is said of which framework there is none to compare it with', async () => {
  const visitor = await visit(await launch('none'), '', await serve());
  const { page } = visitor;
  await visitor.says('#status', /Ready/);
  await chooseLittle(visitor);
  await page.click('#parts [name=curves]');
  await page.select('#setting-cell', 'lstm');
  await visitor.says('#setting-cell-help', /nn\.LSTM/);
  await visitor.type('#setting-layers', '0');
  await visitor.says('#setting-layers-error', /Layers is a whole number from 1 to 16, not “0”\. 1 stays in force/);
  await visitor.type('#setting-layers', '2');
  await visitor.press(/^Run$/);
  await visitor.says('#status', /^Done/);
  const size = '8×1×1×1, LSTM, 2 layers';
  expect(await visitor.text('#results-problems li')).toBe(
    `Side by side at ${size}: of jax-js and TensorFlow.js there is no such network to compare with.`,
  );
  expect((await cells(visitor, `Phases on the CPU at ${size}`)).length).toBeGreaterThan(3);
  expect((await cells(visitor, 'Whole steps'))[0]!.slice(0, 2)).toEqual(['CPU', 'V 8, H 1, B 1, T 1, LSTM, 2 layers']);
  expect((await cells(visitor, 'Side by side at')).map(([system]) => system)).toEqual(['Sluice, cpu']);
  const { steps } = readResults('saved.json', await download(visitor));
  expect(steps[0]!.size).toEqual({ V: 8, H: 1, B: 1, T: 1, cell: 'lstm', layers: 2 });
  expect(await visitor.accessibilityFindings()).toEqual([]);
  expect(visitor.errors).toEqual([]);
});

it('Where no other framework is installed, the page says how to get them', async () => {
  const visitor = await visit(await launch('none'), '', `${inject('site')}benchmark/`);
  await visitor.says('#missing', /WebGPU found no graphics adapter/);
  expect(await visitor.text('#warning')).toBe('');
  // Nor is there anything to tune.
  expect(await visitor.page.$('#parts [name=tuning]:disabled')).not.toBeNull();
  const installed = await visitor.page.evaluate(() => document.querySelector('#peers-absent')?.hasAttribute('hidden'));
  if (!installed) expect(await visitor.text('#peers-absent')).toContain('npm ci --prefix benchmark');
});
