import { formatBytes } from '../../format.ts';
import type { NamedFile } from '../../interop/network.ts';
import { quote } from '../../quote.ts';
import { make, write } from '../dom.ts';

/** The most bytes that are fetched: they are in memory several times over while they are checked. */
const most = 500_000_000;

/**
 * Fetches the model that the page's address names, if the person says that it may. Nobody is asked for anything before.
 *
 * @param link an https: address, or one of this site
 * @returns `null`, if it shall not be fetched after all
 * @throws Error in one sentence, if it cannot be had
 */
export async function fetchLinkedModel(link: string): Promise<NamedFile | null> {
  const url = addressOf(link);
  const dialog = new LinkDialog(url);
  try {
    if (!(await dialog.mayFetch())) return null;
    const bytes = await fetchFrom(url, dialog);
    return { name: url.pathname.split('/').at(-1)!, bytes };
  } catch (error) {
    if (dialog.signal.aborted) return null;
    throw error;
  } finally {
    dialog.close();
  }
}

function addressOf(link: string): URL {
  const url = URL.canParse(link, location.href) ? new URL(link, location.href) : undefined;
  if (url?.origin === location.origin || url?.protocol === 'https:') return url;
  throw new Error(`A model is fetched by an https: address or from this site, not from ${quote(link)}.`);
}

async function fetchFrom(url: URL, dialog: LinkDialog): Promise<Uint8Array<ArrayBuffer>> {
  const { signal } = dialog;
  const { host } = url;
  const response = await fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer', signal }).catch(() => {
    signal.throwIfAborted();
    // Browsers do not tell a page which of these it is.
    throw new Error(
      `The model cannot be had from ${host}: there is no connection, or it does not let other sites’ pages read it (CORS). Download it there, and open the file.`,
    );
  });
  if (!response.ok) {
    throw new Error(`${host} answers ${response.status} where the model should be: check the address.`);
  }
  // Of what is packed on the way it says how long that is, which is no limit to the model.
  const packed = response.headers.has('content-encoding');
  const length = packed ? 0 : Number(response.headers.get('content-length'));
  if (length > most) throw tooLarge();
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const reader = response.body!.getReader();
  for (let read = 0; read <= most; ) {
    const { done, value } = await reader.read().catch(() => {
      signal.throwIfAborted();
      throw new Error(
        `The connection to ${host} broke off after ${formatBytes(read)}: load this page anew to try again.`,
      );
    });
    if (done) return new Uint8Array(await new Blob(pieces).arrayBuffer());
    pieces.push(value);
    read += value.length;
    dialog.tell(read, length);
  }
  throw tooLarge();
}

const tooLarge = () =>
  new Error(
    `The model has more than ${formatBytes(most)}, too much to be fetched by a page: download it, and open the file.`,
  );

/** Asks whether a model may be fetched, shows how far it is, and lets the person give it up. */
class LinkDialog {
  readonly #abort = new AbortController();
  readonly #dialog: HTMLDialogElement;
  readonly #progress = make('progress', { 'aria-label': 'How much of the model is here' });
  readonly #share = make('p', { class: 'field-help' });
  readonly #no = make('button', { type: 'button', id: 'link-no', autofocus: true }, 'Leave it');
  readonly #yes = make('button', { type: 'button', id: 'link-yes', class: 'primary' }, 'Fetch it');

  constructor({ host, href }: URL) {
    this.#progress.hidden = true;
    const form = make(
      'form',
      { method: 'dialog' },
      make('h2', { id: 'link-heading' }, `Fetch a model from ${host}?`),
      make(
        'p',
        { id: 'link-text' },
        'The address of this page names a model, ',
        make('code', { style: 'overflow-wrap: anywhere' }, href),
        `. To fetch it, the page asks ${host}, which then knows of your visit. It is checked like any file before it is opened.`,
      ),
      this.#progress,
      this.#share,
      make('div', { class: 'buttons' }, this.#no, this.#yes),
    );
    const attributes = { id: 'link-dialog', 'aria-labelledby': 'link-heading', 'aria-describedby': 'link-text' };
    this.#dialog = make('dialog', attributes, form);
    document.body.append(this.#dialog);
    this.#no.addEventListener('click', () => this.#dialog.close());
    // Closed before all is here, by whatever key, it is given up.
    this.#dialog.addEventListener('close', () => this.#abort.abort());
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  mayFetch(): Promise<boolean> {
    this.#dialog.showModal();
    return new Promise((resolve) => {
      this.signal.addEventListener('abort', () => resolve(false));
      this.#yes.addEventListener('click', () => {
        this.#yes.remove();
        this.#progress.hidden = false;
        write(this.#no, 'Give up');
        this.#no.focus();
        resolve(true);
      });
    });
  }

  /** @param length 0 where nobody has said it */
  tell(read: number, length: number): void {
    if (length > 0) {
      this.#progress.max = length;
      this.#progress.value = read;
    }
    write(this.#share, length > 0 ? `${formatBytes(read)} of ${formatBytes(length)}` : formatBytes(read));
  }

  close(): void {
    this.#dialog.remove();
  }
}
