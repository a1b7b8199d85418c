import { statesOf } from '../model/cells/cells.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import { parameterLayout } from '../model/parameters.ts';
import type { Capacity, TrainingState } from './engine.ts';

/** @throws RangeError if a state is not one of this network in a session of this capacity */
export function assertTrainingState(state: TrainingState, model: ModelConfiguration, { rows }: Capacity): void {
  const { length } = parameterLayout(model);
  for (const name of ['parameters', 'm', 'v', 'averaged'] as const) {
    const flat = state[name];
    if (flat !== undefined && flat.length !== length) {
      throw new RangeError(`${name} has ${flat.length} elements; this network has ${length}.`);
    }
  }
  const states = statesOf(model).length;
  if (state.carriedState.length !== states * rows * model.hiddenSize) {
    throw new RangeError(
      `The carried state has ${state.carriedState.length} elements, not ${states} × ${rows} rows × ${model.hiddenSize} hidden units.`,
    );
  }
}
