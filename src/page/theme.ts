/** The colours and fonts of the page's present theme, for the canvas. */
export interface Theme {
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly accent: string;
  readonly ground: string;
  readonly paper: string;
  /** Stands apart from the accent, for colour-blind eyes too. */
  readonly warm: string;
  readonly font: string;
  readonly mono: string;
}

/** The theme as the style sheet has it at the moment. */
export function readTheme(host: HTMLElement): Theme {
  const style = getComputedStyle(host);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: colour('ink'),
    muted: colour('muted'),
    line: colour('line'),
    accent: colour('accent'),
    ground: colour('ground'),
    paper: colour('paper'),
    warm: colour('warm'),
    mono: `12px ${style.getPropertyValue('--mono')}`,
    font: `12px ${style.fontFamily}`,
  };
}

/**
 * Has drawn again what stands on the canvases within `host`, whenever it would stand there wrong: in other colours, or not at all
 * after the browser's GPU process has died.
 */
export function redrawWhenNeeded(host: HTMLElement, redraw: () => void): void {
  for (const condition of ['(prefers-color-scheme: dark)', '(forced-colors: active)']) {
    matchMedia(condition).addEventListener('change', redraw);
  }
  // It does not bubble.
  host.addEventListener('contextrestored', redraw, { capture: true });
}
