import type { Dataset } from '../data/dataset.ts';
import { matters } from '../data/kinds.ts';
import type { DatasetName } from '../data/names.ts';
import type { ExportFormat } from '../interop/export-formats.ts';
import type { NamedFile } from '../interop/network.ts';
import { type Configuration, defaultConfiguration, type SettingName, settingNames } from '../training/configuration.ts';
import type { Event } from '../training/protocol.ts';
import { changeOfRecipe, changeToRecipe, recipesFor } from '../training/recipes.ts';
import { formatAddress, parseAddress } from './address.ts';
import { Announcer } from './announcer.ts';
import { BackgroundLevels } from './background-levels.ts';
import { confirmLoss } from './confirm.ts';
import { DataChoice } from './data/choice.ts';
import { remarkAboutColumns } from './data/columns.ts';
import { DataPicker } from './data/picker.ts';
import { byId, write } from './dom.ts';
import { Curves } from './history.ts';
import { lookPanels } from './looks/panels.ts';
import { LossView } from './loss-view.ts';
import { cautionAboutMemory } from './memory-caution.ts';
import { Notices, noticesOf, type Remedy } from './notices.ts';
import { complaintAboutPrime, remarkAboutPrime } from './prime.ts';
import { Readouts } from './readouts.ts';
import { RecipeChoice } from './recipe-choice.ts';
import { moreSteps, primaryOf, RunControls, titleOf } from './run-controls.ts';
import { RunKeeper } from './saved-runs/keeper.ts';
import { RunsSection } from './saved-runs/section.ts';
import { SettingsForm } from './settings-form.ts';
import { SettingsPanel } from './settings-panel.ts';
import { listenForShortcuts } from './shortcuts.ts';
import { Stage } from './stage/stage.ts';
import {
  type Action,
  differences,
  initialState,
  isBroken,
  isChangeable,
  type PageState,
  pending,
  planOf,
  recipesOf,
  reduce,
  shouldOpen,
} from './state.ts';
import { TrainerClient } from './trainer-client.ts';
import { describeUnreadable } from './unreadable.ts';

/**
 * The training page. Whatever happens, a click or a word from the worker, is an action; `dispatch` makes the next state
 * of it, does what follows, and shows the state in the next frame.
 */

const passageLength = 300;

const address = parseAddress(location.search);
let state: PageState = initialState(address.configuration);
const curves = new Curves();
/** What the network that stands was last asked to be saved as. */
let exportFormat: ExportFormat = 'sluice';
/** Whether the next frame shows the state. */
let showing = false;
/** The address of a model that is still to be opened. */
let { model: link } = address;

const trainer = new TrainerClient({
  heard: (event) => dispatch({ kind: 'event', event }),
  crashed: (message) => dispatch({ kind: 'crashed', message }),
});
const controls = new RunControls({ primary, oneStep: () => trainer.send({ kind: 'step' }), startAfresh });
const form = new SettingsForm(configure);
const recipeChoice = new RecipeChoice({
  chosen: (name) => configure(changeToRecipe(recipesOf(state), name)),
  unknown: (recipes) => trainer.send({ kind: 'time', recipes }),
});
const choice = new DataChoice({
  loading: (loading) => dispatch({ kind: 'dataLoading', loading }),
  loaded: learn,
  refused: (message) => dispatch({ kind: 'dataRefused', message }),
  missing: () => (state.dataset ? undefined : state.configuration.dataset),
});
const picker = new DataPicker({
  chosen: (name) => void choice.choose(name),
  taken: (dataset) => choice.take(dataset),
  opened: (source) => {
    // How far it is read, and how to stop that, stands there.
    settingsPanel.open();
    void choice.open(source);
  },
  givenUp: () => void choice.giveUp(),
  modelOffered: (files) => void openFiles(files),
});
const settingsPanel = new SettingsPanel();
const stage = new Stage(() => trainer.send({ kind: 'generate', length: passageLength }));
const readouts = new Readouts();
const memoryCaution = byId('memory-caution', HTMLElement);
const notices = new Notices(byId('notices', HTMLElement), byId('train', HTMLElement), remedy);
const announcer = new Announcer(byId('announcements', HTMLElement));
const lossView = new LossView(curves);
const panels = lookPanels((command) => trainer.send(command), scheduleShow, stage);
byId('check-start', HTMLButtonElement).addEventListener('click', () => {
  void import('./check/panel.ts').then(({ startCheck }) => startCheck());
});
const background = new BackgroundLevels(scheduleShow);
const keeper = new RunKeeper({
  listed: (runs) => dispatch({ kind: 'savedRuns', runs }),
  identified: (id) => dispatch({ kind: 'identified', id }),
  complained: (text) => dispatch({ kind: 'noted', about: 'storage', text }),
});
const runs = new RunsSection(
  async () =>
    new (await import('./saved-runs/panel.ts')).RunsPanel(
      {
        resume: (id) => void resumeSaved(id),
        export: (id, format) => void exportRun(id, format),
        begin: ({ dataset, configuration }) => void begin(dataset, configuration),
        complained: (text) => dispatch({ kind: 'noted', about: 'request', text }),
        changed: scheduleShow,
      },
      keeper,
      lossView,
    ),
  scheduleShow,
  (files) => void openFiles(files),
);
/** Wait until the worker has answered what it was last asked to open. */
const waiting: (() => void)[] = [];

