import { join } from 'node:path';
import { createServer } from 'vite';
import { describe, expect, it, vi } from 'vitest';
import { cells, describeCell } from '../../src/model/cells/cells.ts';
import { clean, files, launch, type Visit, visit } from './visit.ts';

const small = 'engine=cpu&hidden=16&batch=4&sequence=24&steps=1000000';

/** Counts the looks that the page asks for from here on. */
async function countLooks({ page }: Visit): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const post = Worker.prototype.postMessage;
    Object.assign(window, { looks: 0 });
    Worker.prototype.postMessage = function (this: Worker, message: { kind?: string }, ...rest: []) {
      if (message.kind === 'look') (window as unknown as { looks: number }).looks++;
      post.call(this, message, ...rest);
    } as typeof post;
  });
  return () => page.evaluate(() => (window as unknown as { looks: number }).looks);
}

/** Presses a key until the element of that id has the focus. */
async function goTo({ page }: Visit, selector: string, key: 'Tab' | 'ArrowRight' = 'Tab'): Promise<void> {
  for (let presses = 0; ; presses++) {
    if (await page.evaluate((selector) => document.activeElement?.matches(selector) ?? false, selector)) return;
    if (presses > 60) throw new Error(`The keyboard does not get to ${selector}.`);
    await page.keyboard.press(key);
  }
}

