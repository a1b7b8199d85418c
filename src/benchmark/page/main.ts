import { installed } from 'virtual:peers';
import { formatCount, formatDuration } from '../../format.ts';
import { byId, make, write } from '../../page/dom.ts';
import { saveFile } from '../../page/save-file.ts';
import { estimate } from '../estimate.ts';
import { day, describe, markdownOf, softwareWarning } from '../markdown.ts';
import type { Command, Event } from '../protocol.ts';
import { type Environment, type Results, readResults } from '../results.ts';
import type { Assignment } from '../suite.ts';
import { AssignmentForm } from './assignment-form.ts';
import { ResultsView } from './results-view.ts';

/** The benchmark page: asks its worker to measure, and shows what it hears. */

let worker = startWorker();
let environment: Environment | undefined;
let results: Results | undefined;
let theirs: Results | undefined;
/** What the worker is doing, while it measures. */
let running: { readonly began: number; doing: string; done: number; of: number } | undefined;
let status = 'Looking at the device';

const form = new AssignmentForm(byId('form', HTMLFormElement), run, show);
const view = new ResultsView(byId('results', HTMLElement));
const buttons = {
  run: byId('run', HTMLButtonElement),
  cancel: byId('cancel', HTMLButtonElement),
  copy: byId('copy', HTMLButtonElement),
  download: byId('download', HTMLButtonElement),
  compare: byId('compare', HTMLButtonElement),
  forget: byId('forget', HTMLButtonElement),
};
const file = byId('file', HTMLInputElement);

buttons.cancel.addEventListener('click', cancel);
buttons.copy.addEventListener('click', () => void copy());
buttons.download.addEventListener('click', download);
buttons.compare.addEventListener('click', () => file.click());
buttons.forget.addEventListener('click', forget);
file.addEventListener('change', () => void compare());

if (!installed) {
  const hint = byId('peers-absent', HTMLElement);
  hint.append(
    'TensorFlow.js and jax-js are not installed; ',
    make('code', {}, 'npm ci --prefix benchmark'),
    ' brings them.',
  );
  hint.hidden = false;
}
show();

function startWorker(): Worker {
  const started = new Worker(new URL('../worker.ts', import.meta.url), { type: 'module' });
  started.onmessage = ({ data }: MessageEvent<Event>) => hear(data);
  started.onerror = (error) => {
    error.preventDefault();
    hear({ kind: 'failed', reason: error.message || 'The worker could not be loaded.' });
  };
  return started;
}

function hear(event: Event): void {
  switch (event.kind) {
    case 'ready':
      if (!environment) {
        environment = event.environment;
        form.preset(environment.adapter?.software !== false, environment.adapter !== undefined);
        status = 'Ready.';
        write(byId('missing', HTMLElement), event.missing.join(' '));
        showDevice(environment);
      }
      break;
    case 'progress':
      if (!running) return;
      // What was measured before stays until there is something to take its place.
      if (isSomething(event.results) || event.results.complete) ({ results } = event);
      running = { ...running, doing: event.doing, done: event.done, of: event.of };
      if (event.results.complete) {
        status = `Done in ${formatDuration((performance.now() - running.began) / 1000)}.`;
        running = undefined;
      }
      break;
    case 'failed':
      status = `It failed: ${event.reason}`;
      if (running) renew();
  }
  show();
}

function run(assignment: Assignment): void {
  if (running || !environment) return;
  running = { began: performance.now(), doing: 'Starting', done: 0, of: 1 };
  worker.postMessage({ kind: 'run', assignment } satisfies Command);
  show();
}

function cancel(): void {
  if (!running) return;
  status = `Cancelled after ${formatCount(running.done)} of ${formatCount(running.of)} tasks; what was measured stays.`;
  renew();
  show();
}

/** Whatever the worker is in the middle of ends with it. */
function renew(): void {
  running = undefined;
  worker.terminate();
  worker = startWorker();
}

