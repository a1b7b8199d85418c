import type { Command, Event } from '../../training/protocol.ts';
import { GatesPanel } from '../gates/panel.ts';
import { ReachPanel } from '../reach/panel.ts';
import { ReberPanel } from '../reber/panel.ts';
import type { PageState } from '../state.ts';

/** A panel that looks into the network while someone looks at it. */
export interface LookPanel {
  /** Takes what the worker has said. */
  hear(event: Event): void;
  /** Asks for what is to be seen of a state, and shows what there is. */
  show(state: PageState): void;
}

/** The panels that look into the network. @param onSight hears that a panel has come into sight, or waits for an answer */
export function lookPanels(send: (command: Command) => void, onSight: () => void): readonly LookPanel[] {
  return [new ReachPanel(send, onSight), new GatesPanel(send, onSight), new ReberPanel(send, onSight)];
}