document.documentElement.classList.toggle('present', address.present);
listenForShortcuts({
  ' ': () => controls.press(),
  s: () => settingsPanel.toggle(),
  arrowleft: () => stage.turn(-1),
  arrowright: () => stage.turn(1),
});
if (address.problems.length > 0) dispatch({ kind: 'noted', about: 'address', text: address.problems.join('\n') });
void choice.choose(state.configuration.dataset).then(openLink);
document.addEventListener('click', ({ target }) => {
  const button = (target as Element).closest<HTMLElement>('[data-wanted]');
  if (button) void want(button.dataset['wanted']!, button);
});
const hear = () => location.hash && want('fragment');
addEventListener('hashchange', hear);
hear();
void keeper.begin().then((runs) => {
  if (!runs) return;
  dispatch({ kind: 'savedRuns', runs });
  dispatch({ kind: 'offered', id: runs[0]?.id ?? null });
});
const save = () => trainer.send({ kind: 'save', purpose: 'keep' });
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') save();
});
// The worker dies with the page; from here on there is still as much time as the next page takes to come.
addEventListener('beforeunload', save);

function dispatch(action: Action): void {
  curves.follow(action, state);
  state = reduce(state, action);
  if (action.kind === 'configured' || action.kind === 'dataLoaded') writeAddress();
  if (shouldOpen(state)) open();
  if (action.kind === 'event') follow(action.event);
  const { run } = state;
  const ready = state.network !== null && !state.opening && (run.kind === 'paused' || run.kind === 'finished');
  if (state.trainWhenReady && ready) {
    trainer.send({ kind: 'train' });
    state = reduce(state, { kind: 'trainWhenReady', wanted: false });
  }
  if (!state.opening) for (const goOn of waiting.splice(0)) goOn();
  scheduleShow();
}

/** What an event of the worker brings about besides the next state. */
function follow(event: Event): void {
  for (const panel of [...panels, runs]) panel.hear(event);
  if (event.kind === 'opened') {
    tellOfLateChanges();
    if (address.predictFirst) void want('opened');
    writeAddress();
    void keeper.identify(state.network?.plan.resumed?.id);
  } else if (event.kind === 'checkpoint' && event.purpose === 'export') {
    void handOver(event.file, exportFormat, state.network?.datasetName ?? 'network', event.step);
  } else if (event.kind === 'checkpoint') keep(event);
}

/** Fetches what few visitors want, and does it. @param button which asked for it */
async function want(what: string, button?: Element): Promise<void> {
  try {
    const { wanted } = await import('./wanted.ts');
    await wanted[what]!({ state, curves, levels: background.levels, stage, address, formatAddress, dispatch }, button);
  } catch (error) {
    refuse(error);
  }
}

function writeAddress(): void {
  const model = link ?? state.network?.plan.resumed?.link;
  const query = formatAddress(state.configuration, { ...address, model });
  history.replaceState(null, '', `${location.pathname}${query}${location.hash}`);
}

function scheduleShow(): void {
  if (showing) return;
  showing = true;
  requestAnimationFrame(() => {
    showing = false;
    show();
  });
}

