import { describe, expect, it } from 'vitest';
import { launch, type Visit, visit } from './visit.ts';

const small = 'engine=cpu&hidden=16&batch=4&sequence=24&steps=40';

/** The link that the page offers, by the keyboard. */
async function linkOf({ page }: Visit): Promise<string> {
  await page.focus('[data-wanted=link]');
  await page.keyboard.press('Enter');
  const field = await page.waitForSelector('#shared-link');
  return field!.evaluate((input) => (input as HTMLInputElement).value);
}

describe('A link', () => {
  it('shows another visitor the passage, and Train makes the same network', async () => {
    const browser = await launch('none');
    const mine = await visit(browser, `${small}&seed=5&cell=lstm`);
    await mine.page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
    await mine.says('#status', /Ready/);
    await mine.press(/^Train$/);
    await mine.says('#status', /Finished/);
    await mine.says('#passage-of', /^Step 40: /);
    const wrote = await mine.text('#passage');
    const [, bits] = /: ([\d.]+) bits/.exec(await mine.text('#passage-of'))!;
    const loss = await mine.text('#readouts .value');
    const link = await linkOf(mine);
    expect(await mine.accessibilityFindings()).toEqual([]);
    await mine.page.close();
    expect(new URL(link).searchParams.get('seed')).toBe('5');

    const theirs = await visit(browser, '', link);
    const { page } = theirs;
    await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
    await theirs.says('#passage-of', /^Somebody shared this/);
    expect(await theirs.text('#passage-of')).toBe(
      `Somebody shared this: after 40 steps, ${bits} bits, temperature 0.7`,
    );
    expect(await theirs.text('#passage')).toBe(wrote);
    await theirs.says('#status', /Ready/);
    expect(await theirs.accessibilityFindings()).toEqual([]);

    await theirs.press(/^Train$/);
    await theirs.says('#status', /Finished/);
    await theirs.says('#passage-of', /^Step 40: /);
    expect(await theirs.text('#passage')).toBe(wrote);
    expect(await theirs.text('#readouts .value')).toBe(loss);

    await page.focus('#passage-step');
    await page.keyboard.press('Home');
    await theirs.says('#passage-of', /^Somebody shared this/);
    expect(await page.$eval('#passage-step', ({ ariaValueText }) => ariaValueText)).toMatch(/^Somebody shared this/);
    expect(theirs.errors).toEqual([]);
  });

  it('leaves a text of one’s own on the device, and names it', async () => {
    const browser = await launch('none');
    const mine = await visit(browser, small);
    await mine.says('#status', /Ready/);
    await mine.open('secret.txt', 'the secret is safe with the sea and the shells. '.repeat(200));
    await mine.says('#learns', /secret/);
    await mine.says('#status', /Ready/);
    await mine.press(/^Write now$/);
    await mine.says('#passage-of', /^Step 0/);
    const link = await linkOf(mine);
    expect(await mine.text('#sharing')).toMatch(/Your text stays on this device: .* must open “secret.*” themselves/);
    await mine.page.close();
    const theirs = await visit(browser, '', link);
    await theirs.says('#notices', /learned from “secret.*”, which a link does not hold: open that text/);
    await theirs.says('#passage-of', /^Somebody shared this: after 0 steps, temperature/);
  });

  it.each([
    ['step=1&passage=%3Cimg%20src%3Dx%20onerror%3D%22document.title%3D%27broken%27%22%3E%20and%20more', null],
    [`step=1&passage=${'a'.repeat(3000)}`, /has more than 2,048 characters/],
    ['step=1&passage=%ff%fe', /is not UTF-8/],
    ['step=<b>one</b>&passage=a', /its step is “<b>one<\/b>”/],
  ] as const)('that is hostile is text or is refused in a sentence: %#', async (parameters, refusal) => {
    const fragment = parameters.replace(/^(.*)&(passage=.*)$/, '#$2&$1');
    const visitor = await visit(await launch('none'), `${small}${fragment}`);
    const { page } = visitor;
    if (refusal) {
      await visitor.says('#notices', refusal);
      expect(await page.$$('#notices b')).toEqual([]);
      await visitor.says('#passage-of', /^While it trains/);
    } else {
      await visitor.says('#passage', /^<img src=x onerror="document.title='broken'">/);
      expect(await page.$$('#passage img')).toEqual([]);
    }
    await visitor.says('#status', /Ready/);
    expect(visitor.errors).toEqual([]);
  });
});

describe('Predict first', () => {
  const visible = ({ page }: Visit, selector: string) => page.$eval(selector, (part) => part.checkVisibility());

  it('hides every panel behind its question where the address says so, and shows it beside the guess', async () => {
    const visitor = await visit(await launch('none'), `predict-first&${small}`);
    const { page } = visitor;
    await visitor.says('#gates .question', /how often is a gate wide open/);
    expect(await visitor.text('#notices')).toBe('');
    expect(new URL(page.url()).searchParams.has('predict-first')).toBe(true);
    await page.$eval('#reach', (fold) => {
      (fold as HTMLDetailsElement).open = true;
    });
    const hidden = ['#passage', '#gates-region', '#matching-chart', '#reach-chart'];
    for (const selector of hidden) expect(await visible(visitor, selector), selector).toBe(false);
    await visitor.says('#reach .question', /fall below a hundredth, in this GRU and in the RNN\?/);
    expect(await visitor.accessibilityFindings()).toEqual([]);

    await page.focus('#guess-reach');
    await page.keyboard.type('40, and <b>3</b>');
    await page.keyboard.press('Enter');
    await visitor.says('#reach .guessed', /^The guess was: 40, and <b>3<\/b> What came out:$/);
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('guessed');
    await visitor.says(
      '#reach-summary',
      /In the RNN, untrained, .* less than 1 % is left from \d+ characters? back on/,
    );
    expect(await page.$eval('.guessed', (guess) => guess.nextElementSibling?.id)).toBe('reach-summary');
    expect(await visible(visitor, '#reach-chart')).toBe(true);
    expect(await visible(visitor, '#passage')).toBe(false);
    await page.focus('#guess-gates');
    await page.keyboard.type('often');

    // The guesses outlive the page, and nobody has to guess twice.
    await page.reload();
    await visitor.says('#reach .guessed', /40, and/);
    await visitor.says('#gates .question', /wide open/);
    expect(await page.$eval('#guess-gates', (field) => (field as HTMLInputElement).value)).toBe('often');
    expect(visitor.errors).toEqual([]);
  });

  it('hides one panel by its button', async () => {
    const visitor = await visit(await launch('none'), small);
    const { page } = visitor;
    await visitor.says('#gates-summary', /Over these/);
    expect(await page.$$('.question')).toEqual([]);
    await page.focus('.written [data-wanted=predict]');
    await page.keyboard.press('Enter');
    await visitor.says('.written .question', /What will it write after “The ”/);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('guess-written');
    expect(await Promise.all(['#passage', '#gates-region'].map((part) => visible(visitor, part)))).toEqual([
      false,
      true,
    ]);
    await page.keyboard.type('owl');
    await visitor.press(/^Train$/);
    await visitor.says('#status', /Finished/);
    expect(await visible(visitor, '#passage')).toBe(false);
    await page.focus('.written .question button');
    await page.keyboard.press('Enter');
    await visitor.says('.stage', /The guess was: owl What came out:Step \d+: /);
    expect(await visible(visitor, '#passage')).toBe(true);
    expect(await visitor.accessibilityFindings()).toEqual([]);
    expect(visitor.errors).toEqual([]);
  });
});
