import type { LearnedNetwork } from '../data/dataset.ts';
import { predictsItsInput } from '../model/configuration.ts';
import type { Configuration } from './configuration.ts';

/** The settings that say what a network is. */
export type NetworkSettings = Partial<
  Pick<Configuration, 'cell' | 'layers' | 'hidden' | 'output' | 'biases' | 'inputs' | 'predict' | 'ahead'>
>;

/** The settings that make a network such as this one; of a series, with the columns that it reads and predicts. */
export function settingsOfNetwork({ model, inputs, outputs, ahead }: LearnedNetwork): NetworkSettings {
  const { cell, layers, hiddenSize: hidden, output } = model;
  const names = (variables: readonly { readonly name: string }[]) => variables.map(({ name }) => name).join(', ');
  return {
    cell,
    layers,
    hidden,
    biases: model.biases === false ? 'off' : 'on',
    ...(output !== 'linear' && predictsItsInput(model) && { output }),
    ...(inputs && outputs && ahead !== undefined && { inputs: names(inputs), predict: names(outputs), ahead }),
  };
}
