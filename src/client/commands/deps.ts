import type * as vscode from 'vscode';
import type { EngineClient } from '../engine/engineClient.ts';
import type { Config } from '../platform/config.ts';
import type { VirtualDocuments } from '../platform/virtualDocuments.ts';
import type { EngineStatus } from '../status/statusView.ts';
import type { TrainingTask } from '../training/trainingTask.ts';

/** What commands need of the rest of the client. */
export interface CommandDeps {
  readonly engine: Pick<EngineClient, 'ask' | 'hear' | 'state' | 'restart' | 'configure'>;
  readonly config: Config;
  readonly documents: VirtualDocuments;
  readonly training: Pick<TrainingTask, 'step' | 'onDidChange' | 'start'>;
  readonly secrets: vscode.SecretStorage;
  readonly log: vscode.LogOutputChannel;
  /** The suggestion on the screen, else the one shown or accepted last; null when there was none. */
  readonly lastEpisode: () => string | null;
  /** Places left for the change just made; 0 when none is offered. */
  readonly nextEditPlaces: () => number;
  readonly status: () => EngineStatus | null;
  /** Starts recording, or stops and saves to `given` or where the user says. */
  readonly recordSession: (given?: vscode.Uri) => Promise<void>;
  /** Shows the Ratings view, with this episode selected. */
  readonly revealRatings: (episodeId?: string) => Promise<void>;
  /** Shows the Training view. */
  readonly openTraining: () => void;
}
