import type { Level } from '../data/baselines-worker.ts';
import { capitalised, describeLoss } from '../format.ts';
import { quote } from '../quote.ts';
import { type LossSoFar, lossFigure, subjectOf } from '../training/loss-figure.ts';
import type { Address, formatAddress } from './address.ts';
import { byId, make } from './dom.ts';
import { saveFigure } from './figures/save.ts';
import type { Curves } from './history.ts';
import { askAbout, predictFirst } from './predict-first/predict-first.ts';
import { saveFile } from './save-file.ts';
import { copied, showDialog } from './sharing/dialog.ts';
import { fragmentOf, readFragment } from './sharing/link.ts';
import { coloursOf, drawPicture } from './sharing/picture.ts';
import type { Stage } from './stage/stage.ts';
import type { Action, PageState } from './state.ts';

/** What the page has for those who want something of it that few want. */
export interface Page {
  readonly state: PageState;
  readonly curves: Curves;
  readonly levels: readonly Level[];
  readonly stage: Stage;
  readonly address: Address;
  readonly formatAddress: typeof formatAddress;
  readonly dispatch: (action: Action) => void;
}

/**
 * What few visitors want, by what their button says in `data-wanted`. What cannot be had throws an error, in a sentence.
 *
 * @param button the one that was pressed
 */
export const wanted: Readonly<Record<string, (page: Page, button?: Element) => unknown>> = {
  csv: (page) => saveFigure(lossFigure(lossSoFar(page)), 'csv'),
  svg: (page) => saveFigure(lossFigure(lossSoFar(page)), 'svg'),
  picture: sharePicture,
  link: shareLink,
  predict: ({ state }, button) => button && predictFirst(button, state.network),
  /** A network stands that there may be questions about. */
  opened: ({ state, address }) => state.network && askAbout(state.network, address.predictFirst),
  /** The address has a fragment, which may be a passage that somebody shared. */
  fragment: showShared,
};

function lossSoFar({ state, curves, levels }: Page): LossSoFar {
  const { network } = state;
  if (!network || curves.training.steps.length === 0) throw new Error('There is no curve yet: press Train first.');
  return {
    datasetName: network.datasetName,
    configuration: network.plan.configuration,
    step: curves.training.steps.at(-1)!,
    measure: network.measure,
    training: curves.training,
    heldOut: curves.validation,
    levels,
  };
}

/** A picture of the curve and of what stands on the stage, to be seen, pasted and saved. */
async function sharePicture(page: Page): Promise<void> {
  const { stage } = page;
  const soFar = lossSoFar(page);
  const { measure, training, heldOut } = soFar;
  const [seen, what] = heldOut.losses.length > 0 ? [heldOut.losses, 'held out'] : [training.smoothed, 'in training'];
  const host = byId('passage', HTMLElement);
  // What another network wrote is no work of this one.
  const passage = stage.shown?.circumstances === undefined ? stage.shown : undefined;
  const figure = lossFigure(soFar);
  const canvas = await drawPicture({
    title: subjectOf(soFar),
    subtitle: `${capitalised(describeLoss(seen.at(-1)!, measure))} ${what}`,
    figure,
    ...(passage && { passage: { ...passage, text: host.textContent!.slice(passage.prime.length) } }),
    colours: coloursOf(host),
  });
  canvas.role = 'img';
  canvas.ariaLabel = `${figure.title}: the loss${passage ? ', and what it writes' : ''}`;
  const blob = await new Promise<Blob>((resolve, reject) => {
    canvas.toBlob((made) => (made ? resolve(made) : reject(new Error('This browser cannot make a picture.'))));
  });
  const name = `${figure.name}.png`;
  const isCopied = await copied(() => navigator.clipboard.write([new ClipboardItem({ [blob.type]: blob })]));
  if (!isCopied) saveFile(name, blob);
  const said = isCopied
    ? 'The picture is copied: paste it into a message.'
    : `The browser does not let it be copied, so it is saved as ${name}.`;
  const save = make('button', { type: 'button' }, 'Save the picture');
  save.addEventListener('click', () => saveFile(name, blob));
  showDialog('A picture of this network', said, canvas, save);
}

/** The address of this network with what it has written. */
async function shareLink({ state, stage, formatAddress }: Page): Promise<void> {
  const { network, configuration, ownDataset } = state;
  const passage = stage.shown;
  const { prime, temperature } = passage ?? configuration;
  const settings = { ...(network?.plan.configuration ?? configuration), prime, temperature };
  const own = network && network.plan.dataset === ownDataset ? network.datasetName : undefined;
  const shared = passage && { passage, ...(own !== undefined && { text: own }) };
  const link = `${location.origin}${location.pathname}${formatAddress(settings)}${shared ? fragmentOf(shared) : ''}`;
  const isCopied = await copied(() => navigator.clipboard.writeText(link));
  const field = make('input', { type: 'text', id: 'shared-link', class: 'text', readonly: true });
  field.value = link;
  const label = make('label', { for: field.id }, passage ? 'The settings, and what it wrote' : 'The settings');
  const here =
    own === undefined
      ? ''
      : `Your text stays on this device: to train the same network, others must open ${quote(own)} themselves.`;
  const help = make('p', { class: 'field-help' }, here);
  showDialog('A link to this network', isCopied ? 'The link is copied.' : 'Copy this link:', label, field, help);
  field.select();
}

/** Has what is shared by the address stand on the stage. */
function showShared({ state, stage, dispatch }: Page): void {
  if (!location.hash.startsWith('#passage=')) return;
  const known = state.notes.filter(({ about }) => about === 'address').map(({ text }) => text);
  const note = (text: string) => dispatch({ kind: 'noted', about: 'address', text: [...known, text].join('\n') });
  try {
    const { passage, text } = readFragment(location.hash);
    stage.share(passage);
    if (text !== undefined) {
      note(
        `What somebody shared was learned from ${quote(text)}, which a link does not hold: open that text, and Train starts the same network.`,
      );
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    note(error.message);
  }
}
