import { describe, expect, it } from 'vitest';
import type { TimeSeries } from '../../src/data/series/series.ts';
import type { ModelFile } from '../../src/files/model-file.ts';
import { type ModelConfiguration, symbolModel } from '../../src/model/configuration.ts';
import { parameterLayout } from '../../src/model/parameters.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';
import { resumedConfiguration } from '../../src/training/checkpoint.ts';
import { settingsOfNetwork } from '../../src/training/network-settings.ts';

const variable = (name: string) => ({ name, mean: 0, deviation: 1 });
const model: ModelConfiguration = {
  cell: 'lstm',
  layers: 2,
  hiddenSize: 3,
  inputs: 'vectors',
  inputSize: 2,
  outputSize: 1,
  output: 'linear',
  cost: 'squared-error',
};
const file: ModelFile = {
  model,
  inputs: [variable('wind'), variable('rain')],
  outputs: [variable('rain')],
  ahead: 3,
  parameters: new Float32Array(parameterLayout(model).length),
};

describe('The settings of a network', () => {
  it('are its own: of a series with its columns, of a text with its outputs', () => {
    expect(settingsOfNetwork(file)).toEqual({
      ...{ cell: 'lstm', layers: 2, hidden: 3, biases: 'on' },
      ...{ inputs: 'wind, rain', predict: 'rain', ahead: 3 },
    });
    const ofText = {
      model: symbolModel('gru', 2, 5, { output: 'sigmoid', layers: 1 }),
      vocabulary: new Vocabulary(['a', 'b']),
    };
    const settings = { cell: 'gru', layers: 1, hidden: 5, biases: 'on', output: 'sigmoid' };
    expect(settingsOfNetwork(ofText)).toEqual(settings);
    const without = { ...ofText, model: { ...ofText.model, biases: false } };
    expect(settingsOfNetwork(without)).toEqual({ ...settings, biases: 'off' });
    const classes = ['x', 'y'];
    expect(
      settingsOfNetwork({
        model: { ...model, output: 'log-softmax', cost: 'cross-entropy', outputSize: 2 },
        inputs: file.inputs!,
        classes,
      }),
    ).toEqual({
      ...{ cell: 'lstm', layers: 2, hidden: 3, biases: 'on' },
    });
  });

  it('are those with which a training of it begins, and stay so', () => {
    const column = (name: string) => ({ name, values: Float64Array.of(1, 2, 3, 4, 5, 6) });
    const series: TimeSeries = { kind: 'series', name: 'a.csv', columns: [column('wind'), column('rain')] };
    expect(resumedConfiguration(file, series, { batch: 7 })).toMatchObject({ ...settingsOfNetwork(file), batch: 7 });
    expect(() => resumedConfiguration(file, series, { ahead: 1 })).toThrow(/^Ahead is 3 and cannot become 1;/);
    expect(() => resumedConfiguration(file, series, { biases: 'off' })).toThrow(/^Biases is on and cannot become off;/);
  });
});
