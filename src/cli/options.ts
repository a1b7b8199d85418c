import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Bounds, readNumber as readNumberOf } from '../number.ts';
import {
  type Configuration,
  parseSetting,
  type Setting,
  type SettingName,
  settings,
} from '../training/configuration.ts';

/** Bad input on the command line. The message is one sentence for a person to act on. */
export class UsageError extends RangeError {
  override readonly name = 'UsageError';
}

/** An option that is no setting of a run. */
export interface Option {
  /** What stands for its value in the help; a switch has none. */
  readonly value?: string;
  readonly help: string;
}

/** What a command takes: settings of the table, options of its own, and what stands without an option's name. */
export interface Syntax {
  readonly operands: readonly { readonly name: string; readonly optional?: boolean }[];
  readonly settings: readonly SettingName[];
  /** What the command takes for a setting that is not named, where that is not the table's default. */
  readonly defaults?: Partial<Configuration>;
  readonly options: Readonly<Record<string, Option>>;
}

/** What a command was given. */
export interface Given {
  readonly operands: readonly string[];
  /** The settings that were named. */
  readonly settings: Partial<Configuration>;
  /** The value of an option of the command's own, if it was given one. */
  value(option: string): string | undefined;
  /** Whether a switch was given. */
  has(option: string): boolean;
}

const everywhere: Readonly<Record<string, Option>> = { help: { help: 'Shows this.' } };

/**
 * Reads a command line.
 *
 * @returns what was given, or `help` if that was asked for
 * @throws UsageError if it is not one that the syntax allows
 */
export function parseCommandLine(line: readonly string[], syntax: Syntax): Given | 'help' {
  const own = { ...syntax.options, ...everywhere };
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const name of syntax.settings) options[kebab(name)] = { type: 'string' };
  for (const [name, { value }] of Object.entries(own)) options[name] = { type: value ? 'string' : 'boolean' };
  const { values, positionals } = parse(line, options);
  if (values['help']) return 'help';
  const required = syntax.operands.filter(({ optional }) => !optional);
  const missing = required[positionals.length];
  if (missing) throw new UsageError(`${missing.name} is missing: see --help.`);
  const surplus = positionals[syntax.operands.length];
  if (surplus !== undefined) throw new UsageError(`“${surplus}” is too much: see --help.`);
  return {
    operands: positionals,
    settings: readSettings(syntax.settings, values),
    value: (name) => values[name] as string | undefined,
    has: (name) => values[name] === true,
  };
}

function parse(line: readonly string[], options: NonNullable<ParseArgsConfig['options']>) {
  try {
    return parseArgs({ args: withValuesJoined(line, options), options, allowPositionals: true });
  } catch (error) {
    // Node's own words, but only the first sentence: what follows explains how shells and dashes work.
    const [sentence] = (error as Error).message.split(/\n|(?<=['`])\. /);
    throw new UsageError(`${sentence!.replace(/\.$/, '').replaceAll("'", '')}: see --help.`);
  }
}

/** Options with values that begin with a dash, such as −1, joined to one word, as `parseArgs` wants them. */
function withValuesJoined(line: readonly string[], options: NonNullable<ParseArgsConfig['options']>): string[] {
  const joined: string[] = [];
  for (const word of line) {
    const before = joined.at(-1);
    const takesValue = before?.startsWith('--') && options[before.slice(2)]?.type === 'string';
    if (takesValue && /^-[^-]/.test(word)) joined[joined.length - 1] = `${before}=${word}`;
    else joined.push(word);
  }
  return joined;
}

function readSettings(names: readonly SettingName[], values: Record<string, unknown>): Partial<Configuration> {
  const entries = names.flatMap((name) => {
    const written = values[kebab(name)];
    if (typeof written !== 'string') return [];
    try {
      return [[name, parseSetting(name, written)]];
    } catch (error) {
      throw new UsageError(`--${kebab(name)}: ${(error as Error).message}`);
    }
  });
  return Object.fromEntries(entries) as Partial<Configuration>;
}

/**
 * A number from an option's value.
 *
 * @throws UsageError if it is not a number, or not within the bounds
 */
export function readNumber(name: string, written: string, bounds: Bounds): number {
  try {
    return readNumberOf(`--${name}`, written, bounds);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** The help of a command. */
export function describeSyntax(name: string, summary: string, syntax: Syntax): string {
  const operands = syntax.operands.map(({ name, optional }) => (optional ? ` [${name}]` : ` ${name}`)).join('');
  const rows = [
    ...syntax.settings.flatMap((name) => [
      [`--${kebab(name)} ${describeValue(settings[name])}`, describeSetting(name, syntax.defaults)],
      ...describeChoices(settings[name]),
    ]),
    ...Object.entries({ ...syntax.options, ...everywhere }).map(([option, { value, help }]) => [
      `--${option}${value ? ` ${value}` : ''}`,
      help,
    ]),
  ] as [string, string][];
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
  return `npm run ${name} --${operands} [options]\n\n${summary}\n\n${lines.join('\n')}`;
}

function describeValue(setting: Setting): string {
  if (setting.kind === 'choice') return setting.choices.join('|');
  return setting.kind === 'number' ? 'n' : '"…"';
}

function describeSetting(name: SettingName, defaults: Partial<Configuration> = {}): string {
  const { help, default: value } = settings[name];
  return `${help} (${defaults[name] ?? value})`;
}

/** A row for each choice of which there is something to be known. */
function describeChoices(setting: Setting): [string, string][] {
  if (setting.kind !== 'choice' || setting.about === undefined) return [];
  return setting.choices.map((choice) => ['', `${choice}: ${setting.about!(choice)}`]);
}

/** `learningRate` as an option is `learning-rate`. */
export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
