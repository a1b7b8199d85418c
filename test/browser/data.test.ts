import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { launchChrome } from './chrome.ts';
import { clean, launch, type Visit, visit } from './visit.ts';

const small = 'hidden=12&batch=8&sequence=12&engine=cpu&steps=1000000';

const days = Array.from({ length: 400 }, (_, i) => `day ${i},${(20 + 5 * Math.sin(i / 8)).toFixed(2)},${i % 7}`);
/** A series of two variables, and a column of words. */
const weather = ['day,temperature,weekday', ...days].join('\n');

/** Words that end in their label. */
const words = Array.from({ length: 120 }, (_, i) => {
  const label = ['a', 'b', 'c'][i % 3]!;
  return JSON.stringify({ text: `${'xy'.repeat(1 + (i % 4))}${label}`, label: `ends in ${label}` });
});

/** A browser that remembers what it kept in the profile before, and one of its visits. */
async function launchWith(profile: string): Promise<Visit> {
  const browser = await launchChrome(inject('chromePath'), 'none', profile);
  clean.push(() => browser.close().catch(() => {}));
  return visit(browser, small);
}

const profile = () => mkdtempSync(join(tmpdir(), 'sluice-data-'));
const opened = (page: Visit, name: RegExp) => page.says('label[for=data-own]', name);
const loss = async (page: Visit) => Number(await page.text('#readout-loss-bits'));
const isVisible = (page: Visit, selector: string) => page.page.$eval(selector, (element) => element.checkVisibility());

/** Trains some steps, and pauses. @returns the first loss there is, and the last */
async function train(page: Visit, steps: number): Promise<readonly [number, number]> {
  await page.press(/^One step$/);
  await page.says('#status', /Paused at step/);
  await page.says('#readout-loss-bits', /\d/);
  const first = await loss(page);
  const step = await page.step();
  await page.page.$eval('#train', (button) => (button as HTMLElement).click());
  await page.reaches(step + steps);
  await page.press(/^Pause$/);
  await page.says('#status', /Paused at step/);
  await page.keeps(await page.step());
  return [first, await loss(page)];
}

/** Closes the browser and visits again, where the run is offered and goes on. */
async function comeBack(page: Visit, profile: string, name: string): Promise<Visit> {
  const step = await page.step();
  const before = await page.text('#loss-heading');
  await page.page.browser().close();
  const again = await launchWith(profile);
  await again.says('#notice-earlier-run', new RegExp(name));
  await again.press(/Go on with it/);
  await again.says('#status', new RegExp(`Paused at step ${step.toLocaleString('en')} `));
  expect(await again.text('#loss-heading')).toBe(before);
  await train(again, 5);
  expect(again.errors).toEqual([]);
  return again;
}

