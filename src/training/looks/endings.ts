import type { Task } from '../../data/dataset.ts';
import type { EncodedSamples } from '../../data/labelled/batches.ts';
import { isPresent, type Numbers } from '../../data/labelled/places.ts';
import type { SamplesTask } from '../../data/labelled/task.ts';
import type { SeriesTask } from '../../data/series/task.ts';
import type { TextTask } from '../../data/text/task.ts';
import { placesOf, type Sequence, type Values } from '../../data/windows.ts';

/** A stretch of what is learned, whose loss counts at its last timestep alone. */
interface Ending {
  /** `[T]` or `[T][I]` */
  readonly inputs: Numbers;
  /** `[1]` or `[1][O]` */
  readonly targets: Numbers;
}

/**
 * Stretches that each end where a loss counts, rather of what is held out: of a text or a series windows from all over it, of
 * samples the longest.
 *
 * @param count the most of them
 * @param timesteps the most that each has
 * @returns at least one
 * @throws RangeError if hardly any target is there
 */
export function endingsOf(task: Task, count: number, timesteps: number): EncodedSamples {
  const endings = stretchesOf(task, count, timesteps);
  if (endings.length === 0) throw new RangeError('There are too few targets to look back from.');
  const { inputs, outputs } = task.encoding;
  return {
    inputs: endings.map((ending) => ending.inputs),
    inputWidth: inputs?.length ?? 1,
    targets: endings.map((ending) => ending.targets),
    targetWidth: outputs?.length ?? 1,
    at: 'end',
    counted: new Uint32Array(endings.length).fill(1),
  };
}

function stretchesOf(task: Task, count: number, timesteps: number): readonly Ending[] {
  switch (task.dataset.kind) {
    case 'text': {
      const { training, validation } = (task as TextTask).text;
      const text = validation.length > timesteps ? validation : training;
      return windowsOf({ length: text.length, inputs: text, targets: text, ahead: 1 }, 0, count, timesteps);
    }
    case 'series': {
      const { sequence, trainingLength } = task as SeriesTask;
      const heldOut = windowsOf(sequence, trainingLength - sequence.ahead, count, timesteps);
      return heldOut.length > 0 ? heldOut : windowsOf(sequence, 0, count, timesteps);
    }
    case 'labelled':
      return longestOf(task as SamplesTask, count, timesteps);
  }
}

/** Windows evenly spread over the places from `first` on, each ended at the last of its places that counts. */
function windowsOf(sequence: Sequence, first: number, count: number, timesteps: number): Ending[] {
  const { inputs, targets, length, ahead, counts } = sequence;
  const room = placesOf(sequence) - first - timesteps;
  if (room < 0) return [];
  const cut = (values: Values, from: number, to: number): Numbers =>
    values.slice((from * values.length) / length, (to * values.length) / length);
  return Array.from({ length: count }, (_, i) => first + Math.floor((room * i) / count)).flatMap((start) => {
    let end = start + timesteps;
    while (end > start && counts?.[end - 1 + ahead] === 0) end--;
    if (end === start) return [];
    return [{ inputs: cut(inputs, start, end), targets: cut(targets, end - 1 + ahead, end + ahead) }];
  });
}

/** The longest samples, each as far as its last place that counts. */
function longestOf(
  { encoded, training, validation }: SamplesTask,
  count: number,
  timesteps: number,
): readonly Ending[] {
  const { inputs, inputWidth: I, targets, targetWidth: O, at } = encoded;
  const ends = Array.from(validation.length > 0 ? validation : training, (sample) => {
    const places = targets[sample]!.length / O;
    let place = places - 1;
    while (!isPresent(targets[sample]!, O, place)) place--;
    return { sample, place, end: at === 'end' ? inputs[sample]!.length / I : place + 1 };
  });
  return ends
    .sort((one, other) => other.end - one.end)
    .slice(0, count)
    .map(({ sample, place, end }) => ({
      inputs: inputs[sample]!.slice(Math.max(0, end - timesteps) * I, end * I),
      targets: targets[sample]!.slice(place * O, (place + 1) * O),
    }));
}
