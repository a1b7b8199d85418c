import { byId } from './dom.ts';

/** What a key does while the keyboard is in no field. */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** Where keys have a meaning of their own. */
const fields = 'input, select, textarea, button, summary, a, dialog, [role=application], [tabindex]';

/** Listens for keys, and opens the list of them with “?”. @param shortcuts by `KeyboardEvent.key`, letters small */
export function listenForShortcuts(shortcuts: Shortcuts): void {
  const dialog = byId('shortcuts', HTMLDialogElement);
  const open = () => dialog.showModal();
  byId('open-shortcuts', HTMLButtonElement).addEventListener('click', open);
  const all: Shortcuts = { ...shortcuts, '?': open };
  document.addEventListener('keydown', (event) => {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    const act = all[key.toLowerCase()];
    // A button knows the space bar itself; letters mean nothing to it.
    const taken = /^[a-z?]$/i.test(key)
      ? 'input:not([type=radio], [type=checkbox], [type=range]), select, textarea, dialog'
      : fields;
    if (!act || ctrlKey || metaKey || altKey || (target instanceof Element && target.closest(taken))) return;
    event.preventDefault();
    act();
  });
}
