import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { files, launch, type Visit, visit } from './visit.ts';

const small = 'engine=cpu&hidden=16&batch=4&sequence=24';

/** Presses a button by the keyboard and reads the file that the browser saves. */
async function saved(visitor: Visit, selector: string): Promise<{ name: string; bytes: Buffer }> {
  const folder = mkdtempSync(join(files, 'taken-'));
  const devtools = await visitor.page.createCDPSession();
  await devtools.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder, eventsEnabled: true });
  const done = new Promise<void>((resolve) => {
    devtools.on('Browser.downloadProgress', ({ state }) => state === 'completed' && resolve());
  });
  await visitor.page.focus(selector);
  await visitor.page.keyboard.press('Enter');
  await done;
  await devtools.detach();
  const [name] = readdirSync(folder);
  return { name: name!, bytes: readFileSync(join(folder, name!)) };
}

const rowsOf = (csv: string) =>
  csv
    .trimEnd()
    .split('\r\n')
    .map((row) => row.split(','));

/** How many points each line of a drawing has, by its name; the browser itself has to take it for well-formed. */
const drawn = (visitor: Visit, svg: string) =>
  visitor.page.evaluate((source) => {
    const parsed = new DOMParser().parseFromString(source, 'image/svg+xml');
    if (parsed.querySelector('parsererror, script')) throw new Error(parsed.documentElement.textContent ?? '');
    return [...parsed.querySelectorAll('g:has(> polyline)')].map((line) => ({
      name: line.querySelector('title')!.textContent!,
      points: [...line.querySelectorAll('polyline')].flatMap((part) => part.getAttribute('points')!.split(' ')).length,
    }));
  }, svg);

async function trained(search: string): Promise<Visit> {
  const visitor = await visit(await launch('none'), search);
  await visitor.says('#status', /Ready/);
  await visitor.press(/^Train$/);
  await visitor.says('#status', /Finished/);
  return visitor;
}

describe('The loss, to take away', () => {
  it('is a table and a drawing of what the page shows', async () => {
    const visitor = await visit(await launch('none'), `${small}&steps=60&evaluateEvery=20`);
    const { page } = visitor;
    await visitor.says('#status', /Ready/);
    await visitor.press(/^CSV$/);
    await visitor.says('#notices', /There is no curve yet: press Train first/);
    await visitor.press(/^Train$/);
    await visitor.says('#status', /Finished/);

    const { name, bytes } = await saved(visitor, '[data-wanted=csv]');
    expect(name).toBe('loss-field-notes-step-60.csv');
    const [head, ...rows] = rowsOf(bytes.toString().replaceAll(/"[^"]*"/g, 'quoted'));
    expect(head!.slice(0, 4)).toEqual(
      [
        'step',
        'training, running mean (bits per character)',
        'held out (bits per character)',
        'training (bits per character)',
      ].map((column) => (column.includes(',') ? 'quoted' : column)),
    );
    expect(rows.map(([step]) => Number(step))).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    const last = rows.at(-1)!;
    const shown = await page.$$eval('#readouts .value', (values) => values.map((value) => value.textContent!));
    expect(Number(last[3]).toFixed(2)).toBe(shown[0]);
    expect(Number(last[2]).toFixed(2)).toBe(shown[2]);
    expect(rows.filter((row) => row[2] !== '').map(([step]) => step)).toEqual(['20', '40', '60']);
    // All that is known of a number, and not what is shown of it.
    expect(last[3]!.length).toBeGreaterThan(10);

    const svg = await saved(visitor, '[data-wanted=svg]');
    expect(svg.name).toBe('loss-field-notes-step-60.svg');
    expect(await drawn(visitor, svg.bytes.toString())).toEqual([
      { name: 'training', points: 60 },
      { name: 'held out', points: 3 },
      { name: 'training, running mean', points: 60 },
    ]);
    expect(visitor.errors).toEqual([]);
  });

  it('is a picture with what it writes, on the clipboard', async () => {
    const browser = await launch('none');
    const visitor = await visit(browser, `${small}&steps=60`);
    const { page } = visitor;
    await browser
      .defaultBrowserContext()
      .overridePermissions(new URL(page.url()).origin, [
        'clipboard-read',
        'clipboard-write',
        'clipboard-sanitized-write',
      ]);
    await visitor.says('#status', /Ready/);
    await visitor.press(/^Train$/);
    await visitor.says('#status', /Finished/);
    await page.click('[name=colour][value=surprise]');
    await page.waitForSelector('#passage .coloured:nth-child(100)');
    await page.bringToFront();
    await page.focus('[data-wanted=picture]');
    await page.keyboard.press('Enter');
    await visitor.says('#sharing-said', /The picture is copied: paste it into a message/);
    const { bytes, size, sides } = await page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      const blob = await item!.getType('image/png');
      const picture = await createImageBitmap(blob);
      const canvas = new OffscreenCanvas(picture.width, picture.height);
      const context = canvas.getContext('2d')!;
      context.drawImage(picture, 0, 0);
      // What stands on either side: the curve, and the passage.
      const sides = [0, 1400].map((x) => {
        const { data } = context.getImageData(x, 350, 1000, 700);
        const pixels = Array.from({ length: data.length / 4 }, (_, i) => data.subarray(4 * i, 4 * i + 3));
        const isWarm = ([red, , blue]: Uint8ClampedArray) => red! - blue! > 40;
        return { colours: new Set(pixels.map(String)).size, warm: pixels.filter(isWarm).length };
      });
      return { bytes: blob.size, size: [picture.width, picture.height], sides };
    });
    expect(size).toEqual([2400, 1260]);
    expect(bytes).toBeLessThan(1_000_000);
    for (const { colours } of sides) expect(colours).toBeGreaterThan(20);
    // By its surprise, as on the page.
    expect(sides[0]!.warm).toBe(0);
    expect(sides[1]!.warm).toBeGreaterThan(1000);
    expect(await visitor.accessibilityFindings()).toEqual([]);
    const { name } = await saved(visitor, '#sharing button[type=button]');
    expect(name).toBe('loss-field-notes-step-60.png');
    await page.keyboard.press('Escape');
    await page.waitForSelector('#sharing', { hidden: true });
    expect(visitor.errors).toEqual([]);
  });
});

