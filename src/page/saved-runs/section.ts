import { byId } from '../dom.ts';
import { type LookPanel, SeenPanel } from '../looks/panels.ts';
import { type PageState, stepsTaken } from '../state.ts';

/** The section of the runs: fetched when there is a run to be told of as well. */
export class RunsSection extends SeenPanel {
  #wanted = false;

  /** @param opened hears that model files were chosen, maybe with what belongs to them */
  constructor(fetch: () => Promise<LookPanel>, onSight: () => void, opened: (files: readonly File[]) => void) {
    super('runs', fetch, onSight);
    const input = byId('model-input', HTMLInputElement);
    byId('open-model', HTMLButtonElement).addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      const files = [...(input.files ?? [])];
      if (files.length > 0) opened(files);
      // The same file can be chosen once more.
      input.value = '';
    });
  }

  override show(state: PageState): void {
    if (!this.#wanted && (state.savedRuns?.length || stepsTaken(state) > 0)) {
      this.#wanted = true;
      void this.want('load the page again');
    }
    super.show(state);
  }
}