function show(): void {
  const { network, dataset, configuration } = state;
  const charted = network?.plan ?? planOf(state);
  if (charted) background.find(charted.dataset, charted.configuration);
  controls.show(state);
  picker.show(state);
  recipeChoice.show(state);
  const learned = network?.plan.dataset ?? dataset;
  const unheeded = configuration.tuning !== defaultConfiguration.tuning && network && network.engine.name !== 'webgpu';
  // What takes effect at once is the standing network's, all else the next one's.
  const means = (name: SettingName) =>
    matters(name, (isChangeable(name) ? learned : dataset)?.kind ?? 'text') &&
    (name !== 'leadIn' || configuration.batches === 'windows');
  form.show(configuration, means, pending(state), network?.plan.configuration, {
    inputs: remarkAboutColumns(dataset),
    prime: remarkAboutPrime(configuration.prime, learned),
    tuning: unheeded ? 'Only WebGPU takes notice of it, which is not what computes here.' : '',
  });
  form.complain('prime', complaintAboutPrime(configuration.prime, learned));
  write(memoryCaution, cautionAboutMemory(state));
  // What is told of a run stands on the page for the kinds of data that it means something to. While the first
  // are on their way nobody knows.
  const kind = learned?.kind ?? (state.loading ? '' : 'text');
  for (const part of document.querySelectorAll<HTMLElement>('[data-kinds]')) {
    part.hidden = !part.dataset['kinds']!.split(' ').includes(kind);
  }
  readouts.show(state);
  settingsPanel.show(state);
  stage.show(state);
  document.title = titleOf(state);
  notices.show(noticesOf(state));
  // What is compared is on the chart.
  runs.show(state);
  announcer.show(state);
  lossView.show(state, background.levels);
  for (const panel of panels) panel.show(state);
}

function configure(change: Partial<Configuration>): void {
  dispatch({ kind: 'configured', change });
  if (state.network) tellOfChange(change, state.network.plan.dataset);
}

/** Hands on the part of a change that takes effect at once. The field of a prime that cannot be used says so itself. */
function tellOfChange(change: Partial<Configuration>, dataset: Dataset): void {
  const names = (Object.keys(change) as (keyof Configuration)[]).filter(isChangeable);
  const usable = names.filter(
    (name) => matters(name, dataset.kind) && (name !== 'prime' || !complaintAboutPrime(change.prime ?? '', dataset)),
  );
  if (usable.length === 0) return;
  trainer.send({ kind: 'change', change: Object.fromEntries(usable.map((name) => [name, change[name]])) });
}

/** Hands on what was changed while the network that now stands was being opened. */
function tellOfLateChanges(): void {
  if (!state.network) return;
  const { configuration, dataset } = state.network.plan;
  const late = settingNames.filter((name) => isChangeable(name) && state.configuration[name] !== configuration[name]);
  tellOfChange(Object.fromEntries(late.map((name) => [name, state.configuration[name]])), dataset);
}

/** Another run takes the place of the one that stands, which the worker has kept before, and trains. */
async function begin(dataset: Dataset, configuration: Configuration): Promise<void> {
  await answered();
  dispatch({ kind: 'dataLoaded', dataset, own: choice.isOwn(dataset) });
  dispatch({ kind: 'configured', change: configuration });
  open();
  dispatch({ kind: 'trainWhenReady', wanted: true });
}

/** An answer of the worker's that is still to come would be taken for the one to the next request. */
async function answered(): Promise<void> {
  while (state.opening) await new Promise<void>((resolve) => waiting.push(resolve));
}

function open(): void {
  const plan = planOf(state);
  if (!plan) return;
  dispatch({ kind: 'opening', plan });
  trainer.send({ kind: 'open', ...plan });
}

function primary(): void {
  switch (primaryOf(state)) {
    case 'pause':
      if (state.run.kind === 'training') trainer.send({ kind: 'pause' });
      dispatch({ kind: 'trainWhenReady', wanted: false });
      break;
    case 'trainMore':
      configure({ steps: state.configuration.steps + moreSteps(state) });
      dispatch({ kind: 'trainWhenReady', wanted: true });
      break;
    case 'train':
      dispatch({ kind: 'trainWhenReady', wanted: true });
  }
}

async function startAfresh(): Promise<void> {
  if (!(await confirmLoss(state))) return;
  if (pending(state).length === 0 && !isBroken(state.run)) {
    trainer.send({ kind: 'startAfresh' });
    const { kind } = state.run;
    dispatch({ kind: 'startedAfresh' });
    if (kind === 'training') dispatch({ kind: 'trainWhenReady', wanted: true });
    return;
  }
  // The old network trains on until the new one stands, and for good if that one is refused.
  if (state.run.kind === 'training') dispatch({ kind: 'trainWhenReady', wanted: true });
  open();
}

/** Puts data in the form. @param builtIn their name, if they come with the page */
function learn(dataset: Dataset, builtIn?: DatasetName): void {
  const recipes = recipesFor({ kind: dataset.kind, ...(builtIn && { builtIn }) });
  configure({
    ...changeOfRecipe(state.configuration, recipesOf(state), recipes),
    ...(builtIn && { dataset: builtIn }),
  });
  dispatch({ kind: 'dataLoaded', dataset, own: !builtIn });
}

