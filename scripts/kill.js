/**
 * Whether a training outlives whatever is killed under it, after `npm run build`:
 *
 *     node scripts/kill.js graphics 100    the browser's GPU process, while the page trains on it
 *     node scripts/kill.js browser 100     the browser, while it keeps a run
 *     node scripts/kill.js process 100     the command line, while it saves
 *     node scripts/kill.js terminal 100    the terminal that the command line runs in, while it saves
 *
 * All by SIGKILL, at moments drawn at random. After each, what was saved last must be there, whole, and go on.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { launch, press, says, serve, stepsOf, visit } from './page.js';

const folder = mkdtempSync(join(tmpdir(), 'sluice-kill-'));
const tiny = 'hidden=24&batch=8&sequence=16&steps=1000000000';
const cli = join(import.meta.dirname, '../dist/cli.js');

/** What is to be closed in the end, whatever happens. */
const browsers = new Set();

const moment = (most) => wait(most * Math.random());
const countIn = (words) => Number(/([\d,]+)/.exec(words)[1].replaceAll(',', ''));

function demand(holds, what) {
  if (!holds) throw new Error(what);
}

async function killGraphics(times) {
  const { site, close } = await serve('dist/site');
  // A browser whose graphics crash that often would otherwise give them up, and then the page has only the processor.
  const args = ['--disable-gpu-process-crash-limit', '--disable-domain-blocking-for-3d-apis'];
  const browser = await launch({ graphics: 'software', args });
  browsers.add(browser);
  const system = await browser.target().createCDPSession();
  const { page, errors } = await visit(browser, site, `engine=webgpu&${tiny}`);
  await says(page, '#status', /Ready to train/);
  await press(page, '#train');
  for (let kill = 0; kill < times; kill++) {
    await moment(1000);
    // A pause keeps the run as it is then.
    await press(page, '#train');
    const known = countIn(await says(page, '#status', /Paused at step/));
    await press(page, '#train');
    for (let step = 0; step <= known; step = await stepsOf(page)) await says(page, '#status', /^Training: step/);
    await moment(1000);
    const { processInfo } = await system.send('SystemInfo.getProcessInfo');
    process.kill(processInfo.find(({ type }) => type === 'GPU').id, 'SIGKILL');
    const kept = countIn(/Continue from step ([\d,]+)/.exec(await says(page, '#notices', /Continue from step/))[0]);
    demand(kept >= known, `After kill ${kill + 1} it would go on from step ${kept}; step ${known} was kept.`);
    await page.$$eval('#notices button', (buttons) => {
      buttons.find(({ textContent }) => /Continue from step/.test(textContent)).click();
    });
    for (let step = 0; step <= kept; step = await stepsOf(page)) await says(page, '#status', /^Training: step/);
    console.log(`${kill + 1}: went on from step ${kept}, of which ${known} was known to be kept`);
  }
  demand(errors.length === 0, `The page threw ${errors.join(', ')}.`);
  await close();
}

async function killBrowser(times) {
  const { site, close } = await serve('dist/site');
  const open = async () => {
    const browser = await launch({ userDataDir: join(folder, 'profile') });
    return { browser, ...(await visit(browser, site, `engine=cpu&${tiny}`)) };
  };
  /** The latest step that the page lists as kept. */
  const listed = (page) =>
    page.$$eval('#saved-runs li', (rows) => rows.map(({ textContent }) => textContent).join(' '));
  let known = 0;
  for (let kill = 0; kill <= times; kill++) {
    const { browser, page, errors } = await open();
    browsers.add(browser);
    await says(page, '#status', /Ready to train/);
    if (kill > 0) {
      await page.waitForSelector('#notice-earlier-run');
      await page.$$eval('#notice-earlier-run button', (buttons) => {
        buttons.find(({ textContent }) => /Go on with it/.test(textContent)).click();
      });
      const step = countIn(/step ([\d,]+)/.exec(await says(page, '#status', /Paused at step \d/))[0]);
      demand(step >= known, `After kill ${kill} it goes on from step ${step}, though step ${known} was kept.`);
      console.log(`${kill}: went on from step ${step}, of which ${known} was known to be kept`);
    }
    // Each pause keeps the run: train and pause as fast as the page can until the kill.
    await page.evaluate(() => {
      const train = document.querySelector('#train');
      setInterval(() => train.click(), 5);
    });
    await says(page, '#saved-runs', /step \d/);
    await moment(1500);
    known = countIn(/step ([\d,]+)/.exec(await listed(page))[0]);
    demand(errors.length === 0, `The page threw ${errors.join(', ')}.`);
    const gone = new Promise((resolve) => browser.process().once('exit', resolve));
    browser.process().kill('SIGKILL');
    await gone;
    browsers.delete(browser);
  }
  await close();
}

/** The step of the training in a model file. */
function stepIn(file) {
  const bytes = readFileSync(file);
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE())));
  return JSON.parse(header.__metadata__.training).step;
}

/** @param program starts a shell's script, and is what is killed */
async function killCommandLine(times, program) {
  const [text, file] = [join(folder, 'text.txt'), join(folder, 'm.safetensors')];
  writeFileSync(text, 'How soon a short text is learned! '.repeat(30));
  const sizes = '--hidden 4 --batch 2 --sequence 4 --engine cpu --steps 100000000';
  for (let kill = 0, known = 0; kill < times; kill++) {
    const goOn = kill > 0 ? `--resume ${file}` : '';
    const line = `${process.execPath} ${cli} train ${text} ${sizes} ${goOn} --save ${file} --save-every 0 --json`;
    const child = program(`echo "pid $$"; exec ${line} 2>&1`);
    const said = { text: '' };
    child.stdout.setEncoding('utf8').on('data', (more) => {
      said.text += more;
    });
    const found = async (words) => {
      while (!words.test(said.text)) {
        demand(child.exitCode === null, `After kill ${kill} it does not go on: ${said.text}`);
        await wait(10);
      }
      return Number(words.exec(said.text)[1]);
    };
    const pid = await found(/pid (\d+)\s/);
    const first = await found(/"step":(\d+),/);
    demand(first === known + 1, `After kill ${kill} it goes on with step ${first}, though step ${known} is saved.`);
    await found(/"step":(?!1,|2,)(\d+),/);
    await moment(400);
    const least = stepIn(file);
    child.kill('SIGKILL');
    while (isRunning(pid)) await wait(5);
    known = stepIn(file);
    demand(known >= least, `After kill ${kill + 1} the file holds step ${known}, though step ${least} was saved.`);
    console.log(`${kill + 1}: the file holds step ${known}, of which ${least} was known to be saved`);
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const pipes = { stdio: ['ignore', 'pipe', 'ignore'] };
const kinds = {
  graphics: killGraphics,
  browser: killBrowser,
  process: (times) => killCommandLine(times, (script) => spawn('sh', ['-c', script], pipes)),
  terminal: (times) => killCommandLine(times, (script) => spawn('script', ['-qfec', script, '/dev/null'], pipes)),
};

const [kind = '', times = '100'] = process.argv.slice(2);
if (!(kind in kinds)) throw new Error(`Name what is killed: ${Object.keys(kinds).join(', ')}.`);
try {
  await kinds[kind](Number(times));
  console.log(`${times} × ${kind}: each time what was saved last was whole, and went on.`);
} finally {
  for (const browser of browsers) await browser.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}
