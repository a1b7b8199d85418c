import { join } from 'node:path';
import { createServer } from 'vite';
import { describe, expect, it } from 'vitest';
import { clean, files, launch, type Visit, visit } from './visit.ts';

const small = 'engine=cpu&hidden=12&batch=8&sequence=24&steps=1000000';

/** Watches from here on, frame by frame, whether a part of a section moves within it or changes its size. */
async function watchLayout({ page }: Visit, selector: string): Promise<() => Promise<string>> {
  await page.evaluate((selector) => {
    const parts = Array.from(document.querySelectorAll(`${selector} > *`)).filter((part) => part.checkVisibility());
    const layout = () => {
      const boxes = parts.map((part) => part.getBoundingClientRect());
      return boxes.map(({ top, height }) => `${(top - boxes[0]!.top).toFixed(0)} ${height.toFixed(0)}`).join();
    };
    const before = layout();
    Object.assign(window, { moved: '' });
    const look = () => {
      if (layout() !== before) Object.assign(window, { moved: `from ${before} to ${layout()}` });
      requestAnimationFrame(look);
    };
    look();
  }, selector);
  return () => page.evaluate(() => (window as unknown as { moved: string }).moved);
}

/** Waits until a sentence tells of another step, so many times. */
async function tellsOfMoreSteps(visitor: Visit, selector: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const [, step = ''] = /[Ss]tep ([\d,]+)/.exec(await visitor.text(selector)) ?? [];
    await visitor.says(selector, new RegExp(`At step (?!${step} )[\\d,]+ the network`));
  }
}

/** Puts the keyboard into an element, as the Tab key does. */
const focus = ({ page }: Visit, selector: string) => page.focus(selector);

const isHidden = ({ page }: Visit, selector: string) =>
  page.$eval(selector, (element) => !(element as HTMLElement).checkVisibility());

/** Unfolds the panels that look inside, and waits until each says what fits the data. */
async function seesInside(visitor: Visit, reach: RegExp, gates: RegExp): Promise<void> {
  await visitor.page.click('#reach > summary');
  await visitor.says('#reach-summary', reach);
  await visitor.says('#gates-summary', gates);
  expect(await visitor.text('#reach-problem')).toBe('');
  expect(await visitor.text('#gates-problem')).toBe('');
  expect(await isHidden(visitor, '#reber')).toBe(true);
}

describe('What a network predicts of its series', () => {
  it('is drawn while it trains, and by the keyboard from another row on', async () => {
    const visitor = await visit(await launch('none'), `dataset=noisy-sine&${small}`);
    const { page } = visitor;
    await visitor.says(
      '#prediction-summary',
      /^Untrained, the network predicts value over held-out rows 4,501 to 4,740, one row ahead, with an error of .* no less than the 0\.\d+ of persistence/,
    );
    expect(await isHidden(visitor, '#answers')).toBe(true);
    const error = () => page.$eval('#prediction-errors td', (cell) => Number(cell.textContent));
    const before = await error();
    await visitor.press(/^Train$/);
    await page.$eval('#prediction', (section) => section.scrollIntoView());
    await tellsOfMoreSteps(visitor, '#prediction-summary', 1);
    const moved = await watchLayout(visitor, '#prediction');
    await tellsOfMoreSteps(visitor, '#prediction-summary', 2);
    expect(await moved()).toBe('');
    expect(await error()).toBeLessThan(before / 2);
    await visitor.press(/^Pause$/);
    await visitor.says('#status', /Paused/);

    await page.$eval('#prediction', (section) => section.scrollIntoView());
    await focus(visitor, '#prediction-from');
    await page.keyboard.press('Home');
    await visitor.says('#prediction-summary', /by itself from row 4,501, .* over 120 rows/);
    await page.keyboard.press('End');
    await visitor.says('#prediction-summary', /by itself from row 4,740, .* over one row/);
    expect(await visitor.text('#prediction-from-said')).toBe('4,740');
    const chart = (await (await page.$('#prediction-chart'))!.boundingBox())!;
    await page.mouse.move(chart.x + chart.width - 14, chart.y + 100);
    await visitor.says('#prediction-reading', /^row 4,7[34]\d · measured .* · predicted /);

    await seesInside(visitor, /state 20 rows back/, /Over these 240 rows/);
    await visitor.type('#gates-place', '4990');
    await visitor.says('#gates-summary', /Over these 11 rows .* at row (4,99\d|5,000)/);
    expect(await isHidden(visitor, '#gates-text-field')).toBe(true);
    expect(await visitor.text('#reach-table thead th')).toBe('Rows back');
    expect(await visitor.accessibilityFindings()).toEqual([]);
    expect(visitor.errors).toEqual([]);
  });

  it('is of the variable that is chosen', async () => {
    const server = await createServer({
      server: { port: 0, hmr: false },
      logLevel: 'error',
      cacheDir: join(files, 'vite-of-two'),
      plugins: [
        {
          name: 'measure-two-variables',
          enforce: 'pre',
          transform: (code, id) =>
            id.includes('generated/sine.ts')
              ? code.replace(
                  "[{ name: 'value', values }]",
                  "[{ name: 'low', values }, { name: 'high', values: values.map((value) => 100 + value) }]",
                )
              : code,
        },
      ],
    });
    await server.listen();
    clean.push(() => server.close());
    const visitor = await visit(await launch('none'), `dataset=noisy-sine&${small}`, server.resolvedUrls!.local[0]!);
    await visitor.says('#prediction-summary', /predicts low over/);
    await visitor.page.select('#prediction-variable', 'high');
    await visitor.says('#prediction-summary', /predicts high over/);
    expect(await visitor.text('#prediction-errors caption')).toMatch(/in the unit of high$/);
    expect(visitor.errors).toEqual([]);
  });
});

