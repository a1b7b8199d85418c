import type { ExperimentProgress } from '../../experiment/experiment.ts';
import { defaultOptions, type ExperimentOptions } from '../../experiment/options.ts';
import { formatCount, formatFigure } from '../../format.ts';
import type { Event } from '../../training/protocol.ts';

/** What the page knows of the matching experiment. */
export interface Matching {
  /** What the fields say. */
  readonly options: ExperimentOptions;
  /** How far the experiment is that is under way. */
  readonly progress: ExperimentProgress | null;
  /** How the last one ended, if it ended without a result. */
  readonly stopped: boolean;
  /** What was found, the latest first. */
  readonly runs: readonly MatchingRun[];
  /** Counts the networks there have been. */
  readonly network: number;
}

/** What one run of the experiment found, and on which network. */
export interface MatchingRun extends Omit<Extract<Event, { kind: 'matched' }>, 'kind'> {
  readonly id: number;
  readonly network: number;
}

export type MatchingAction =
  | { readonly kind: 'configured'; readonly change: Partial<ExperimentOptions> }
  /** `match` was sent. */
  | { readonly kind: 'asked' }
  /** The worker that ran it is gone. */
  | { readonly kind: 'crashed' }
  | { readonly kind: 'removed'; readonly id: number };

/** So many curves can still be told apart. */
const runsKept = 6;

export const initialMatching: Matching = {
  options: defaultOptions,
  progress: null,
  stopped: false,
  runs: [],
  network: 0,
};

export function reduceMatching(matching: Matching, action: MatchingAction): Matching {
  switch (action.kind) {
    case 'configured':
      return { ...matching, options: { ...matching.options, ...action.change } };
    case 'asked':
      return { ...matching, progress: { phase: 'predicting' }, stopped: false };
    case 'crashed':
      return matching.progress ? { ...matching, progress: null } : matching;
    case 'removed':
      return { ...matching, runs: matching.runs.filter(({ id }) => id !== action.id) };
  }
}

/** What an event of the training worker means for the experiment. */
export function followMatching(matching: Matching, event: Event): Matching {
  switch (event.kind) {
    case 'opened':
      return { ...matching, network: matching.network + 1 };
    case 'matching':
      return { ...matching, progress: event.progress };
    case 'unmatched':
      return { ...matching, progress: null, stopped: true };
    case 'matched': {
      const { kind: _, ...found } = event;
      const id = Math.max(0, ...matching.runs.map((run) => run.id)) + 1;
      const runs = [{ id, network: matching.network, ...found }, ...matching.runs].slice(0, runsKept);
      return { ...matching, progress: null, runs };
    }
    default:
      return matching;
  }
}

/** The step at which a run was made, and how its symbols were drawn. */
export function nameOf({ step, result }: MatchingRun): string {
  const { temperature } = result.options;
  return `step ${formatCount(step)}, ${temperature === 0 ? 'greedy' : `temperature ${formatFigure(temperature)}`}`;
}
