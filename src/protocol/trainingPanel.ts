/** Messages between the extension host and the training view; the view keeps no truth, and what comes from it is validated. */
import * as v from 'valibot';
import { Id } from './episode.ts';
import { type TrainingRun, type TrainingState, TrainLayer, type TrainStage } from './training.ts';
import type { PanelProblem } from './webview.ts';

/** Of a training under way; the engine's `trainingProgress` without the request's id. */
export interface TrainingStep {
  readonly stage: TrainStage;
  readonly share: number;
  readonly secondsLeft: number | null;
  readonly message: string;
  readonly scalars: readonly { readonly tag: string; readonly step: number; readonly value: number }[];
}

/** Host → view. */
export type ToTrainingPanel =
  | { readonly type: 'state'; readonly state: TrainingState }
  /** What stands in the way (engine down, not trusted); null: nothing. */
  | { readonly type: 'problem'; readonly problem: PanelProblem | null }
  | { readonly type: 'step'; readonly step: TrainingStep }
  | { readonly type: 'run'; readonly run: TrainingRun }
  /** Something the user asked for did not work: a sentence, and the next step. */
  | { readonly type: 'failed'; readonly message: string; readonly nextStep: string };

const type = <const T extends string>(name: T) => ({ type: v.literal(name) });

/** View → host. */
export const FromTrainingPanel = v.variant('type', [
  v.object(type('ready')),
  /** As the command: layers are chosen here, the rest is the command's. */
  v.object({
    ...type('train'),
    layers: v.pipe(v.array(TrainLayer), v.minLength(1)),
    dryRun: v.boolean(),
    resume: v.boolean(),
  }),
  v.object(type('cancel')),
  v.object(type('discard')),
  /** Asks for the run of a version. */
  v.object({ ...type('run'), id: Id }),
  /** Opens its report in the editor. */
  v.object({ ...type('report'), id: Id }),
  v.object({ ...type('decide'), id: Id, decision: v.picklist(['activate', 'reject']) }),
  v.object({ ...type('rollBack'), layer: TrainLayer }),
  v.object({ ...type('openEpisode'), episodeId: Id }),
  v.object({
    ...type('command'),
    command: v.picklist([
      'openRatings',
      'exportTrainingData',
      'importRatings',
      'restartEngine',
      'manageTrust',
      'checkTraining',
    ]),
  }),
]);
export type FromTrainingPanel = v.InferOutput<typeof FromTrainingPanel>;