describe('What a network makes of samples', () => {
  it('is a table of confusion and some of them, letter by letter, while it trains', async () => {
    const visitor = await visit(await launch('none'), `dataset=names&${small}`);
    const { page } = visitor;
    await visitor.says(
      '#answers-summary',
      /^Untrained, the network takes \d+\.\d\s% of 1,000 held-out samples for what/,
    );
    expect(await visitor.text('#answers-heading')).toBe('What it takes them for');
    expect(await isHidden(visitor, '#prediction')).toBe(true);
    await visitor.press(/^Train$/);
    await page.$eval('#answers', (section) => section.scrollIntoView());
    await tellsOfMoreSteps(visitor, '#answers-summary', 1);
    const moved = await watchLayout(visitor, '#answers');
    await tellsOfMoreSteps(visitor, '#answers-summary', 2);
    expect(await moved()).toBe('');
    await visitor.press(/^Pause$/);
    await visitor.says('#status', /Paused/);
    await page.$eval('#answers', (section) => section.scrollIntoView());
    await tellsOfMoreSteps(visitor, '#answers-summary', 0);
    await visitor.says('#answers-summary', new RegExp(`At step ${(await visitor.step()).toLocaleString('en')} `));

    const counts = await page.$$eval('#answers-table tbody td', (cells) =>
      cells.map((cell) => Number(cell.textContent)),
    );
    expect(counts).toHaveLength(16);
    expect(counts.reduce((a, b) => a + b)).toBe(1000);
    const right = [0, 5, 10, 15].reduce((sum, i) => sum + counts[i]!, 0);
    expect(await visitor.text('#answers-score')).toBe(`${(right / 10).toFixed(1)}\u00a0% right`);

    const strip = () => page.$eval('#answers-samples li', (item) => item.textContent!);
    const word = await page.$$eval('#answers-samples li:first-child thead th', (heads) => heads.length - 1);
    expect(await strip()).toMatch(new RegExp(`^“\\w{${word}}” is “\\w+” `));
    expect(await page.$$eval('#answers-samples li:first-child td.right', (cells) => cells.length)).toBe(1);
    const first = await strip();
    await focus(visitor, '#answers-others');
    await page.keyboard.press('Enter');
    await page.waitForFunction(
      (first) => document.querySelector('#answers-samples li')?.textContent !== first,
      {},
      first,
    );
    await seesInside(visitor, /characters back/, /Over these \d+ characters/);
    await visitor.type('#gates-text', 'mitoma');
    await visitor.says('#gates-summary', /Over these 6 characters/);
    expect(await visitor.accessibilityFindings()).toEqual([]);
    expect(visitor.errors).toEqual([]);
  });

  it('is how far off its numbers are', async () => {
    const visitor = await visit(await launch('none'), 'dataset=adding&engine=cpu&hidden=8&batch=8&steps=2');
    const { page } = visitor;
    await visitor.says(
      '#answers-summary',
      /answers to 1,000 held-out samples: sum with an error of .*, where whoever always says the mean makes one of 0\.4/,
    );
    expect(await visitor.text('#answers-heading')).toBe('What it answers');
    const rows = await page.$$eval('#answers-table tbody tr', (rows) =>
      rows.map((row) => Array.from(row.querySelectorAll('td'), (cell) => Number(cell.textContent!.replace('−', '-')))),
    );
    expect(rows).toHaveLength(4);
    for (const [timesteps, wanted, answer, off] of rows) {
      expect(timesteps).toBe(100);
      expect(answer! - wanted!).toBeCloseTo(off!, 2);
    }
    await seesInside(visitor, /timesteps back/, /Over these 100 timesteps/);
    await visitor.says('#gates-value', /^timestep 1 · number 0\.\d+ · mark [01] · unit/);

    // Another kind of data has a panel of its own.
    await visitor.choose('noisy-sine');
    await page.waitForSelector('#prediction', { visible: true });
    await page.$eval('#prediction', (section) => section.scrollIntoView());
    await visitor.says('#prediction-summary', /the network predicts value/);
    expect(await isHidden(visitor, '#answers')).toBe(true);
    await visitor.choose('field-notes');
    await page.waitForSelector('#prediction', { hidden: true });
    expect(await visitor.accessibilityFindings()).toEqual([]);
    expect(visitor.errors).toEqual([]);
  });

  it.each([
    ['noisy-sine', 'prediction', 'dark', 390],
    ['copying', 'answers', 'dark', 390],
    ['copying', 'answers', 'light', 1440],
  ] as const)(
    'and of a series has no accessibility finding and does not scroll the page sideways: %s, %s, %s, %i',
    async (dataset, panel, theme, width) => {
      const visitor = await visit(await launch('none'), `dataset=${dataset}&engine=cpu&hidden=8&batch=8&sequence=16`);
      const { page } = visitor;
      await page.setViewport({ width, height: 800 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
      await visitor.says('#status', /Ready/);
      await page.$eval(`#${panel}`, (section) => section.scrollIntoView());
      await visitor.says(`#${panel}-summary`, /^Untrained/);
      expect(await visitor.accessibilityFindings()).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      // What scrolls sideways is reached by the keyboard.
      const unreached = await page.$$eval(`#${panel} .scrolls`, (regions) =>
        regions.filter((region) => region.scrollWidth > region.clientWidth && (region as HTMLElement).tabIndex < 0),
      );
      expect(unreached).toEqual([]);
    },
  );
});
