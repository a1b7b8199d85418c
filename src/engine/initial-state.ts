import { statesOf } from '../model/cells/cells.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import { initialParameters } from '../model/parameters.ts';
import type { Capacity, TrainingState } from './engine.ts';

/** Where training starts: parameters drawn from the seed, nothing learned. */
export function initialState(model: ModelConfiguration, capacity: Capacity, seed: number): TrainingState {
  const parameters = initialParameters(model, seed);
  return {
    step: 0,
    parameters,
    m: new Float32Array(parameters.length),
    v: new Float32Array(parameters.length),
    carriedState: new Float32Array(statesOf(model).length * capacity.rows * model.hiddenSize),
  };
}
