/** The training view as a value: what it shows, and what can be done to it. No DOM and no clock. */
import type { TrainingRun, TrainingState, TrainLayer } from '../../src/protocol/training.ts';
import type { FromTrainingPanel, ToTrainingPanel, TrainingStep } from '../../src/protocol/trainingPanel.ts';
import type { PanelProblem } from '../../src/protocol/webview.ts';
import type { Curves } from './curves.ts';

export type RunState = { readonly type: 'loading' | 'failed' } | { readonly type: 'ready'; readonly run: TrainingRun };

/** What a screen reader is told. */
export type Announcement =
  | { readonly type: 'stage'; readonly stage: TrainingStep['stage'] }
  | { readonly type: 'finished'; readonly ids: readonly string[] }
  | { readonly type: 'stopped' | 'over' }
  | { readonly type: 'serving'; readonly layer: TrainLayer; readonly id: string | null };

export interface ViewState {
  /** Null: not told yet. */
  readonly training: TrainingState | null;
  readonly problem: PanelProblem | null;
  readonly failed: { readonly message: string; readonly nextStep: string } | null;
  /** The latest of the training under way. */
  readonly step: TrainingStep | null;
  /** Of the training with this request id. */
  readonly curves: { readonly requestId: string | null; readonly points: Curves };
  readonly runs: ReadonlyMap<string, RunState>;
  readonly selected: string | null;
  /** The version it is compared with. */
  readonly other: string | null;
  readonly layers: ReadonlySet<TrainLayer>;
  /** Names of the parts that were unfolded, or folded, against what they are by themselves. */
  readonly toggled: ReadonlySet<string>;
  readonly cancelling: boolean;
  readonly confirmingDiscard: boolean;
  /** `serial` tells two equal announcements apart. */
  readonly announcement: { readonly serial: number; readonly what: Announcement } | null;
}

export type Action =
  | { readonly type: 'host'; readonly message: Exclude<ToTrainingPanel, { readonly type: 'step' }> }
  /** Several at once: they come faster than anyone reads. */
  | { readonly type: 'steps'; readonly steps: readonly TrainingStep[] }
  | { readonly type: 'select'; readonly id: string }
  | { readonly type: 'compare'; readonly id: string | null }
  | { readonly type: 'layer'; readonly layer: TrainLayer; readonly chosen: boolean }
  | { readonly type: 'toggle'; readonly part: string }
  | { readonly type: 'train'; readonly dryRun: boolean; readonly resume: boolean }
  | { readonly type: 'cancel' }
  | { readonly type: 'askDiscard' | 'keepUnfinished' | 'discard' }
  | { readonly type: 'loadRun'; readonly id: string }
  | { readonly type: 'dismiss' }
  | { readonly type: 'post'; readonly message: FromTrainingPanel };

/** Where the focus should go after the next rendering: the id of an element. */
export type FocusWish = 'discard-now' | 'discard-ask';

export interface Step {
  readonly state: ViewState;
  readonly send: readonly FromTrainingPanel[];
  readonly focus?: FocusWish;
}

export const initialState: ViewState = {
  training: null,
  problem: null,
  failed: null,
  step: null,
  curves: { requestId: null, points: new Map() },
  runs: new Map(),
  selected: null,
  other: null,
  layers: new Set(['rewardModel', 'selector']),
  toggled: new Set(),
  cancelling: false,
  confirmingDiscard: false,
  announcement: null,
};
