import {
  type Configuration,
  currentName,
  defaultConfiguration,
  parseSetting,
  type SettingName,
  settingNames,
} from '../training/configuration.ts';

/** What an address says: a value for every setting, and a sentence for everything in it that could not be used. */
export interface Address {
  readonly configuration: Configuration;
  readonly problems: readonly string[];
}

/** Reads the query of an address (`?hidden=64&seed=7`). Whatever is missing or wrong has its default. */
export function parseAddress(query: string): Address {
  const configuration: Configuration = { ...defaultConfiguration };
  const problems: string[] = [];
  for (const [key, written] of new URLSearchParams(query)) {
    const name = currentName(key);
    if (!isSettingName(name)) {
      problems.push(`The address has “${name}”, which is no setting; it was left out.`);
      continue;
    }
    try {
      Object.assign(configuration, { [name]: parseSetting(name, written) });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems.push(`In the address: ${error.message} The default, ${defaultConfiguration[name]}, is used.`);
    }
  }
  return { configuration, problems };
}

/** The query that `parseAddress` reads back: only what differs from the defaults, or nothing at all. */
export function formatAddress(configuration: Readonly<Configuration>): string {
  const query = new URLSearchParams();
  for (const name of settingNames) {
    if (configuration[name] !== defaultConfiguration[name]) query.append(name, String(configuration[name]));
  }
  return query.size === 0 ? '' : `?${query}`;
}

function isSettingName(name: string): name is SettingName {
  return (settingNames as readonly string[]).includes(name);
}