describe('The reach of the gradient, to take away', () => {
  it('has a column for each layer of each network, as the table on the page has it', async () => {
    const visitor = await trained(`${small}&steps=30&layers=2`);
    const { page } = visitor;
    await page.$eval('#reach', (fold) => {
      (fold as HTMLDetailsElement).open = true;
      fold.scrollIntoView();
    });
    await page.waitForFunction(() => document.querySelectorAll('#reach-table tbody tr').length === 3);
    const { name, bytes } = await saved(visitor, '#reach .small button:first-child');
    expect(name).toBe('reach-field-notes-step-30.csv');
    const [head, ...rows] = rowsOf(bytes.toString().replaceAll(/"([^"]*)"/g, (_, words) => words.replaceAll(',', ';')));
    expect(head![0]).toBe('characters back from the loss');
    expect(head!.slice(1)).toEqual([
      'GRU; step 30; layer 1',
      'GRU; step 30; layer 2',
      'RNN; untrained; layer 1',
      'RNN; untrained; layer 2',
      'GRU; untrained; layer 1',
      'GRU; untrained; layer 2',
    ]);
    expect(rows.map(([back]) => Number(back))).toEqual([...rows.keys()]);
    const table = await page.$$eval('#reach-table tbody tr:first-child td', (cells) =>
      cells.map((c) => c.textContent!),
    );
    const layer = await page
      .$eval('#reach-layer select', (select) => (select as HTMLSelectElement).selectedIndex)
      .catch(() => 0);
    const share = (100 * Number(rows[1]![1 + layer])) / Number(rows[0]![1 + layer]);
    expect(Math.abs(share - Number.parseFloat(table[0]!))).toBeLessThan(0.5);
    const svg = await saved(visitor, '#reach .small button:last-child');
    const lines = await drawn(visitor, svg.bytes.toString());
    expect(lines).toHaveLength(6);
    expect(lines.find(({ name }) => name.startsWith('GRU, step 30, layer 2'))!.points).toBe(rows.length);
    expect(visitor.errors).toEqual([]);
  });
});