describe('Data of one’s own', () => {
  it('may be a table of numbers: its columns are chosen, it is learned, kept, and gone on with', async () => {
    const folder = profile();
    let page = await launchWith(folder);
    await page.says('#status', /Ready/);
    await page.open('weather.csv', weather);
    await opened(page, /weather\.csv/);
    await page.says('#notices', /Left out, as only numbers go into a series: “day”/);
    await page.says('#loss-heading', /root mean square error in standard deviations/);
    expect(await page.text('#setting-inputs-pending')).toBe('There are “temperature” and “weekday”.');
    for (const hidden of ['.written', '.matching', '#setting-output', '#setting-prime']) {
      expect(await isVisible(page, hidden), hidden).toBe(false);
    }
    await page.type('[name=predict]', 'temperature');
    await page.says('#loss-heading', /root mean square error of temperature/);
    expect(await page.text('#data-facts')).toMatch(/Learned from360 rows.*Read2 variables.*Predicted1 variable/);
    const [first, last] = await train(page, 60);
    expect(last).toBeLessThan(0.8 * first);
    expect(await page.accessibilityFindings()).toEqual([]);

    page = await comeBack(page, folder, 'weather\\.csv');
    expect(await page.page.$eval('[name=predict]', (field) => (field as HTMLInputElement).value)).toBe('temperature');
    // Its columns say nothing of other data.
    await page.choose('noisy-sine');
    await page.says('#notices', /Data Noisy sine.*in effect when you start afresh/);
    expect(await page.page.$eval('[name=predict]', (field) => (field as HTMLInputElement).value)).toBe('');
    expect(await page.page.$eval('[name=leadIn]', (field) => (field as HTMLInputElement).value)).toBe('100');
    await page.press(/^Undo$/);
    expect(await page.page.$eval('[name=predict]', (field) => (field as HTMLInputElement).value)).toBe('temperature');
    await page.says('#status', /Paused/);
  });

  it('may be JSON Lines of labelled texts: they are learned, kept, and gone on with', async () => {
    const folder = profile();
    const page = await launchWith(folder);
    await page.says('#status', /Ready/);
    await page.open('words.jsonl', words.join('\n'));
    await opened(page, /words\.jsonl/);
    await page.says('#loss-heading', /Loss, in bits per label/);
    expect(await isVisible(page, '#setting-sequence')).toBe(false);
    const [first, last] = await train(page, 60);
    expect(last).toBeLessThan(0.8 * first);
    await comeBack(page, folder, 'words\\.jsonl');
  });

  it('with a fault change nothing, and the line and the column are named', async () => {
    const page = await visit(await launch('none'), small);
    await page.says('#status', /Ready/);
    await page.open('good.csv', weather);
    await opened(page, /good\.csv/);
    await page.says('#status', /Ready/);
    await page.open('bad.csv', weather.replace('day 3,', 'day 3,warm'));
    const said = await page.says('#notices', /bad\.csv, line 5, column “temperature”: .*\.Dismiss$/);
    expect(said).not.toMatch(/undefined|Error/);
    expect(await page.text('label[for=data-own]')).toBe('good.csv');
    await page.press(/^One step$/);
    await page.says('#status', /Paused at step 1 /);
    expect(page.errors).toEqual([]);
  });

  it('are asked about where a table may be several things, with the keyboard too', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `${'ab'.repeat(1 + (i % 3))},note ${i % 9},${i % 2 ? 'x' : 'y'}`);
    const page = await visit(await launch('none'), small);
    await page.says('#status', /Ready/);
    await page.open('three.csv', ['word,note,group', ...rows].join('\n'));
    await page.page.waitForSelector('#table-dialog[open]');
    expect(await page.text('#table-sentence')).toMatch(/Which column of three\.csv has the texts/);
    expect(await page.accessibilityFindings()).toEqual([]);
    await page.page.keyboard.press('Escape');
    await page.page.waitForSelector('#table-dialog[open]', { hidden: true });
    expect(await isVisible(page, 'label[for=data-own]')).toBe(false);

    await page.open('three.csv', ['word,note,group', ...rows].join('\n'));
    await page.page.waitForSelector('#table-dialog[open]');
    const { keyboard } = page.page;
    const focused = () => page.page.evaluate(() => document.activeElement?.id);
    expect(await focused()).toBe('table-kind');
    await keyboard.press('Tab');
    await keyboard.type('group');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    expect(await focused()).toBe('table-learn');
    await keyboard.press('Enter');
    await page.says('#table-error', /choose another for one/);
    expect(await focused()).toBe('table-label');
    await keyboard.type('word');
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await opened(page, /three\.csv/);
    await page.says('#data-facts', /Told3 classes/);
    expect(page.errors).toEqual([]);
  });

  it('are wanted by a model that has learned from them: it goes on where they are at hand', async () => {
    let page = await visit(await launch('none'), small);
    await page.says('#status', /Ready/);
    await page.open('weather.csv', weather);
    await page.says('#loss-heading', /standard deviations/);
    await train(page, 5);
    const step = (await page.step()).toLocaleString('en');
    const folder = profile();
    const session = await page.page.createCDPSession();
    await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder, eventsEnabled: true });
    const done = new Promise<void>((resolve) => {
      session.on('Browser.downloadProgress', ({ state }) => state === 'completed' && resolve());
    });
    await page.press(/^Save to a file$/);
    await done;
    const [name] = readdirSync(folder);
    const model = readFileSync(join(folder, name!));

    page = await visit(await launch('none'), small);
    await page.says('#status', /Ready/);
    await page.open('m.safetensors', model, /Open a model/);
    await page.says('#notices', /The run learns “weather\.csv”, which is not here: open that first, then the model\./);
    await page.open('weather.csv', weather);
    await page.says('#loss-heading', /standard deviations/);
    await page.open('m.safetensors', model, /Open a file/);
    await page.says('#status', new RegExp(`Paused at step ${step} `));
    await train(page, 3);
    await page.press(/^Start afresh$/);
    await page.says('#status', /Ready to train/);
    expect(page.errors).toEqual([]);
  });

  it('may be pasted: a table is told from a text, or asked about', async () => {
    const page = await visit(await launch('none'), small);
    await page.says('#status', /Ready/);
    const paste = async (text: string) => {
      await page.openSettings();
      // By no place on the page: it may stand below the head of the settings.
      await page.page.$eval('#paste-data', (button) => (button as HTMLElement).click());
      await page.page.$eval(
        '#paste-area',
        (area, text) => {
          (area as HTMLTextAreaElement).value = text;
        },
        text,
      );
      await page.press(/^Learn this$/);
    };
    await paste(weather);
    await page.says('#loss-heading', /root mean square error/);
    await paste('She sells, by the sea shore,\nthe shells she sells.\n'.repeat(40));
    await page.says('#loss-heading', /bits per character/);
    await paste(words.join('\n'));
    await page.says('#loss-heading', /bits per label/);
    await paste(['word,group', ...Array.from({ length: 30 }, (_, i) => `a${i},${i % 2}b`)].join('\n'));
    await page.page.waitForSelector('#table-dialog[open]');
    await page.page.select('#table-kind', 'text');
    await page.page.click('#table-learn');
    await page.says('#loss-heading', /bits per character/);
    expect(page.errors).toEqual([]);
  });

  it('are given up while they are read, and what was there stays', async () => {
    const page = await visit(await launch('none'), small);
    await page.says('#status', /Ready/);
    const row = `${'1.5,'.repeat(9)}2.5\n`;
    await page.open('large.csv', `a,b,c,d,e,f,g,h,i,j\n${row.repeat(400_000)}`);
    await page.says('#data-share', /^: \d+ %$/);
    await page.press(/^Stop reading$/);
    await page.says('#data-loading', /^$/);
    await page.press(/^One step$/);
    await page.says('#status', /Paused at step 1 /);
    expect(await isVisible(page, 'label[for=data-own]')).toBe(false);
    expect(page.errors).toEqual([]);
  });
});

