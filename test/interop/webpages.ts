import { initialState } from '../../src/engine/initial-state.ts';
import type { ModelFile } from '../../src/files/model-file.ts';
import type { Cell } from '../../src/model/cells/cells.ts';
import { symbolModel } from '../../src/model/configuration.ts';
import { Vocabulary } from '../../src/model/vocabulary.ts';

const vocabulary = Vocabulary.of(
  'The quick brown fox jumps over the lazy dog.\nPack my box with five dozen liquor jugs!',
);

/** A network that has learned nothing, but does not take all symbols for equally likely. */
export function wilfulNetwork(cell: Cell, layers: number): ModelFile {
  const model = symbolModel(cell, vocabulary.size, 24, { layers });
  const { parameters } = initialState(model, { rows: 1, timesteps: 1 }, 3);
  return { model, vocabulary, parameters: parameters.map((value) => 4 * value) };
}
