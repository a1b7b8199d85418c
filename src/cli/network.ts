import type { Capacity, EngineName, Network } from '../engine/engine.ts';
import { initialState } from '../engine/initial-state.ts';
import type { ModelFile } from '../files/model-file.ts';
import { chooseInNode } from './engine.ts';

/**
 * Has an engine compute with a file's network, as long as that is asked.
 *
 * @throws Error in one sentence if there is no such engine, or the network does not fit it; what `ask` throws
 */
export async function withNetwork<Answer>(
  { model, parameters }: ModelFile,
  wanted: 'auto' | EngineName,
  capacity: Capacity,
  ask: (network: Network) => Promise<Answer>,
): Promise<Answer> {
  const { engine } = await chooseInNode(wanted);
  try {
    const session = await engine.open(model, capacity);
    session.write({ ...initialState(model, capacity, 0), parameters });
    const answer = await ask(session);
    session.close();
    return answer;
  } finally {
    engine.close();
  }
}

/** Room to read a series in few calls. */
export const seriesCapacity: Capacity = { rows: 1, timesteps: 1024 };