it('The address names built-in data of every kind', async () => {
  const page = await visit(await launch('none'), `${small}&dataset=noisy-sine&ahead=2`);
  await page.says('#loss-heading', /root mean square error of/);
  expect(await page.page.$eval('[name=ahead]', (field) => (field as HTMLInputElement).value)).toBe('2');
  expect(page.page.url()).toMatch(/dataset=noisy-sine/);
  expect(page.page.url()).toMatch(/ahead=2/);
  await page.says('#status', /Ready/);
  await page.choose('names');
  await page.says('#loss-heading', /bits per label/);
  expect(page.page.url()).toMatch(/dataset=names/);
  expect(page.page.url()).not.toMatch(/ahead/);
  await train(page, 3);
  expect(page.errors).toEqual([]);
});

it('The little texts come when they are chosen, with their recipes', async () => {
  const page = await visit(await launch('none'), 'engine=cpu&hidden=4');
  await page.says('#status', /Ready/);
  for (const [data, characters, steps] of [
    ['cookbook', '126,107', '2000'],
    ['nursery-rhymes', '16,861', '2000'],
    ['british-places', '36,932', '1500'],
    ['as-you-like-it', '110,182', '2000'],
  ] as const) {
    await page.choose(data);
    await page.says('#data-facts', new RegExp(`Learned from${characters} characters`));
    expect(await page.page.$eval('[name=steps]', (field) => (field as HTMLInputElement).value)).toBe(steps);
    expect(new URL(page.page.url()).search).toBe(`?dataset=${data}&engine=cpu&hidden=4`);
  }
  expect(page.errors).toEqual([]);
});
