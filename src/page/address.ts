import {
  type Configuration,
  currentName,
  parseSetting,
  type SettingName,
  settingNames,
  settings,
} from '../training/configuration.ts';
import { defaultsFor } from '../training/recipes.ts';

/** What an address says: a value for every setting, and a sentence for everything in it that could not be used. */
export interface Address {
  readonly configuration: Configuration;
  readonly problems: readonly string[];
  /** Whether the page is shown to many, by a projector. */
  readonly present: boolean;
  /** Whether its panels are hidden until somebody has guessed what they will show. */
  readonly predictFirst: boolean;
  /** Where there is a model to be opened. */
  readonly model: string | undefined;
}

/** How the page is shown: what an address says without a value. */
const views = ['present', 'predict-first'] as const;
const linking = 'model';
/** What an address says besides the settings. */
export type Besides = Pick<Address, 'present' | 'predictFirst' | 'model'>;

/** Reads the query of an address (`?hidden=64&seed=7`). Whatever is missing or wrong is as its data have it by default. */
export function parseAddress(query: string): Address {
  const read: Partial<Configuration> = {};
  const problems: ((defaults: Configuration) => string)[] = [];
  const parameters = new URLSearchParams(query);
  const [present, predictFirst] = views.map((view) => parameters.has(view)) as [boolean, boolean];
  const model = parameters.get(linking) ?? undefined;
  for (const name of [...views, linking]) parameters.delete(name);
  for (const [key, written] of parameters) {
    const name = currentName(key);
    if (!isSettingName(name)) {
      problems.push(() => `The address has “${name}”, which is no setting; it was left out.`);
      continue;
    }
    try {
      Object.assign(read, { [name]: parseSetting(name, written) });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const { message } = error;
      problems.push((defaults) => `In the address: ${message} The default, ${defaults[name]}, is used.`);
    }
  }
  const defaults = defaultsFor(read.dataset ?? settings.dataset.default);
  return {
    configuration: { ...defaults, ...read },
    problems: problems.map((tell) => tell(defaults)),
    present,
    predictFirst,
    model,
  };
}

/** The query that `parseAddress` reads back: only what differs from how its data have it by default, or nothing at all. */
export function formatAddress(
  configuration: Readonly<Configuration>,
  { present = false, predictFirst = false, model }: Partial<Besides> = {},
): string {
  const query = new URLSearchParams();
  const defaults = { ...defaultsFor(configuration.dataset), dataset: settings.dataset.default };
  for (const name of settingNames) {
    if (configuration[name] !== defaults[name]) query.append(name, String(configuration[name]));
  }
  for (const [i, shown] of [present, predictFirst].entries()) if (shown) query.append(views[i]!, '');
  if (model !== undefined) query.append(linking, model);
  return query.size === 0 ? '' : `?${query}`;
}

function isSettingName(name: string): name is SettingName {
  return (settingNames as readonly string[]).includes(name);
}
