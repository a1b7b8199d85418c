import type { Kind } from '../data/dataset.ts';
import { figureOf } from '../data/measure.ts';
import { datasetNames } from '../data/names.ts';
import type { HeldOut } from '../files/model-file.ts';
import { networkName } from '../format.ts';
import { isResumable, resume, resumedConfiguration } from '../training/checkpoint.ts';
import { type Configuration, settings as table } from '../training/configuration.ts';
import { HeldOutLooks } from '../training/held-out-looks.ts';
import { type RecipeName, recipeNames, recipesFor } from '../training/recipes.ts';
import { Run } from '../training/run.ts';
import { SpeedMeter } from '../training/speed-meter.ts';
import { readTuningSetting } from '../training/tuning-setting.ts';
import type { Command } from './command.ts';
import { assertCurveFile, writeCurve } from './curve.ts';
import { assertMatters, isBuiltIn, kindNames, readAgain, readDataset, readKind, tableOptions } from './data.ts';
import { BarDisplay, type Display, JsonDisplay, LineDisplay } from './display.ts';
import { chooseInNode } from './engine.ts';
import { isSameFile, readModelFile } from './files.ts';
import { Interruption } from './interruption.ts';
import { type Given, kebab, readNumber, UsageError } from './options.ts';
import { outcomeOf } from './outcome.ts';
import { output } from './output.ts';
import { Saver } from './saver.ts';
import { takeSteps } from './steps.ts';

const chosen = [
  ...(['inputs', 'predict', 'ahead'] as const),
  ...([
    'engine',
    'tuning',
    'cell',
    'layers',
    'output',
    'hidden',
    'biases',
    'batch',
    'sequence',
    'steps',
    'batches',
  ] as const),
  ...(['leadIn', 'parts', 'learningRate', 'schedule', 'decay', 'warmup', 'clipNorm', 'dropout'] as const),
  ...(['recurrentDropout', 'dropoutMasks', 'weightDecay', 'averaging', 'beta1', 'beta2', 'epsilon'] as const),
  ...(['validation', 'evaluateEvery', 'patience', 'keep', 'seed'] as const),
] as const;

/** Trains a network. */
export const train: Command = {
  summary:
    `Trains a network on data: a text, a table (.csv, .tsv), JSON Lines (.jsonl), or what comes with Sluice: ` +
    `${datasetNames.join(', ')}. The field notes, if nothing is named. ` +
    'Ctrl-C finishes the step, and saves if --save was given; a second one quits at ' +
    'once. What may change with ' +
    `--resume: ${chosen
      .filter((name) => isResumable(name))
      .map(kebab)
      .join(', ')}.`,
  operands: [{ name: 'data', optional: true }],
  settings: chosen,
  printsByTheWay: true,
  options: {
    kind: { value: Object.keys(kindNames).join('|'), help: 'What a file is, where its name does not tell.' },
    recipe: {
      value: recipeNames.join('|'),
      help: 'Settings that go together, for all that are not given; what is in brackets above holds where it says nothing else. (quick)',
    },
    save: { value: 'm.safetensors', help: 'Where to save the network and its training: now and then, and at the end.' },
    'save-every': { value: 'seconds', help: 'How often to save. (60)' },
    resume: {
      value: 'm.safetensors',
      help: 'Goes on where that file’s training stopped, with its settings; or begins with its network, if it has no training.',
    },
    curve: {
      value: 'loss.csv|loss.svg',
      help: 'Where to write the loss over the steps in the end, as a table or as a drawing.',
    },
    json: { help: 'Prints one JSON object a line for each step, and one for what simpler models reach.' },
  },
  run,
};

