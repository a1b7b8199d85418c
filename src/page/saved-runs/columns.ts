import { matters } from '../../data/kinds.ts';
import { bitsPerCharacter, figureOf } from '../../data/measure.ts';
import { settingValue } from '../../format.ts';
import type { SavedRun } from '../../storage/saved-runs.ts';
import {
  type Configuration,
  defaultConfiguration,
  type SettingName,
  settingNames,
} from '../../training/configuration.ts';

/** Settings that have a column of their own in any case, and those that say how a network writes, not how it learns. */
const elsewhere: readonly SettingName[] = ['dataset', 'cell', 'layers', 'hidden', 'prime', 'temperature'];

/** A run's settings, all of them; `undefined` if they are not known. */
export const configurationOf = ({ configuration }: SavedRun): Configuration | undefined =>
  configuration && { ...defaultConfiguration, ...configuration };

/** The settings that differ between runs, besides those with a column in any case. */
export function differingSettings(runs: readonly SavedRun[]): readonly SettingName[] {
  return settingNames.filter((name) => {
    if (elsewhere.includes(name)) return false;
    const values = runs.map((run) => toldSetting(run, name)).filter((value) => value !== undefined);
    return new Set(values).size > 1;
  });
}

/** A setting of a run as it is told; `undefined` where it is not known, or means nothing to the data. */
export function toldSetting(run: SavedRun, name: SettingName): string | undefined {
  const configuration = configurationOf(run);
  if (!configuration || !matters(name, run.dataKind ?? 'text')) return undefined;
  return settingValue(name, configuration[name]) || 'as usual';
}

/** The settings that say what is learned of the data, and what is held out of them. */
const decisive: readonly SettingName[] = ['output', 'inputs', 'predict', 'ahead', 'validation'];

/** The runs that can be compared with each other: they learn the same, and are measured by the same. In the order given. */
export function comparableGroups(runs: readonly SavedRun[]): readonly (readonly SavedRun[])[] {
  const yardstick = (run: SavedRun) =>
    JSON.stringify([
      run.dataset.sha256,
      run.measure ?? bitsPerCharacter,
      decisive.map((name) => toldSetting(run, name)),
    ]);
  const groups = new Map<string, SavedRun[]>();
  for (const run of runs) groups.set(yardstick(run), [...(groups.get(yardstick(run)) ?? []), run]);
  return [...groups.values()];
}

/** The figures that runs are ranked by. */
export type Ranked = 'training' | 'heldOut';

/** A figure of a run, as its measure tells it; `undefined` if it is not known. */
export function rankedFigure({ trainingFigure, bestLoss, measure = bitsPerCharacter }: SavedRun, by: Ranked) {
  if (by === 'training') return trainingFigure;
  return bestLoss === undefined ? undefined : figureOf(measure, bestLoss);
}

/** The best of runs that can be compared, if there are several with the figure; `undefined` else. */
export function bestOf(group: readonly SavedRun[], by: Ranked): SavedRun | undefined {
  const known = group.filter((run) => rankedFigure(run, by) !== undefined);
  return known.length < 2 ? undefined : known.toSorted((a, b) => rankedFigure(a, by)! - rankedFigure(b, by)!)[0];
}
