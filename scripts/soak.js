/**
 * Whether the training page holds through a long run, on the CPU engine, after `npm run build`:
 *
 *     node scripts/soak.js --minutes 60        everything in view and unfolded: is all that could grow flat?
 *     node scripts/soak.js --steps 1000000     the smallest network, to so many steps
 *     node scripts/soak.js --hidden-tab 6      hidden for so many minutes: are its figures true when it is seen again?
 *
 * The first two sample now and then (`--every`, seconds), each time after a collection of garbage. `--site FOLDER` is a built
 * site elsewhere than in dist/site, `--address SETTINGS` other settings than these two's own.
 */

import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { launch, press, says, serve, stepsOf, visit } from './page.js';

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string' },
    steps: { type: 'string' },
    'hidden-tab': { type: 'string' },
    every: { type: 'string', default: '30' },
    site: { type: 'string', default: 'dist/site' },
    address: { type: 'string' },
  },
});
const every = Number(options.every);
/** Seconds over which the gaps between frames are looked at. */
const frameSeconds = 5;
/** High enough that every panel is in view, and so looked into. */
const tall = { width: 1280, height: 6000 };

async function run() {
  if (options['hidden-tab'] !== undefined) return hideTab(Number(options['hidden-tab']));
  if (options.steps !== undefined) {
    const steps = Number(options.steps);
    const smallest = `engine=cpu&cell=rnn&hidden=1&batch=1&sequence=1&steps=${steps}`;
    return soak(smallest, ({ step }) => step >= steps);
  }
  const minutes = Number(options.minutes ?? 60);
  const longest = 'engine=cpu&dataset=embedded-reber&schedule=constant&learningRate=0.001&steps=1000000000';
  return soak(longest, ({ seconds }) => seconds >= 60 * minutes);
}

/** Trains until `isOver` a sample, prints each, and says how each figure goes. @returns whether the page threw nothing */
async function soak(settings, isOver) {
  const browser = await launch();
  const { page, errors } = await visit(browser, site, options.address ?? settings, tall);
  await says(page, '#status', /Ready to train/);
  await page.$$eval('details', (panels) => {
    for (const panel of panels) panel.open = true;
  });
  const system = await browser.target().createCDPSession();
  const session = await page.createCDPSession();
  const points = await chartPoints(session);
  await press(page, '#train');
  const began = performance.now();
  const samples = [];
  console.log(columns.map(([name]) => name.padStart(12)).join(''));
  for (let over = false; !over; ) {
    await wait(Math.max(0, began + 1000 * every * (samples.length + 1) - performance.now()));
    const ended = await hasEnded(page);
    const { renderer, others } = await processes(system);
    const sample = {
      seconds: (performance.now() - began) / 1000,
      step: await stepsOf(page),
      points: await points(),
      ...(await page.evaluate(frames, frameSeconds)),
      ...(await heaps(page, session)),
      nodes: (await session.send('Memory.getDOMCounters')).nodes,
      renderer,
      others,
    };
    samples.push(sample);
    console.log(columns.map(([, value]) => format(value(sample)).padStart(12)).join(''));
    over = ended || isOver(sample);
  }
  console.log(verdict(samples));
  for (const error of errors) console.log(`The page threw: ${error}`);
  await browser.close();
  return errors.length === 0;
}

const hasEnded = async (page) => !/^Training/.test(await page.$eval('#status', ({ textContent }) => textContent));

const MiB = 2 ** 20;
/** What is sampled: its heading, its value, and whether it must stay as it is. */
const columns = [
  ['seconds', ({ seconds }) => seconds],
  ['steps', ({ step }) => step],
  ['points', ({ points }) => points],
  ['page MiB', ({ page }) => page / MiB, 'flat'],
  ['workers MiB', ({ workers }) => workers / MiB, 'flat'],
  ['renderer MiB', ({ renderer }) => renderer / MiB, 'flat'],
  ['others MiB', ({ others }) => others / MiB, 'flat'],
  ['DOM nodes', ({ nodes }) => nodes, 'flat'],
  ['frame ms', ({ median }) => median, 'flat'],
  ['99 % ms', ({ highest }) => highest, 'flat'],
];

const format = (value) => (Number.isInteger(value) ? String(value) : value.toFixed(value < 100 ? 2 : 1));