async function run({ operands: [word], settings, value, has }: Given): Promise<number> {
  const every = readNumber('save-every', value('save-every') ?? '60', { minimum: 0, whole: false });
  const [save, resumed, kind] = [value('save'), value('resume'), readKind(value('kind'), word)];
  if (resumed !== undefined && settings.tuning !== undefined) {
    throw new UsageError('--tuning is for a new run: one that goes on keeps its own, for the same bits.');
  }
  if (resumed !== undefined && value('recipe') !== undefined) {
    throw new UsageError('--recipe is for a new run: one that goes on keeps its own settings.');
  }
  const curve = value('curve');
  if (curve !== undefined) await assertCurveFile(curve, [word, save, resumed]);
  const saver =
    save === undefined
      ? undefined
      : await Saver.open(save, every, resumed !== undefined && (await isSameFile(save, resumed)));
  const display = has('json') ? new JsonDisplay() : output.isTerminal ? new BarDisplay() : new LineDisplay();
  const interruption = new Interruption(() => display.note('Finishing the step. Ctrl-C again quits at once.'));
  try {
    const run = await (resumed === undefined
      ? begin(word, kind, settings, value('recipe'))
      : takeUp(resumed, word, kind, settings, display));
    introduce(run, display);
    if (saver?.backup) display.note(`The model that ${save} holds will be kept beside it as ${saver.backup}.`);
    try {
      await saver?.begin(run);
      const code = await trainUntilStopped(run, display, interruption, saver);
      if (curve !== undefined) display.note(await writeCurve(curve, run));
      return code;
    } finally {
      display.close();
      run.close();
    }
  } finally {
    interruption.close();
  }
}

async function begin(
  word: string = table.dataset.default,
  kind: Kind | undefined,
  settings: Partial<Configuration>,
  recipe: string = recipeNames[0],
): Promise<Run> {
  if (!isRecipe(recipe)) {
    throw new UsageError(`--recipe is one of ${recipeNames.join(', ')}, not “${recipe}”.`);
  }
  const dataset = await readDataset(word, tableOptions(kind, settings));
  assertMatters(settings, word, dataset);
  const recipes = recipesFor({ kind: dataset.kind, ...(isBuiltIn(word) && { builtIn: word }) });
  const defaults = recipes.get(recipe);
  if (defaults === undefined) {
    throw new UsageError(
      `For ${dataset.name} there is no recipe “${recipe}”: it has ${[...recipes.keys()].join(', ')}.`,
    );
  }
  const run = await Run.open(dataset, { ...defaults, ...settings }, chooseInNode);
  run.startAfresh();
  const { kind: tuning } = readTuningSetting(run.configuration.tuning);
  if (tuning !== 'auto' && run.session.tuning === undefined) {
    const { name } = run.engine;
    run.close();
    throw new UsageError(`--tuning is for WebGPU; what computes here is ${name}. Give --engine webgpu.`);
  }
  // What emulates a GPU takes seconds for each try: there it has to be asked for. Unasked, it may fail: all is as it was.
  if (tuning === 'measure') await run.tune();
  else if (!run.engine.software) await run.tune().catch(() => {});
  return run;
}

const isRecipe = (word: string): word is RecipeName => (recipeNames as readonly string[]).includes(word);

async function takeUp(
  path: string,
  word: string | undefined,
  kind: Kind | undefined,
  settings: Partial<Configuration>,
  display: Display,
): Promise<Run> {
  const file = await readModelFile(path);
  const named = word ?? file.training?.configuration.dataset ?? table.dataset.default;
  const dataset = await readAgain(file, named, tableOptions(kind, { ...file.training?.configuration, ...settings }));
  assertMatters(settings, named, dataset);
  const change = { ...settings, ...(!file.training && isBuiltIn(named) && { dataset: named }) };
  const { steps } = orUsageError(path, () => resumedConfiguration(file, dataset, change));
  const { step, engine } = file.training ?? { step: 0 };
  if (step >= steps) throw new UsageError(`${path} is at step ${step}, and --steps is ${steps}: give a higher one.`);
  const run = await resume(file, dataset, change, chooseInNode);
  display.note(file.training ? `Goes on from step ${step} of ${path}.` : `Begins with the network of ${path}.`);
  if (engine && engine.device !== run.engine.device) {
    display.note(`It was trained on ${engine.device}: here the numbers are the same but for rounding.`);
  }
  return run;
}

/** Says of which file it is that something cannot be done with it. */
function orUsageError<Result>(path: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw new UsageError(`${path} cannot be taken up. ${(error as Error).message}`);
  }
}

