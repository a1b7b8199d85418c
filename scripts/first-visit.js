/**
 * How long a first visit takes to its first training step, on the CPU engine at the default size: `node
 * scripts/first-visit.js [visits]`, after `npm run build`. Every visit is in a browser that was never there before; the
 * clock is the page's own, from the start of the navigation.
 */

import puppeteer from 'puppeteer';
import { preview } from 'vite';

const visits = Number(process.argv[2] ?? 5);
const executablePath = process.env.CHROME_PATH ?? '/usr/bin/chromium';

/** Presses the button as soon as the page is ready, and notes when that was and when the step is there. */
function watch() {
  const noted = {};
  new MutationObserver(() => {
    const status = document.querySelector('#status')?.textContent ?? '';
    if (!noted.ready && /^Ready/.test(status)) {
      noted.ready = performance.now();
      document.querySelector('#one-step').click();
    }
    if (!noted.step && /step 1\b/.test(status)) {
      noted.step = performance.now();
      window.noted = noted;
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });
}

const server = await preview({ preview: { port: 0 }, logLevel: 'error' });
const [site] = server.resolvedUrls.local;
const times = [];
for (let visit = 0; visit < visits; visit++) {
  const browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(watch);
  await page.goto(`${site}?engine=cpu`);
  const noted = await (await page.waitForFunction(() => window.noted)).jsonValue();
  console.log(`ready after ${noted.ready.toFixed(0)} ms, first step after ${noted.step.toFixed(0)} ms`);
  times.push(noted.step);
  await browser.close();
}
times.sort((a, b) => a - b);
console.log(`median of ${visits}: ${times[visits >> 1].toFixed(0)} ms`);
await server.close();