function show(): void {
  write(byId('status', HTMLElement), running ? `${running.doing} (${running.done + 1} of ${running.of})` : status);
  const assignment = form.read();
  const seconds = environment && assignment ? estimate(environment, assignment) : undefined;
  write(byId('estimate', HTMLElement), seconds === undefined || running ? '' : `This takes ${roughly(seconds)}.`);
  const progress = byId('progress', HTMLProgressElement);
  progress.max = running?.of ?? 1;
  progress.value = running?.done ?? (results?.complete ? 1 : 0);
  form.lock(running !== undefined);
  able(buttons.run, !running && environment !== undefined);
  able(buttons.cancel, running !== undefined);
  const some = results !== undefined && isSomething(results);
  able(buttons.copy, some);
  able(buttons.download, some);
  byId('results-empty', HTMLElement).hidden = results !== undefined || theirs !== undefined;
  buttons.forget.hidden = theirs === undefined;
  const [shown, beside] = results ? [results, theirs] : [theirs, undefined];
  if (shown) view.show(shown, beside);
}

function able(button: HTMLButtonElement, can: boolean): void {
  button.setAttribute('aria-disabled', String(!can));
}

/** Whether anything was measured. */
function isSomething({ tunings, kernels, phases, steps, contenders }: Results): boolean {
  return tunings.length + kernels.length + phases.length + steps.length + contenders.length > 0;
}

/** A time to plan by. */
function roughly(seconds: number): string {
  if (seconds < 60) return 'less than a minute';
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `about ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}` : 'more than an hour and a half';
}

function showDevice(environment: Environment): void {
  const facts = describe(environment).map(([name, value]) =>
    make('div', {}, make('dt', {}, name), make('dd', {}, value)),
  );
  byId('device', HTMLElement).replaceChildren(...facts);
  const { adapter } = environment;
  if (!adapter) return;
  if (adapter.software) {
    byId('warning', HTMLElement).replaceChildren(
      make('div', { class: 'notice error software' }, make('p', {}, make('strong', {}, softwareWarning))),
    );
  }
  const limits = Object.entries(adapter.limits).map(([name, value]) =>
    make('div', {}, make('dt', {}, name), make('dd', { class: 'value' }, formatCount(value))),
  );
  byId('device-details', HTMLElement).replaceChildren(
    make(
      'details',
      {},
      make('summary', {}, 'Features and limits'),
      make('p', {}, adapter.features.join(', ')),
      make('dl', { class: 'facts limits' }, ...limits),
    ),
  );
}

async function copy(): Promise<void> {
  if (!results) return;
  try {
    await navigator.clipboard.writeText(markdownOf(results, theirs));
    say('Copied as Markdown.');
  } catch {
    say('', 'The browser does not let this page copy; the JSON can be downloaded.');
  }
}

function download(): void {
  if (!results) return;
  const json = new Blob([JSON.stringify(results, null, 1)], { type: 'application/json' });
  saveFile(`sluice-benchmark-${results.date.slice(0, 19).replaceAll(':', '')}.json`, json);
}

async function compare(): Promise<void> {
  const [chosen] = file.files ?? [];
  if (!chosen) return;
  try {
    theirs = readResults(chosen.name, await chosen.text());
    const [[, adapter] = ['', '']] = describe(theirs.environment);
    say(
      `${results ? 'Compared with' : 'Shown:'} ${chosen.name}: ${adapter}, ${theirs.environment.host}, ${day(theirs.date)}.`,
    );
  } catch (error) {
    say('', (error as Error).message);
  }
  // So that the same file can be chosen again.
  file.value = '';
  show();
}

function forget(): void {
  theirs = undefined;
  if (!results) byId('results', HTMLElement).replaceChildren();
  say('');
  buttons.compare.focus();
  show();
}

function say(words: string, error = ''): void {
  write(byId('exchange-says', HTMLElement), words);
  write(byId('exchange-error', HTMLElement), error);
}
