import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { files, launch, type Visit, visit } from './visit.ts';

/** Small enough to be quick, large enough to have learned something after some hundred steps. */
const small = 'hidden=32&batch=8&sequence=32&engine=cpu&steps=1000000';

async function choose(visitor: Visit, values: Readonly<Record<string, number>>): Promise<void> {
  await visitor.comeToMatching();
  for (const [name, value] of Object.entries(values)) await visitor.type(`[name=matching-${name}]`, String(value));
}

async function run(visitor: Visit): Promise<void> {
  await visitor.comeToMatching();
  const runs = (await visitor.page.$$('#matching-runs > li')).length;
  await visitor.press(/^Run the experiment$/);
  await visitor.page.waitForFunction((n) => document.querySelectorAll('#matching-runs > li').length > n, {}, runs);
}

/** Saves what a button offers, and reads it. */
async function saved(visitor: Visit, words: string): Promise<Buffer> {
  const folder = mkdtempSync(join(files, 'saved-'));
  const devtools = await visitor.page.createCDPSession();
  await devtools.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder, eventsEnabled: true });
  const done = new Promise<void>((resolve) => {
    devtools.on('Browser.downloadProgress', ({ state }) => state === 'completed' && resolve());
  });
  const press = (words: string) =>
    [...document.querySelectorAll<HTMLElement>('#matching-exports button')]
      .find(({ textContent }) => textContent === words)!
      .click();
  await visitor.page.evaluate(press, words);
  await done;
  await devtools.detach();
  const [name] = readdirSync(folder);
  expect(name).toMatch(/^matching-field-notes-step-\d+-\w+\.\w+$/);
  return readFileSync(join(folder, name!));
}

/** The lines of a table of comma-separated values. */
function parseCsv(text: string): string[][] {
  const lines: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    lines.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (end === '\r\n') lines.push([]);
  }
  return lines.filter((line) => line.length > 1);
}

