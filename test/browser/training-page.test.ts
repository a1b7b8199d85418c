import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Browser } from 'puppeteer';
import { createServer } from 'vite';
import { describe, expect, it } from 'vitest';
import { recipesFor } from '../../src/training/recipes.ts';
import { clean, files, launch, visit } from './visit.ts';

/** Small enough for a software adapter, large enough to learn. */
const small = 'hidden=32&batch=8&sequence=24&engine=webgpu';

/** Ends the browser's GPU process, as a driver that crashes does. */
function killGraphics(browser: Browser): void {
  const processes = execFileSync('ps', ['-eo', 'pid,ppid,args'], { encoding: 'utf8' }).split('\n');
  const rows = processes.map((line) => line.trim().split(/\s+/));
  const family = new Set([String(browser.process()!.pid)]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const [pid, parent] of rows) if (family.has(parent!)) family.add(pid!);
  }
  const graphics = rows.find(([pid, , ...args]) => family.has(pid!) && args.includes('--type=gpu-process'));
  process.kill(Number(graphics![0]), 'SIGKILL');
}

const story = 'The cat sat on the mat. The dog sat on the log. The owl sat on the bowl.\n'.repeat(80);

describe('The training page', () => {
  it('takes a newcomer from the first visit through everything that can happen', { timeout: 600_000 }, async () => {
    const browser = await launch();
    const visitor = await visit(browser, 'engine=webgpu');
    const { page } = visitor;
    await visitor.says('#status', /Ready to train/);
    await visitor.says('#readouts', /bits per character/);
    expect(await visitor.text('#engine')).toMatch(/WebGPU.*swiftshader/i);

    // Learning, until it knows more than how often each character comes.
    await visitor.press(/^Train$/);
    const [, level] =
      /([\d.]+)\D*$/.exec(await visitor.says('#chart-levels-single-characters, .loss', /frequencies/)) ?? [];
    expect(level).toBeDefined();
    await visitor.says('#chart-summary', /beats (the )?(character frequencies|n-gram|every simpler)/);

    await visitor.press(/^Pause$/);
    await visitor.says('#status', /Paused at step/);
    const paused = await visitor.step();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await visitor.step()).toBe(paused);

    await visitor.press(/^One step$/);
    await visitor.says('#status', new RegExp(`Paused at step ${paused + 1}`));

    await visitor.press(/^Train$/);
    await visitor.reaches(paused + 4);
    const step = await visitor.step();
    await visitor.press(/^Write now$/);
    await page.waitForFunction(
      (step) => {
        const [, written] = /Step ([\d,]+):/.exec(document.querySelector('#passage-of')!.textContent!) ?? [];
        return written !== undefined && Number(written.replaceAll(',', '')) >= step;
      },
      {},
      step,
    );

    // A smaller network for another text.
    await visitor.type('[name=hidden]', '32');
    // The notice moves what is below it from under a pointer.
    await visitor.says('#notices', /Hidden units 32/);
    await visitor.open('story.txt', story);
    await visitor.says('#notices', /in effect when you start afresh/);
    await visitor.press(/Start afresh with this/);
    // On a slow machine there is enough to lose by now for the page to ask.
    if (await page.$('#confirm-dialog[open]')) await page.click('#confirm-afresh');
    await visitor.says('#readout-fact-0', /\b18\b/);
    await visitor.reaches(20);

    // A bad one changes nothing.
    await visitor.open('broken.txt', Uint8Array.of(0x54, 0x68, 0xff, 0xfe, 0x65));
    await visitor.says('#notices', /broken\.txt.*UTF-8/);
    const before = await visitor.step();
    await visitor.reaches(before + 5);

    // The device goes away.
    killGraphics(browser);
    await visitor.says('#notices', /The device went away/);
    const [, kept] = /Continue from step ([\d,]+)/.exec(await visitor.text('#notices')) ?? [];
    await visitor.press(/Continue from step/);
    await visitor.says('#status', /Training: step/);
    await visitor.reaches(Number(kept!.replaceAll(',', '')) + 10);
    expect(visitor.errors).toEqual([]);
  });

  it('stops before a number that is not finite reaches the weights, and goes back', async () => {
    const visitor = await visit(await launch(), small);
    await visitor.says('#status', /Ready/);
    await visitor.press(/^Train$/);
    await visitor.reaches(5);
    await visitor.type('[name=learningRate]', '1e38');
    const notice = await visitor.says('#notices', /A number was not finite/);
    expect(notice).toMatch(/At step \d+ it showed in the (loss|gradient)/);
    await visitor.press(/Go back to step .* with learning rate 0\.005/);
    await visitor.says('#status', /Training: step/);
    await visitor.reaches(20);
    // The weights are sound again: guessing blindly would take 5.8 bits.
    expect(Number(await visitor.text('#readout-loss-bits'))).toBeLessThan(6);
    expect(visitor.errors).toEqual([]);
  });

  it('says what a shader’s compiler refuses, with the line, and offers another engine', async () => {
    const server = await createServer({
      server: { port: 0, hmr: false },
      logLevel: 'error',
      cacheDir: join(files, 'vite'),
      plugins: [
        {
          name: 'break-a-shader',
          enforce: 'pre',
          transform: (code, id) =>
            id.includes('sequence-forward.wgsl') ? code.replace('workgroupBarrier', 'workgroupBarier') : code,
        },
      ],
    });
    await server.listen();
    clean.push(() => server.close());
    const visitor = await visit(await launch(), small, server.resolvedUrls!.local[0]!);
    const notice = await visitor.says('#notices', /shaders\/sequence-forward\.wgsl, line \d+/);
    expect(notice).toContain('workgroupBarier();');
    await visitor.press(/Train on the CPU engine/);
    await visitor.says('#status', /Ready/);
    await visitor.press(/^One step$/);
    await visitor.says('#status', /Paused at step 1 /);
  });

  it('trains on the processor where there is no WebGPU, and says why', async () => {
    const visitor = await visit(await launch('none'), 'hidden=8&batch=2&sequence=8&steps=1000000');
    await visitor.says('#status', /Ready/);
    expect(await visitor.text('#engine-facts')).toMatch(/no WebGPU|no graphics adapter/);
    expect(await visitor.text('#engine')).toMatch(/CPU.*WebAssembly with relaxed SIMD, \d+ thread/);
    await visitor.press(/^Train$/);
    await visitor.reaches(3);
    await visitor.press(/^Pause$/);
    await visitor.says('#status', /Paused/);
    expect(visitor.errors).toEqual([]);
  });

  it('trains with one thread where the server does not isolate the page, and says so', async () => {
    const headers = { 'Cross-Origin-Opener-Policy': 'unsafe-none', 'Cross-Origin-Embedder-Policy': 'unsafe-none' };
    const server = await createServer({
      server: { port: 0, hmr: false, headers },
      logLevel: 'error',
      cacheDir: join(files, 'vite-plain'),
    });
    await server.listen();
    clean.push(() => server.close());
    const visitor = await visit(
      await launch('none'),
      'engine=cpu&hidden=8&batch=8&sequence=8',
      server.resolvedUrls!.local[0]!,
    );
    await visitor.says('#status', /Ready/);
    expect(await visitor.text('#engine')).toMatch(/1 thread \(the page is not isolated from other origins\)/);
    await visitor.press(/^One step$/);
    await visitor.says('#status', /Paused at step 1 /);
    expect(visitor.errors).toEqual([]);
  });

  it('trains with one thread where a policy forbids workers from blobs, and says so', async () => {
    const headers = {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
      'Content-Security-Policy': "worker-src 'self'",
    };
    const server = await createServer({
      server: { port: 0, hmr: false, headers },
      logLevel: 'error',
      cacheDir: join(files, 'vite-strict'),
    });
    await server.listen();
    clean.push(() => server.close());
    const visitor = await visit(
      await launch('none'),
      'engine=cpu&hidden=8&batch=8&sequence=8&steps=20',
      server.resolvedUrls!.local[0]!,
    );
    await visitor.says('#status', /Ready/);
    expect(await visitor.text('#engine')).toMatch(/1 thread \(workers are forbidden here\)/);
    await visitor.press(/^Train$/);
    await visitor.says('#status', /Finished after 20 steps/);
    await visitor.says('#passage', /The /);
    expect(visitor.errors).toEqual([]);
  });

  it('prefers the processor to a GPU that is emulated on it', async () => {
    const visitor = await visit(await launch(), 'hidden=8&batch=2&sequence=8&steps=1000000');
    await visitor.says('#status', /Ready/);
    expect(await visitor.text('#engine-facts')).toMatch(/emulates a GPU/);
    expect(await visitor.text('#engine')).toMatch(/CPU/);
  });

  it('says in one sentence that the engine asked for is not to be had', async () => {
    const visitor = await visit(await launch('none'), 'engine=webgpu&hidden=8');
    await visitor.says('#notices', /The network could not be prepared.*(no WebGPU|no graphics adapter)/);
  });

  it('keeps a network that does not fit out, with the limit’s name', async () => {
    const visitor = await visit(await launch(), 'engine=webgpu&hidden=60000');
    await visitor.says('#notices', /maxBufferSize is \d+/);
    await visitor.type('[name=hidden]', '16');
    await visitor.says('#status', /Ready/);
  });

  it('cuts up its work as it is told, and refuses a line that says nothing without losing anything', async () => {
    const tiny = 'hidden=8&batch=4&sequence=8';
    const visitor = await visit(await launch(), `${tiny}&engine=webgpu&tuning=stepwise`);
    await visitor.says('#status', /Ready/);
    const facts = await visitor.says(
      '#engine-facts',
      /Cut up as\s*stepwise rows=4 parts=1 sums=workgroup weights=f32 splits=\d+/,
    );
    await visitor.press(/^One step$/);
    await visitor.says('#status', /Paused at step 1 /);

    await visitor.type('[name=tuning]', 'stepwise rows=few');
    await visitor.says(
      '#setting-tuning-error',
      /stepwise takes rows, parts, sums, weights, splits, .* not “rows=few”.* stays in force/,
    );
    await visitor.type('[name=tuning]', 'fast');
    await visitor.says(
      '#setting-tuning-error',
      /Tuning is auto, measure, or begins with .*, not “fast”\. stepwise stays/,
    );
    expect(new URL(visitor.page.url()).searchParams.get('tuning')).toBe('stepwise');
    expect(await visitor.text('#engine-facts')).toBe(facts);
    await visitor.press(/^One step$/);
    await visitor.says('#status', /Paused at step 2 /);

    // Another way is another network, which waits until the person has done with this one.
    await visitor.type('[name=tuning]', 'whole-sequence rows=1');
    await visitor.says('#notices', /Tuning whole-sequence rows=1: in effect when you start afresh/);
    await visitor.press(/Start afresh with this/);
    await visitor.says('#engine-facts', /Cut up as\s*whole-sequence rows=1 /);

    await visitor.page.select('[name=engine]', 'cpu');
    await visitor.says('#engine', /CPU/);
    await visitor.says('#setting-tuning-pending', /Only WebGPU takes notice of it/);
    expect(visitor.errors).toEqual([]);
  });

  it('measures how it is fastest when it is asked to, on what emulates a GPU too', async () => {
    const visitor = await visit(await launch(), 'hidden=4&batch=1&sequence=4&engine=webgpu&tuning=measure&steps=3');
    await visitor.says('#engine-facts', /Cut up as\s*(stepwise|whole-sequence)/);
    await visitor.press(/^Train$/);
    await visitor.says('#status', /Preparing the network\. Training starts when it is ready/);
    await visitor.says('#status', /Finished after 3 steps/);
    expect(visitor.errors).toEqual([]);
  });

  it('offers recipes, says how long each takes on this machine, and follows the one that is chosen', async () => {
    const visitor = await visit(await launch('none'), 'seed=7');
    const { page } = visitor;
    await visitor.says('#status', /Ready/);
    const chosen = () => page.$eval('[name=recipe]:checked', (radio) => (radio as HTMLInputElement).value);
    const value = (name: string) => page.$eval(`[name=${name}]`, (field) => (field as HTMLInputElement).value);
    expect(await chosen()).toBe('quick');
    await visitor.says('#recipes', /^RecipeQuick ~\d.*Good ~\d/);
    const good = recipesFor({ kind: 'text', builtIn: 'field-notes' }).get('good')!;
    await page.focus('#recipe-quick');
    await page.keyboard.press('ArrowRight');
    expect(await chosen()).toBe('good');
    for (const name of ['weightDecay', 'hidden', 'dropout', 'leadIn'] as const) {
      expect(await value(name)).toBe(`${good[name]}`);
    }
    expect(await value('seed')).toBe('7');
    const { searchParams } = new URL(page.url());
    expect(searchParams.get('hidden')).toBe(String(good.hidden));
    // The times are not lost with the network that they were measured beside.
    await visitor.says('#status', /Ready/);
    await visitor.says('#recipes', /Good ~\d/);
    await page.$eval('#more', (details) => details.setAttribute('open', ''));
    await visitor.type('[name=averaging]', '0.5');
    expect(await page.$('[name=recipe]:checked')).toBeNull();
    await page.click('#data-names');
    await page.waitForFunction(() => document.querySelector('#recipes')!.checkVisibility() === false);
    expect(visitor.errors).toEqual([]);
  });

  it('is its address', async () => {
    const visitor = await visit(await launch(), `${small}&temperature=0.3&seed=oops&schedule=constant`);
    await visitor.says('#notices', /Seed is a whole number .*, not “oops”/);
    const value = (name: string) => visitor.page.$eval(`[name=${name}]`, (field) => (field as HTMLInputElement).value);
    expect(await value('hidden')).toBe('32');
    expect(await value('temperature')).toBe('0.3');
    expect(await value('schedule')).toBe('constant');
    expect(await value('seed')).toBe('1');
    await visitor.type('[name=temperature]', '0.7');
    await visitor.type('[name=steps]', '77');
    const search = new URL(visitor.page.url()).searchParams;
    expect(search.get('steps')).toBe('77');
    expect(search.has('temperature')).toBe(false);
  });

  it('can be used with the keyboard alone', async () => {
    const visitor = await visit(await launch(), small);
    await visitor.says('#status', /Ready/);
    const focused = () => visitor.page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
    for (let i = 0; (await focused()) !== 'Train'; i++) {
      expect(i).toBeLessThan(10);
      await visitor.page.keyboard.press('Tab');
    }
    await visitor.page.keyboard.press('Enter');
    await visitor.reaches(3);
    await visitor.page.keyboard.press('Enter');
    await visitor.says('#status', /Paused/);
  });

  it.each([
    ['light', 1600],
    ['dark', 1600],
    ['light', 360],
    ['dark', 360],
  ] as const)('has no accessibility finding and does not scroll sideways: %s, %i pixels', async (theme, width) => {
    const visitor = await visit(await launch(), small);
    const { page } = visitor;
    await page.setViewport({ width, height: 800 });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
    await visitor.says('#status', /Ready/);
    expect(await visitor.accessibilityFindings()).toEqual([]);
    await visitor.press(/^Train$/);
    await visitor.reaches(10);
    await visitor.press(/^Write now$/);
    await visitor.says('#passage', /The /);
    expect(await visitor.accessibilityFindings()).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
});