function introduce(run: Run, display: Display): void {
  const { engine, session, reason, configuration, parameterCount, task } = run;
  const { dataset, unit, place, facts, trainingLength, validationLength } = task;
  if (dataset.kind !== 'text') for (const remark of dataset.remarks ?? []) display.note(remark);
  const count = (value: number) => value.toLocaleString('en');
  display.note(`Engine: ${engine.name} on ${engine.device}. ${reason}`);
  if (session.tuning !== undefined) display.note(`Cut up as ${session.tuning}.`);
  display.note(
    `${dataset.name}: ${count(trainingLength)} ${unit}s to learn and ${count(validationLength)} held out. ` +
      `${facts.map(({ label, figure, unit }) => `${label}: ${count(figure)} ${unit}. `).join('')}` +
      `${networkName(configuration)}, ${count(parameterCount)} parameters; ${count(Math.round(task.placesPerStep))} ${place}s a step.`,
  );
}

/** @returns the exit code */
async function trainUntilStopped(
  run: Run,
  display: Display,
  interruption: Interruption,
  saver: Saver | undefined,
): Promise<number> {
  const { steps } = run.configuration;
  const speed = new SpeedMeter();
  const interrupted = () => interruption.exitCode !== undefined;
  const looks = new HeldOutLooks(run);
  display.begin(run.task);
  const pausing = () => interrupted() || saver?.due === true || looks.due;
  const look = () => looks.look(() => !interrupted());
  // A look that was ended before the run went on is made up for.
  if (looks.due) await look();

  for await (const { step, loss, notFinite, atRest } of takeSteps(run, pausing)) {
    if (notFinite !== undefined) {
      const what = notFinite.map((name) => (name === 'loss' ? 'the loss' : `the gradient of ${name}`)).join(', ');
      throw new Error(describeRunaway(`At step ${step} ${what} is not a finite number`, saver));
    }
    const placesPerSecond = speed.count(run.task.placesPerStep);
    const validationLoss = atRest && !interrupted() && looks.due ? await look() : undefined;
    display.step({ step, loss, placesPerSecond, ...(validationLoss !== undefined && { validationLoss }) }, steps);
    if (!atRest) continue;
    const stopping = interrupted() || run.finished;
    if (saver && (saver.due || stopping)) await save(run, saver, stopping, display);
    if (stopping) break;
    speed.skip();
  }
  display.close();
  if (run.heldOut !== undefined) display.note(describeBest(run.heldOut, run));
  const outcome = await outcomeOf(run, () => !interrupted());
  if (outcome !== undefined) display.end(outcome);
  const where = saver ? `Step ${run.step} is saved in ${saver.path}.` : 'Nothing is saved, for want of --save.';
  if (saver || interrupted()) display.note(where);
  return interruption.exitCode ?? 0;
}

function describeBest(
  { best, sinceBest }: HeldOut,
  { outOfPatience, configuration: { keep }, task: { measure } }: Run,
): string {
  const [figure, step] = [figureOf(measure, best.loss), best.step.toLocaleString('en')];
  const held =
    measure.unit === 'bits' ? `${figure.toFixed(4)} ${measure.name}` : `${measure.name} ${figure.toPrecision(4)}`;
  const why = outOfPatience ? `Stops after ${sinceBest} looks without a better one. ` : '';
  return `${why}Best: ${held} held out, at step ${step}${keep === 'best' ? '' : ', which is not kept'}.`;
}

/** Saves; while training goes on, what hinders that now may have passed by the next time. */
async function save(run: Run, saver: Saver, last: boolean, display: Display): Promise<void> {
  let complaint: string | undefined;
  try {
    complaint = await saver.save(run, (sentence) => display.note(sentence));
  } catch (error) {
    if (last) throw new Error(`${(error as Error).message.replace(/\.$/, '')}, and ${describeSaved(saver)}.`);
    display.note((error as Error).message);
  }
  if (complaint !== undefined) throw new Error(describeRunaway(complaint, saver));
}

/** What to tell when numbers have run away, and what is left. */
const describeRunaway = (what: string, saver: Saver | undefined): string =>
  `${what}: ${describeSaved(saver)}; try a lower --learning-rate or --clip-norm.`;

const describeSaved = (saver: Saver | undefined): string =>
  saver?.savedStep === undefined ? 'nothing is saved' : `${saver.path} holds step ${saver.savedStep}`;
