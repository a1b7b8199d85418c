import { forecastSeries } from '../data/series/predict.ts';
import { quote } from '../quote.ts';
import { defaultConfiguration } from '../training/configuration.ts';
import { about, readAskedSeries } from './asked.ts';
import type { Command } from './command.ts';
import { readModelFile } from './files.ts';
import { seriesCapacity, withNetwork } from './network.ts';
import { type Given, readNumber } from './options.ts';
import { output } from './output.ts';
import { forSeries } from './purpose.ts';
import { outOption, RowsOut } from './rows.ts';

/** The most rows at once: all of them are in memory together. */
const longest = 1_000_000;

/** Goes on with a series. */
export const forecast: Command = {
  summary: 'Goes on with a series from the network’s own predictions: as CSV, in the variables’ own units.',
  operands: [{ name: 'm.safetensors' }, { name: 'data' }],
  settings: ['engine'],
  options: {
    length: { value: 'n', help: 'How many rows. (48)' },
    out: outOption,
    json: { help: 'Prints {"rows": …, "held": […], "forecast": {…}}, the columns that follow so many rows.' },
  },
  run,
};

async function run(given: Given): Promise<number> {
  const [path, word] = given.operands as [string, string];
  const length = readNumber('length', given.value('length') ?? '48', { minimum: 1, maximum: longest, whole: true });
  const { engine = defaultConfiguration.engine } = given.settings;
  const file = forSeries(path, await readModelFile(path));
  const out = await RowsOut.open(given, [path, word]);
  const series = await readAskedSeries(word);
  for (const remark of series.remarks ?? []) out.note(remark);
  const { columns, held } = await about(word, () =>
    withNetwork(file, engine, seriesCapacity, (network) => forecastSeries(network, file, series.columns, length)),
  );
  if (held.length > 0) out.note(`Held as they were last, since they are not predicted: ${held.map(quote).join(', ')}.`);
  const rows = series.columns[0]!.values.length;
  if (given.has('json')) {
    const forecast = Object.fromEntries(columns.map(({ name, values }) => [name, Array.from(values)]));
    output.printJson({ rows, held, forecast });
  }
  await out.write(
    ['row', ...columns.map(({ name }) => `${name} forecast`)],
    Array.from({ length }, (_, i) => [rows + i + 1, ...columns.map(({ values }) => values[i]!)]),
  );
  return 0;
}