/** Keeps a checkpoint in the browser, with what the page knows of the run. */
function keep({ file, step, dataset, configuration }: Extract<Event, { kind: 'checkpoint' }>): void {
  const { network, validation, last, best, secondsTraining: seconds } = state;
  if (!network || !state.savedRuns) return;
  const learned = network.plan.dataset;
  const { cell, layers, hidden } = configuration;
  const loss = (validation ?? last)?.loss ?? null;
  const trainingFigure = curves.training.smoothed.at(-1);
  keeper.keep(
    {
      step,
      loss,
      measure: network.measure,
      cell,
      layers,
      hidden,
      dataset,
      dataKind: learned.kind,
      configuration,
      seconds,
      ...(trainingFigure !== undefined && { trainingFigure }),
      ...(best && { bestLoss: best.loss }),
    },
    file,
    choice.isOwn(learned) ? learned : undefined,
  );
}

async function resumeSaved(id: string): Promise<void> {
  const file = await keeper.model(id);
  if (file) await openModel([{ name: 'run.safetensors', bytes: file }], { id });
}

/** Opens the model that the address names, if there is one and the person wants it. */
async function openLink(): Promise<void> {
  if (link === undefined) return;
  const from = { link };
  const { fetchLinkedModel } = await import('./saved-runs/linked-model.ts');
  const file = await fetchLinkedModel(link).catch(refuse);
  link = undefined;
  if (file) await openModel([file], from);
  else if (file === null) writeAddress();
}

async function openFiles(files: readonly File[]): Promise<void> {
  const read = files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) }));
  const contents = await Promise.all(read).catch(() => undefined);
  if (contents) return openModel(contents);
  const largest = files.toSorted((a, b) => b.size - a.size)[0]!;
  dispatch({ kind: 'noted', about: 'request', text: describeUnreadable(largest) });
}

/** Goes on with the network of a model file; if it cannot be used, everything stays as it is. */
async function openModel(files: readonly NamedFile[], from: { id?: string; link?: string } = {}): Promise<void> {
  try {
    const { planOfFiles } = await import('./saved-runs/opening.ts');
    const { dataset, configuration, file, remarks } = await planOfFiles(files, () => state, choice, keeper);
    if (!(await confirmLoss(state))) return;
    await answered();
    if (state.run.kind === 'crashed') trainer.restart();
    const resumed = { own: choice.isOwn(dataset), ...from };
    dispatch({ kind: 'opening', plan: { dataset, configuration, resumed } });
    trainer.send({ kind: 'open', dataset, configuration, file });
    if (remarks) dispatch({ kind: 'noted', about: 'request', text: remarks });
  } catch (error) {
    refuse(error);
  }
}

function refuse(error: unknown): void {
  dispatch({ kind: 'noted', about: 'request', text: error instanceof Error ? error.message : String(error) });
}

async function exportRun(id: string | null, format: ExportFormat): Promise<void> {
  if (id === null) {
    exportFormat = format;
    trainer.send({ kind: 'save', purpose: 'export' });
    return;
  }
  const run = state.savedRuns?.find((run) => run.id === id);
  const file = await keeper.model(id);
  if (run && file) await handOver(file, format, run.name ?? run.dataset.name, run.step);
}

async function handOver(...saved: Parameters<typeof import('./saved-runs/model-files.ts').download>): Promise<void> {
  try {
    const { download } = await import('./saved-runs/model-files.ts');
    const text = await download(...saved);
    if (text) dispatch({ kind: 'noted', about: 'remark', text });
  } catch (error) {
    refuse(error);
  }
}

function remedy(wanted: Remedy): void {
  switch (wanted.kind) {
    case 'recoverSlower':
      configure({ learningRate: wanted.learningRate });
      trainer.send({ kind: 'recover' });
      break;
    case 'recover':
      trainer.send({ kind: 'recover' });
      break;
    case 'tryAgain':
      open();
      break;
    case 'useEngine':
      configure({ engine: wanted.engine });
      if (!state.opening) open();
      break;
    case 'useUnits':
      configure({ hidden: wanted.hidden });
      if (!state.opening) open();
      break;
    case 'restartWorker':
      trainer.restart();
      open();
      break;
    case 'resumeSaved':
      void resumeSaved(wanted.id);
      break;
    case 'declineOffer':
      dispatch({ kind: 'offered', id: null });
      break;
    case 'applyPending':
      void startAfresh();
      break;
    case 'undoPending':
      undoPending();
      break;
    case 'dismiss':
      dispatch({ kind: 'dismissed', id: wanted.id });
  }
}

function undoPending(): void {
  if (!state.network) return;
  const { dataset, configuration } = state.network.plan;
  dispatch({ kind: 'dataLoaded', dataset, own: choice.isOwn(dataset) });
  const names = differences(state, state.network.plan).filter((name) => name !== 'data');
  configure(Object.fromEntries([...names, 'dataset' as const].map((name) => [name, configuration[name]])));
}
