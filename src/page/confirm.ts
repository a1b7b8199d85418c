import { formatCount, formatDuration } from '../format.ts';
import { quote } from '../quote.ts';
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
  const worth = `${formatCount(stepsTaken(state))} steps (${formatDuration(state.secondsTraining)} of training)`;
  write(byId('confirm-text', HTMLElement), `What the network has learned in ${worth} will be gone.`);
  return ask('confirm-dialog');
}

/** Asks whether the symbols of a text are those of a network that does not name its own. */
export function confirmVocabulary(text: string, size: number): Promise<boolean> {
  write(
    byId('vocabulary-text', HTMLElement),
    `The file does not say which ${size} symbols its network reads. ${quote(text)} has ${size} as well: are they its symbols, in the order of their code points?`,
  );
  return ask('vocabulary-dialog');
}

/** Shows a dialog, and tells whether it was answered with yes. */
function ask(id: string): Promise<boolean> {
  const dialog = byId(id, HTMLDialogElement);
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}
