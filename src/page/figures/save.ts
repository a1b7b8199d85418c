import { csvOf } from '../../figures/csv.ts';
import type { Figure } from '../../figures/figure.ts';
import { svgOf } from '../../figures/svg.ts';
import { make } from '../dom.ts';
import { saveFile } from '../save-file.ts';

/** In which forms a figure can be taken away. */
const forms = {
  csv: { type: 'text/csv', contents: csvOf, help: 'The numbers, as a table' },
  svg: { type: 'image/svg+xml', contents: (figure: Figure) => svgOf(figure), help: 'A drawing of the numbers' },
} as const;
export type Form = keyof typeof forms;

/** Hands a figure to the browser to be saved. */
export function saveFigure(figure: Figure, form: Form): void {
  const { type, contents } = forms[form];
  saveFile(`${figure.name}.${form}`, new Blob([contents(figure)], { type }));
}

/**
 * Buttons that save the figure beside them.
 *
 * @param subject what they are of, for whoever does not see where they stand
 * @param find the figure as it is by now; `undefined` while there is none
 */
export function figureButtons(subject: string, find: () => Figure | undefined): HTMLElement {
  const buttons = (Object.keys(forms) as Form[]).map((form) => {
    const button = make('button', { type: 'button', title: forms[form].help }, form.toUpperCase());
    button.addEventListener('click', () => {
      const figure = find();
      if (figure) saveFigure(figure, form);
    });
    return button;
  });
  return make('fieldset', { class: 'buttons small', 'aria-label': `Save ${subject}` }, ...buttons);
}

/** A drawing, ready to be put on a canvas. */
export async function imageOf(svg: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  return image;
}

/** A drawing as a picture, at twice its size. */
export async function pngOf(svg: string): Promise<Blob> {
  const image = await imageOf(svg);
  const canvas = new OffscreenCanvas(2 * image.naturalWidth, 2 * image.naturalHeight);
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: 'image/png' });
}
