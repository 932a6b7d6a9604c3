import type { Action, PanelState } from '../state.ts';
import type { Translate } from '../strings.ts';

/** What every view function is given; all of them are pure functions of it. */
export interface View {
  readonly state: PanelState;
  readonly t: Translate;
  readonly locale: string;
  readonly nowMs: number;
  readonly dispatch: (action: Action) => void;
}