/** What the table of the gradient's reach says of a cell, as shares. */
async function sharesOf({ page }: Visit, cell: string): Promise<number[]> {
  const cells = await page.$$eval(
    '#reach-table tbody tr',
    (rows, cell) =>
      rows
        .filter((row) => row.querySelector('th')?.textContent === cell)
        .flatMap((row) => Array.from(row.querySelectorAll('td'), (td) => td.textContent ?? '')),
    cell,
  );
  return cells.map((text) => {
    if (text === 'none') return 0;
    const [, exponent] = /^10(⁻.*)$/.exec(text) ?? [];
    if (exponent === undefined) return Number.parseFloat(text) / 100;
    return (
      10 ** Number(exponent.replace('⁻', '-').replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (digit) => String('⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(digit))))
    );
  });
}

describe('The panels that show what goes on', () => {
  it('show how far back the gradient reaches, in both cells', async () => {
    const visitor = await visit(await launch('none'), small);
    const { page } = visitor;
    await visitor.says('#status', /Ready/);

    // Closed, they ask nothing of the training.
    await page.click('#gates > summary');
    const looks = await countLooks(visitor);
    await visitor.press(/^Train$/);
    await visitor.reaches(50);
    expect(await looks()).toBe(0);

    await page.click('#reach > summary');
    await visitor.says(
      '#reach-summary',
      /In this GRU, at step [\d,]+, a change of the state 20 characters back .* In the RNN, untrained,/,
    );
    await visitor.says('#reach-key', /GRU, step .*GRU, untrained.*RNN, untrained/);
    const [first] = /step [\d,]+/.exec(await visitor.text('#reach-summary'))!;
    await visitor.says('#reach-summary', new RegExp(`step (?!${first.slice(5)}\\b)`));
    await visitor.press(/^Pause$/);
    await visitor.says('#status', /Paused/);
    const step = (await visitor.step()).toLocaleString('en');
    // It is looked at only where it can be seen, and the button is far above.
    const scrollBack = () => page.$eval('#reach', (panel) => panel.scrollIntoView());
    await scrollBack();
    await visitor.says('#reach-summary', new RegExp(`step ${step}\\b`));

    // In the untrained RNN there is less of the effect at every step away from the loss, and in the end less than in the GRU.
    const [gru, rnn] = [await sharesOf(visitor, 'GRU'), await sharesOf(visitor, 'RNN, untrained')];
    expect(gru.length).toBeGreaterThan(5);
    expect(rnn).toHaveLength(gru.length);
    expect(rnn).toEqual([...rnn].sort((a, b) => b - a));
    expect(rnn.at(-1)).toBeLessThan(gru.at(-1)!);

    // The other cell is compared with what was seen of this one.
    await page.select('[name=cell]', 'rnn');
    await visitor.press(/Start afresh with this/);
    await scrollBack();
    await visitor.says('#reach-summary', new RegExp(`In this RNN, untrained,.* In the GRU, at step ${step},`));
    expect(await sharesOf(visitor, 'GRU')).toEqual(gru);
    // Before its first step the network itself is the untrained one.
    expect(await visitor.page.$$('#reach-key li')).toHaveLength(2);

    await page.click('#reach > summary');
    const before = await looks();
    await visitor.press(/^Train$/);
    await visitor.reaches(50);
    expect(await looks()).toBe(before);
    expect(visitor.errors).toEqual([]);
  });

  it('show gates and state character by character, to the keyboard as well', async () => {
    const visitor = await visit(await launch('none'), small);
    const { page } = visitor;
    await visitor.says('#status', /Ready/);
    await visitor.says('#gates-summary', /Over these 120 characters and all 16 units the update gate/);

    await goTo(visitor, '#gates-text');
    await page.keyboard.type('The lark\n');
    await visitor.says('#gates-summary', /Over these 8 characters/);
    await goTo(visitor, '#gates-choices [value=z]');
    await page.keyboard.press('ArrowRight');
    await visitor.says('#gates-summary', /the reset gate/);
    await goTo(visitor, '#gates-count');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await visitor.says('#gates-count-said', /2 of 16/);

    await goTo(visitor, '#gates-region');
    await page.keyboard.press('End');
    const last = await visitor.says('#gates-said', /“k”, character 8/);
    expect(last).toMatch(/unit \d+ · z 0\.\d\d · r 0\.\d\d · c −?0\.\d\d · h −?0\.\d\d\. It expected/);
    await page.keyboard.press('ArrowLeft');
    await visitor.says('#gates-said', /“r”, character 7/);
    const unit = () => visitor.text('#gates-unit strong');
    await page.keyboard.press('ArrowUp');
    const first = await unit();
    await page.keyboard.press('ArrowDown');
    const second = await unit();
    expect(second).not.toBe(first);
    await page.keyboard.press('ArrowDown');
    expect(await unit()).toBe(second);

    // The pointer reads without choosing; a click chooses.
    const map = (await (await page.$('#gates-map'))!.boundingBox())!;
    await page.mouse.move(map.x + 12 * 3 + 6, map.y + 22 + 7);
    expect(await visitor.text('#gates-value')).toMatch(new RegExp(`space, character 4 · ${first.toLowerCase()}`));
    expect(await unit()).toBe(second);
    await page.mouse.click(map.x + 12 * 3 + 6, map.y + 22 + 7);
    expect(await unit()).toBe(first);

    // A character that the network does not know is named; the picture stays.
    await visitor.type('#gates-text', 'The ζ');
    await visitor.says('#gates-problem', /“ζ”.*does not occur/);
    expect(await visitor.text('#gates-summary')).toMatch(/Over these 8 characters/);
    await visitor.type('#gates-text', 'The wren');
    await page.waitForFunction(() => document.querySelector('#gates-problem')?.textContent === '');

    // An RNN has a state alone.
    await page.select('[name=cell]', 'rnn');
    await visitor.says('#gates-summary', /the state is above 0\.9 .* below 0\.1/);
    expect(await visitor.text('#gates-unit')).toMatch(/^Unit \d+h$/);
    await page.waitForSelector('#gates-choices', { hidden: true });
    expect(visitor.errors).toEqual([]);
  });

  it('show what the network expects next, and where it stumbles, step by step', async () => {
    const visitor = await visit(await launch('none'), small);
    const { page } = visitor;
    await visitor.says('#status', /Ready/);
    await visitor.type('#gates-text', 'The lark');
    await visitor.says(
      '#gates-stumble',
      /stumbles most here: .+ costs \d+\.\d bits; on average .* costs \d+\.\d bits\.$/,
    );
    await visitor.says('.gates-next h3', /After “T” it expects/);
    const next = () => visitor.text('.gates-next .next .symbol');
    expect(await next()).toBe('h');
    const bars = await page.$$eval('.gates-next li:not(.none) .value', (values) => values.length);
    expect(bars).toBeGreaterThanOrEqual(5);

    await visitor.press(/^→$/);
    await visitor.says('.gates-next h3', /After “Th”/);
    expect(await next()).toBe('e');
    expect(await visitor.text('#gates-said')).toMatch(/“h”, character 2 .*It expected .*; “e” came next, and cost/);
    await goTo(visitor, '.gates-next button[aria-label="One character back"]');
    await page.keyboard.press('Enter');
    await visitor.says('.gates-next h3', /After “T”/);
    await page.focus('#gates-region');
    await page.keyboard.press('End');
    await visitor.says('.gates-next h3', /“e·lark”/);
    // Nothing came after the last.
    expect(await page.$('.gates-next .next')).toBeNull();
    expect(await visitor.accessibilityFindings()).toEqual([]);
    expect(visitor.errors).toEqual([]);
  });

  it('colour what it writes by surprise or by a unit, while it trains, to the keyboard as well', async () => {
    const visitor = await visit(await launch('none'), small);
    const { page } = visitor;
    await visitor.says('#status', /Ready/);
    await visitor.says('#gates-summary', /Over these/);

    // One press from the first visit.
    await page.click('.colour [value=unit]');
    await visitor.says('.colour-line', /^Unit \d+ is highest at .*: −?\d\.\d\d/);
    const strengths = () =>
      page.$$eval('#passage .coloured', (parts) =>
        (parts as HTMLElement[]).map((part) => part.style.getPropertyValue('--p')).join(' '),
      );
    await page.waitForFunction(() => document.querySelectorAll('#passage .coloured').length > 100);
    const first = await strengths();
    const unit = await page.$eval('.unit-number', (field) => Number((field as HTMLInputElement).value));
    await visitor.type('.unit-number', String((unit % 16) + 1));
    await visitor.says('#gates-unit strong', new RegExp(`^Unit ${(unit % 16) + 1}$`));
    await page.waitForFunction(
      (before) =>
        before !==
        Array.from(document.querySelectorAll<HTMLElement>('#passage .coloured'), (part) =>
          part.style.getPropertyValue('--p'),
        ).join(' '),
      {},
      first,
    );
    await page.hover('#passage .coloured:nth-child(3)');
    await visitor.says('.colour-line', new RegExp(` · unit ${(unit % 16) + 1} · h −?\\d\\.\\d\\d`));

    await goTo(visitor, '.colour :checked');
    await page.keyboard.press('ArrowUp');
    await page.hover('#passage .coloured:nth-child(3)');
    await visitor.says('.colour-line', / · \d+\.\d bits/);
    await visitor.press(/^Train$/);
    await visitor.says('#passage-of', /^Step (?!0: )/);
    await page.waitForFunction(() => document.querySelectorAll('#passage .coloured').length > 20);
    await visitor.press(/^Pause$/);
    await visitor.says('#status', /Paused/);
    expect(await visitor.accessibilityFindings()).toEqual([]);

    await page.click('.colour [value=none]');
    await page.waitForFunction(() => !document.querySelector('#passage .coloured'));
    expect(await visitor.text('#passage')).toMatch(/^The ./);
    expect(visitor.errors).toEqual([]);
  });

  it('show each layer of a stack, and the memory of an LSTM, to the keyboard as well', async () => {
    const visitor = await visit(await launch('none'), `${small}&cell=lstm&layers=2`);
    const { page } = visitor;
    await visitor.says('#status', /Ready/);
    await goTo(visitor, '#reach > summary');
    await page.keyboard.press('Enter');
    await visitor.says('#reach-summary', /In layer 1 of this LSTM, untrained, .* In the RNN, untrained/);
    const first = await sharesOf(visitor, 'LSTM, untrained');
    await goTo(visitor, '#reach-layer select');
    await page.keyboard.press('ArrowDown');
    await visitor.says('#reach-summary', /In layer 2 of this LSTM/);
    expect(await sharesOf(visitor, 'LSTM, untrained')).not.toEqual(first);

    await visitor.says('#gates-summary', /all 16 units of layer 1 the input gate/);
    expect(await visitor.text('#gates-choices')).toBe(
      'Showi, input gatef, forget gateg, candidateo, output gateh, statec, memory',
    );
    await goTo(visitor, '#gates-layer select');
    await page.keyboard.press('ArrowDown');
    await visitor.says('#gates-summary', /all 16 units of layer 2 the input gate/);
    await goTo(visitor, '#gates-choices [value=i]');
    await page.keyboard.press('ArrowLeft');
    await visitor.says('#gates-summary', /the memory is above 0\.9/);
    expect(await visitor.text('#gates-unit')).toMatch(/^Unit \d+hifgoc/);

    // What was chosen is there no more: the first of what there is stands in for it.
    await page.select('[name=cell]', 'rnn-tanh');
    await visitor.type('[name=layers]', '1');
    // What stands above it may change its height meanwhile.
    await vi.waitFor(
      async () => {
        await page.$eval('#gates', (panel) => panel.scrollIntoView());
        expect(await visitor.text('#gates-summary')).toMatch(/all 16 units the state is above 0\.9/);
      },
      { timeout: 60_000, interval: 500 },
    );
    await page.waitForSelector('#gates-layer', { hidden: true });
    await page.$eval('#reach', (panel) => panel.scrollIntoView());
    await page.waitForSelector('#reach-layer', { hidden: true });
    expect(visitor.errors).toEqual([]);
  });

  it('test the network on the Reber grammar that it has learned', async () => {
    const visitor = await visit(
      await launch('none'),
      'corpus=embedded-reber&engine=cpu&hidden=32&batch=16&sequence=32&steps=1500',
    );
    const { page } = visitor;
    const test = async (step: RegExp) => {
      await visitor.press(/^Test on 1,000 strings$/);
      const verdict = await visitor.says('#reber-status', new RegExp(`step ${step.source}, on 1,000 strings`));
      return Array.from(verdict.matchAll(/(?:in|at) ([\d.]+)\s%/g), ([, percent]) => Number(percent));
    };
    await visitor.says('#status', /Ready/);
    await page.waitForSelector('#reber', { visible: true });
    await page.click('#reber > summary');
    await visitor.says('#reber-summary', /expects exactly the allowed symbols/);
    const [, setsBefore] = await test(/0/);
    expect(setsBefore).toBeLessThan(50);
    await visitor.press(/^Train$/);
    await visitor.says('#status', /Finished/);
    const [decisive, sets] = await test(/1,500/);
    expect(decisive).toBeGreaterThan(90);
    expect(sets).toBeGreaterThan(90);
    expect(await page.$$eval('#reber-tests tbody tr', (rows) => rows.length)).toBe(2);

    // One string: as many allowed symbols are framed at each place as the grammar has there, and none is wrong.
    await visitor.says('#reber-summary', /The [TP] in second place decides/);
    const framed = await page.$$eval('#reber-picture td.allowed', (cells) => cells.length);
    const places = await page.$$eval('#reber-picture thead th', (heads) => heads.length - 1);
    expect(framed).toBeGreaterThan(places);
    const before = await visitor.text('#reber-summary');
    await visitor.press(/^Another string$/);
    await page.waitForFunction(
      (before) => document.querySelector('#reber-summary')?.textContent !== before,
      {},
      before,
    );

    // For a text of another kind there is nothing to test.
    await visitor.choose('field-notes');
    await visitor.press(/Start afresh with this/);
    await page.waitForSelector('#reber', { hidden: true });
    expect(visitor.errors).toEqual([]);
  });

  it('check the engines, beside the training, and can be cancelled', async () => {
    const visitor = await visit(await launch('none'), small);
    const { page } = visitor;
    await visitor.says('#status', /Ready/);
    await visitor.press(/^Train$/);
    await visitor.reaches(5);
    await goTo(visitor, '#check-start');
    await page.keyboard.press('Enter');
    await visitor.says('#check-verdict', /Checking .*: \d+ of \d+/);
    await page.keyboard.press('Enter');
    await visitor.says('#check-verdict', /Cancelled/);
    const step = await visitor.step();
    await visitor.reaches(step + 1);
    await visitor.press(/^Pause$/);
    await visitor.says('#status', /Paused/);

    await goTo(visitor, '#check-start');
    await page.keyboard.press('Enter');
    await visitor.says('#check-verdict', /All [\d,]+ comparisons pass/);
    expect(await visitor.text('#check-absent')).toMatch(/WebGPU/);
    const titles = await page.$$eval('#check-tables h3', (titles) => titles.map(({ textContent }) => textContent));
    const titlesOf = (engine: string) =>
      cells.map((cell) =>
        expect.stringMatching(`^${engine}.*: ${describeCell(cell).title.replace(/[()]/g, '.')} passes$`),
      );
    expect(titles).toEqual([...titlesOf('Reference, float64'), ...titlesOf('CPU, WebAssembly')]);
    expect(await visitor.text('#check-tables table[aria-label^=CPU]')).toMatch(/W_h(\d\.\de-\d+){4}/);
    expect(await visitor.accessibilityFindings()).toEqual([]);
    expect(visitor.errors).toEqual([]);
  });

  it('name what a broken engine gets wrong', async () => {
    const server = await createServer({
      server: { port: 0, hmr: false },
      logLevel: 'error',
      cacheDir: join(files, 'vite'),
      plugins: [
        {
          name: 'break-the-reset-gate',
          enforce: 'pre',
          transform: (code, id) =>
            id.includes('reference/cells/gru.ts') ? code.replace('dq * h * r * (1 - r)', 'dq * h * r') : code,
        },
      ],
    });
    await server.listen();
    clean.push(() => server.close());
    const visitor = await visit(await launch('none'), small, server.resolvedUrls!.local[0]!);
    await visitor.says('#status', /Ready/);
    await visitor.press(/^Check this GPU$/);
    await visitor.says('#check-verdict', /comparisons fail, on .*Reference/);
    expect(await visitor.text('#check-failures')).toMatch(/Reference, gradient by W_r, GRU.* off finite differences/);
    const wrong = await visitor.page.$$eval('#check-tables table[aria-label^=Reference] tr:has(.wrong) th', (heads) =>
      heads.map(({ textContent }) => textContent),
    );
    expect(wrong).toEqual(expect.arrayContaining(['W_r', 'U_r', 'b_r']));
    expect(wrong).not.toContain('b_y');
    expect(await visitor.accessibilityFindings()).toEqual([]);
  });

  it.each([
    ['light', 1280],
    ['dark', 380],
  ] as const)(
    'have no accessibility finding and do not scroll the page sideways: %s, %i pixels',
    async (theme, width) => {
      const visitor = await visit(await launch('none'), `${small}&dataset=embedded-reber`);
      const { page } = visitor;
      await page.setViewport({ width, height: 800 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
      await visitor.says('#status', /Ready/);
      for (const [id, words] of [
        ['reach', /In this GRU/],
        ['reber', /expects exactly/],
      ] as const) {
        await page.waitForSelector(`#${id}`, { visible: true });
        await page.click(`#${id} > summary`);
        await visitor.says(`#${id}-summary`, words);
      }
      expect(await visitor.accessibilityFindings()).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    },
  );
});