/** Where each figure goes after the first tenth, in per cent an hour, with the median that this is a share of. */
function verdict(samples) {
  const settled = samples.slice(Math.floor(samples.length / 10));
  const hours = settled.map(({ seconds }) => seconds / 3600);
  const said = columns
    .filter(([, , kind]) => kind === 'flat')
    .map(([name, value]) => {
      const figures = settled.map(value);
      const middle = figures.toSorted((a, b) => a - b)[figures.length >> 1];
      const share = (100 * slope(hours, figures)) / middle;
      return `${name} ${share >= 0 ? '+' : ''}${share.toFixed(1)} % of ${format(middle)}`;
    });
  const { step, seconds } = samples.at(-1);
  return `${step} steps in ${Math.round(seconds)} s. An hour changes, after the first tenth: ${said.join(', ')}.`;
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The slope of the line with the least squares of distances. */
function slope(x, y) {
  const [meanX, meanY] = [mean(x), mean(y)];
  const covariance = x.reduce((sum, value, i) => sum + (value - meanX) * (y[i] - meanY), 0);
  return covariance / x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
}

/** In the page: the median and the 99th percentile of the time between two frames, in ms. */
async function frames(seconds) {
  const gaps = [];
  const end = performance.now() + 1000 * seconds;
  for (let last = await new Promise(requestAnimationFrame); last < end; ) {
    const next = await new Promise(requestAnimationFrame);
    gaps.push(next - last);
    last = next;
  }
  gaps.sort((a, b) => a - b);
  return { median: gaps[gaps.length >> 1], highest: gaps[Math.floor(0.99 * gaps.length)] };
}

/** Bytes that the page and its workers hold after a collection: objects and array buffers. */
async function heaps(page, session) {
  const held = async (client) => {
    await client.send('HeapProfiler.collectGarbage');
    const { usedSize, embedderHeapUsedSize, backingStorageSize } = await client.send('Runtime.getHeapUsage');
    return usedSize + embedderHeapUsedSize + backingStorageSize;
  };
  let workers = 0;
  for (const { client } of page.workers()) workers += await held(client);
  return { page: await held(session), workers };
}

/** Bytes of memory that the busiest renderer holds, which is the page's, and that the browser's other processes hold. */
async function processes(system) {
  const { processInfo } = await system.send('SystemInfo.getProcessInfo');
  const resident = ({ id }) =>
    1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0);
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  const busiest = renderers.reduce((most, each) => (each.cpuTime > most.cpuTime ? each : most));
  const others = processInfo.filter((each) => each !== busiest);
  return { renderer: resident(busiest), others: others.reduce((sum, each) => sum + resident(each), 0) };
}

/** Finds the chart's history among all objects of the page. @returns how many points it has by now, whenever asked */
async function chartPoints(session) {
  const { result: prototype } = await session.send('Runtime.evaluate', { expression: 'Object.prototype' });
  const { objects } = await session.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId });
  const find = function () {
    const own = (each, name) => Object.getOwnPropertyDescriptor(each, name)?.value;
    return this.filter((each) => Array.isArray(own(each, 'smoothed')) && Array.isArray(own(each, 'steps')));
  };
  const call = { objectId: objects.objectId, functionDeclaration: String(find) };
  const { result: histories } = await session.send('Runtime.callFunctionOn', call);
  await session.send('Runtime.releaseObject', { objectId: objects.objectId });
  const count = 'function () { return Math.max(0, ...this.map(({ steps }) => steps.length)); }';
  return async () => {
    const asked = { objectId: histories.objectId, functionDeclaration: count, returnByValue: true };
    return (await session.send('Runtime.callFunctionOn', asked)).result.value;
  };
}

/** Trains while another tab is in front, comes back, and holds what the page then says against steps and clock. */
async function hideTab(minutes) {
  // Puppeteer would have hidden pages go on as if they were seen.
  const asSeen = ['background-timer-throttling', 'backgrounding-occluded-windows', 'renderer-backgrounding'];
  const browser = await launch({ ignoreDefaultArgs: asSeen.map((what) => `--disable-${what}`) });
  const settings = 'engine=cpu&batch=32&sequence=64&schedule=constant&learningRate=0.001&steps=1000000000';
  const charactersPerStep = 32 * 64;
  const { page, errors } = await visit(browser, site, settings);
  await says(page, '#status', /Ready to train/);
  await press(page, '#train');
  const began = performance.now();
  await wait(10_000);
  const other = await browser.newPage();
  await other.bringToFront();
  const hidden = await page.evaluate(() => document.visibilityState);
  const before = await stepsOf(page);
  await wait(60_000 * minutes);
  await page.bringToFront();
  await wait(2000);
  const seen = await page.evaluate(() => document.visibilityState);
  const back = { step: await stepsOf(page), at: performance.now() };
  const readout = (selector) => page.$eval(selector, ({ textContent }) => textContent ?? '');
  const speeds = [];
  while (performance.now() < back.at + 20_000) {
    speeds.push(Number((await readout('#readout-speed')).replaceAll(',', '')));
    await wait(200);
  }
  const after = { step: await stepsOf(page), at: performance.now() };
  const lately = Math.round(((after.step - back.step) * charactersPerStep) / ((after.at - back.at) / 1000));
  const told = `${speeds[0]} characters a second at first, ${Math.round(mean(speeds))} on average`;
  const seconds = Math.round((after.at - began) / 1000);
  console.log(`Step ${before} when it was ${hidden}, ${back.step} when it was ${seen} again after ${minutes} minutes.`);
  console.log(`By its words: ${told}, ${await readout('#elapsed')} elapsed.`);
  console.log(`By step and clock: ${lately} since, ${seconds} s elapsed.`);
  for (const error of errors) console.log(`The page threw: ${error}`);
  await browser.close();
  return errors.length === 0;
}

const { site, close } = await serve(options.site);
try {
  process.exitCode = (await run()) ? 0 : 1;
} finally {
  await close();
}
