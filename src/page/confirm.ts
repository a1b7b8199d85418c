import { formatCount, formatDuration } from '../format.ts';
import { byId, write } from './dom.ts';
import { type PageState, stepsTaken } from './state.ts';

/** Training worth more seconds than this is not thrown away without a question. */
const worthAsking = 60;

/** Whether the browser keeps what the network has learned: the worker makes a checkpoint before it lets go of one. */
const isKept = ({ savedRuns, notes }: PageState) =>
  savedRuns !== null && !notes.some(({ about }) => about === 'storage');

/** Asks whether what the network has learned may be lost, if that is much. */
export function confirmLoss(state: PageState): Promise<boolean> {
  if (state.secondsTraining < worthAsking || isKept(state)) return Promise.resolve(true);
  const dialog = byId('confirm-dialog', HTMLDialogElement);
  const worth = `${formatCount(stepsTaken(state))} steps (${formatDuration(state.secondsTraining)} of training)`;
  write(byId('confirm-text', HTMLElement), `What the network has learned in ${worth} will be gone.`);
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'afresh'), { once: true });
  });
}