describe('The matching experiment on the page', () => {
  it('measures the network as it is, keeps earlier curves, and saves what it found', async () => {
    const visitor = await visit(await launch('none'), small);
    const { page } = visitor;
    await visitor.says('#status', /Ready/);
    await choose(visitor, { trials: 60, length: 40 });
    await run(visitor);
    expect(await visitor.text('#matching-runs')).toMatch(/^Step 0, greedy/);

    // In the middle of training, which goes on.
    await visitor.press(/^Train$/);
    await visitor.reaches(300);
    await page.click('#matching-held-out');
    await run(visitor);
    const during = await visitor.step();
    await visitor.reaches(during + 20);
    await visitor.press(/^Pause$/);
    await visitor.says('#status', /Paused/);
    expect(await visitor.text('#matching-summary')).toMatch(
      /At step [\d,]+, greedy, a prediction matches [\d.]+ .*held-out part \d+ of 60 occur.*N-grams match .*order 8/,
    );
    expect(await visitor.text('#matching-status')).toMatch(/Done: step/);

    const rows = await page.$$eval('#matching-table tbody tr', (found) =>
      found.map((row) => Array.from(row.cells, (cell) => cell.textContent ?? '')),
    );
    const marks = await page.$$eval('#matching-table tbody tr', (found) =>
      found.map((row) => Array.from(row.querySelectorAll('mark'), (mark) => Array.from(mark.textContent ?? '').length)),
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const [i, [length]] of rows.entries()) expect(marks[i]).toEqual([Number(length), Number(length)]);

    const [latest, first] = JSON.parse((await saved(visitor, 'All (JSON)')).toString());
    expect([first.step, first.text, first.hidden]).toEqual([0, 'Field notes', 32]);
    expect(latest.step).toBeGreaterThanOrEqual(300);
    const names = latest.series.map(
      (each: { model: string; primesFrom: string }) => `${each.model}: ${each.primesFrom}`,
    );
    expect(names.slice(0, 3)).toEqual([
      'network: training text',
      'network: held-out part',
      'n-gram, order 2: training text',
    ]);
    // A network that was trained goes on further than one that was not.
    const sum = (curve: readonly number[]) => curve.reduce((total, count) => total + count, 0);
    expect(sum(latest.series[0].curve)).toBeGreaterThan(sum(first.series[0].curve));

    const [head, ...points] = parseCsv((await saved(visitor, 'CSV')).toString());
    const curves = [...latest.series, first.series[0]].map(({ curve }) => curve);
    expect(head).toHaveLength(1 + curves.length);
    expect(points.map((point) => point.map(Number))).toEqual(
      Array.from({ length: 41 }, (_, n) => [n, ...curves.map((curve) => curve[n])]),
    );

    const [, ...trials] = parseCsv((await saved(visitor, 'Trials (CSV)')).toString());
    type Trial = Record<'prime' | 'prediction', string> & Record<'start' | 'occurrences' | 'length', number>;
    const expected = latest.series.flatMap(({ trials }: { trials: readonly Trial[] }) => trials);
    expect(
      trials.map(([, , start, prime, prediction, occurrences, , length]) => ({
        start,
        prime,
        prediction,
        occurrences,
        length,
      })),
    ).toEqual(
      expected.map(({ start, prime, prediction, occurrences, length }: Trial) => ({
        start: String(start),
        prime,
        prediction,
        occurrences: String(occurrences),
        length: String(length),
      })),
    );

    const svg = (await saved(visitor, 'SVG')).toString();
    expect(svg.match(/<polyline/g)).toHaveLength(curves.length);
    const png = await saved(visitor, 'Picture');
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg)!.map(Number);
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * width!, 2 * height!]);

    await visitor.press(/^Remove$/);
    await visitor.says('#matching-runs', /^Step 0, greedy/);
    await visitor.press(/^Remove$/);
    await page.waitForSelector('#matching-empty', { visible: true });
    expect(visitor.errors).toEqual([]);
  });

  it('can be cancelled, tells how far it is, and the network trains on', async () => {
    const visitor = await visit(await launch('none'), small);
    await visitor.says('#status', /Ready/);
    await choose(visitor, { trials: 5000 });
    await visitor.press(/^Run the experiment$/);
    await visitor.page.waitForSelector('#matching-progress', { visible: true });
    await visitor.press(/^Cancel$/);
    await visitor.says('#matching-status', /Stopped before there was a result/);
    expect(await visitor.page.$$('#matching-runs > li')).toEqual([]);
    await visitor.press(/^One step$/);
    await visitor.says('#status', /Paused at step 1 /);

    await choose(visitor, { trials: 500 });
    await visitor.page.$eval('#matching-progress', (bar) => {
      const shares: number[] = [];
      Object.assign(window, { shares });
      new MutationObserver(() => shares.push((bar as HTMLProgressElement).position)).observe(bar, { attributes: true });
    });
    await run(visitor);
    const shares = await visitor.page.evaluate(() => (window as unknown as { shares: number[] }).shares);
    expect(shares.filter((share) => share > 0 && share < 1).length).toBeGreaterThan(0);
    expect(visitor.errors).toEqual([]);
  });

  it('says at the field which value it cannot take, and which primes there are none of', async () => {
    const visitor = await visit(await launch('none'), `${small}&validation=0.001`);
    await visitor.says('#status', /Ready/);
    await choose(visitor, { trials: 0 });
    await visitor.says('#matching-fields', /Trials is a whole number from 1 to 100000, not “0”\. 500 stays in force\./);
    await choose(visitor, { primeLength: 900 });
    await visitor.page.click('#matching-held-out');
    await visitor.says('#matching-fields', /held-out part has 350 characters, too few for primes of 900/);
    expect(await visitor.page.$eval('#match', (button) => button.ariaDisabled)).toBe('true');
    await visitor.page.click('#matching-held-out');
    await visitor.page.waitForFunction(() => document.querySelector('#match')?.ariaDisabled !== 'true');
  });

  it.each([
    ['light', 1280],
    ['dark', 380],
  ] as const)('has no accessibility finding and does not scroll sideways: %s, %i pixels', async (theme, width) => {
    const visitor = await visit(await launch('none'), small);
    const { page } = visitor;
    await page.setViewport({ width, height: 800 });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
    await visitor.says('#status', /Ready/);
    await visitor.press(/^Train$/);
    await visitor.reaches(300);
    await visitor.press(/^Pause$/);
    await choose(visitor, { trials: 40 });
    await page.click('#matching-held-out');
    await run(visitor);
    await page.waitForSelector('#matching-table td');
    expect(await visitor.accessibilityFindings()).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
});
