/** What engine and trainer process say to each other; both check what they hear. */
import * as v from 'valibot';
import { Episode, Event, Rating } from '../../../protocol/episode.ts';
import { clientRequests, engineNotifications, Failure } from '../../../protocol/rpc.ts';
import { TrainingRun } from '../../../protocol/training.ts';

const type = <const T extends string>(name: T) => ({ type: v.literal(name) });

const Entry = v.object({
  episode: Episode,
  events: v.array(Event),
  rating: v.nullable(Rating),
  otherRatings: v.array(Rating),
  forbidden: v.boolean(),
});

/** Engine → trainer, in this order: `start`, slices of `episodes`, `go`. */
export const ToTrainer = v.variant('type', [
  v.object({
    ...type('start'),
    /** Of the registry. */
    folder: v.string(),
    request: v.pick(clientRequests.train.params, ['layers', 'dryRun', 'resume']),
    /** Why there is no native runtime; null: there is one. */
    unsupported: v.nullable(v.string()),
    runtimeEntry: v.nullable(v.string()),
  }),
  v.object({ ...type('episodes'), entries: v.array(Entry) }),
  v.object({ ...type('go') }),
]);
export type ToTrainer = v.InferOutput<typeof ToTrainer>;

/** Trainer → engine. */
export const FromTrainer = v.variant('type', [
  /** It listens. */
  v.object(type('ready')),
  v.object({ ...type('progress'), progress: v.omit(engineNotifications.trainingProgress, ['requestId']) }),
  /** Something was found damaged: a sentence. */
  v.object({ ...type('problem'), message: v.string() }),
  v.object({ ...type('done'), runs: v.array(TrainingRun), report: v.string() }),
  v.object({ ...type('failed'), failure: Failure }),
]);
export type FromTrainer = v.InferOutput<typeof FromTrainer>;
