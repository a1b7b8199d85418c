import { make } from '../dom.ts';
import './sharing.css';

/** Shows something to be passed on, and says what has become of it, until it is closed. @param contents focus goes to the first of them that takes it */
export function showDialog(heading: string, said: string, ...contents: readonly HTMLElement[]): void {
  const title = make('h2', { id: 'sharing-heading' }, heading);
  const words = make('p', { id: 'sharing-said', role: 'status' }, said);
  const close = make('button', { type: 'submit' }, 'Close');
  const buttons = contents.filter((part) => part instanceof HTMLButtonElement);
  const others = contents.filter((part) => !(part instanceof HTMLButtonElement));
  const dialog = make(
    'dialog',
    { id: 'sharing', 'aria-labelledby': title.id, 'aria-describedby': words.id },
    make('form', { method: 'dialog' }, title, words, ...others, make('div', { class: 'buttons' }, ...buttons, close)),
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** Whether the browser let something be put on the clipboard. */
export async function copied(write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch {
    return false;
  }
}
