/** What is told of learning: what there is to learn from, versions, a training under way, and whether it helps. */
import * as v from 'valibot';
import { Id, Time } from './episode.ts';

/** What “Train” fits, cheapest first: `rewardModel` foretells ratings, `selector` picks a candidate or silence. */
export const trainLayers = ['rewardModel', 'selector'] as const;
export const TrainLayer = v.picklist(trainLayers);
export type TrainLayer = v.InferOutput<typeof TrainLayer>;

/** The steps of a training, in their order. `registering`: everything is computed and is being written. */
export const trainStages = ['reading', 'rewardModel', 'selector', 'registering'] as const;
export const TrainStage = v.picklist(trainStages);
export type TrainStage = v.InferOutput<typeof TrainStage>;

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
/** JSON has no infinity and no NaN: null stands for “not defined”, or for a bound that is not known. */
const Maybe = v.nullable(v.pipe(v.number(), v.finite()));

/** A figure between its 95 % bounds. */
export const Figure = v.object({ value: Maybe, low: Maybe, high: Maybe });
export type Figure = v.InferOutput<typeof Figure>;

/** One trained version, as the registry knows it. */
export const VersionRow = v.object({
  id: Id,
  layer: TrainLayer,
  /** `bayesianLinear`, `logisticThumbs`, `neuralHead`; `linucb`, `lints`, `logistic`, `ppo`. */
  algorithm: v.string(),
  /** What served when its training began; null: nothing did. */
  parent: v.nullable(Id),
  /** Other versions it was trained with. */
  dependsOn: v.array(Id),
  state: v.picklist(['candidate', 'active', 'retired', 'rejected', 'stale']),
  /** In use now; a stale one goes on serving until another takes its place. */
  serving: v.boolean(),
  createdAt: Time,
  /** Of all states, the present one last; reasons are sentences. */
  history: v.array(v.object({ state: v.string(), reason: v.string(), at: Time })),
  data: v.object({ episodes: Count, ratings: Count, events: Count }),
  /** By name: `spearman`, `coverage90`, `ece`, `brier`, `value`, `gain` … */
  metrics: v.record(v.string(), Figure),
});
export type VersionRow = v.InferOutput<typeof VersionRow>;

/** Accepted among shown, with and without memory and learning. `text` says what is known, as “helps: 9 % to 31 % more accepted”. */
export const HelpReport = v.object({
  kind: v.picklist(['helps', 'harms', 'notYet']),
  text: v.string(),
  /** Relative: 0.09 is 9 % more accepted. */
  low: Maybe,
  high: Maybe,
  /** Decisions until it would be known; null: more than can be waited for, or known. */
  more: v.nullable(Count),
  treated: v.object({ accepted: v.number(), decisions: v.number() }),
  control: v.object({ accepted: v.number(), decisions: v.number() }),
});
export type HelpReport = v.InferOutput<typeof HelpReport>;

/** How ready the data is, what exists, and what it did: everything the training view and the menu show at rest. */
export const TrainingState = v.object({
  data: v.object({
    /** Rows of a regression, by where they come from. */
    labels: v.object({ rating: Count, thumb: Count, event: Count, pair: Count }),
    files: Count,
    /** Offers whose outcome is known. */
    decisions: Count,
    /** Since the last training. */
    newRatings: Count,
    /** Why something gave no label, and how often. */
    skipped: v.array(v.object({ reason: v.string(), count: Count })),
    /** Of each rater: how many ratings. */
    raters: v.array(v.object({ rater: v.string(), ratings: Count })),
    /** Quadratic-weighted κ between raters of the same proposals; null: there are fewer than two, or it is undefined. */
    kappa: Maybe,
  }),
  /** Fewer and a layer is not trained. */
  needed: v.object({ rewardModel: Count, selector: Count }),
  /** Why this machine trains the simpler models only (closed forms); null: it trains all kinds. */
  unsupported: v.nullable(v.string()),
  running: v.nullable(
    v.object({ requestId: v.string(), stage: TrainStage, share: Share, secondsLeft: Maybe, startedAt: Time }),
  ),
  /** A training that was cancelled or broke off; it can be resumed from the last finished stage, or discarded. */
  unfinished: v.nullable(
    v.object({
      at: Time,
      stage: TrainStage,
      why: v.picklist(['cancelled', 'interrupted']),
      finished: v.array(TrainStage),
    }),
  ),
  /** Newest first. */
  versions: v.array(VersionRow),
  help: HelpReport,
  /** Oldest first; consecutive spans of shown offers. `rewardModel`, `selector`: what served at the span's end. */
  acceptance: v.array(
    v.object({
      from: Time,
      to: Time,
      shown: Count,
      accepted: Count,
      rewardModel: v.nullable(Id),
      selector: v.nullable(Id),
    }),
  ),
});
export type TrainingState = v.InferOutput<typeof TrainingState>;

/**
 * One curve of a training: points are [step, value]. Tags are TensorBoard's, run and name: `ppo/loss/policy_avg`,
 * `neuralHead/train/loss` …
 */
export const Scalars = v.object({ tag: v.string(), points: v.array(v.tuple([v.number(), v.number()])) });
export type Scalars = v.InferOutput<typeof Scalars>;

/** How one version came about: what its chapter of the training view shows, and what its report is made of. */
export const TrainingRun = v.object({
  id: Id,
  layer: TrainLayer,
  /** Whether it may take the place of what serves, and why: a sentence. `noSignal`: there is nothing to learn in the labels. */
  verdict: v.object({ kind: v.picklist(['promote', 'reject', 'noSignal', 'notEnough']), reason: v.string() }),
  scalars: v.array(Scalars),
  /** Of a reward model: every kind that was tried, by cross-validation on files it had not seen. */
  models: v.array(
    v.object({
      algorithm: v.string(),
      chosen: v.boolean(),
      spearman: Figure,
      coverage90: Figure,
      ece: Maybe,
      brier: Maybe,
      logLikelihood: Maybe,
      pairAccuracy: Maybe,
    }),
  ),
  /** Of the chosen one: chance foretold against share observed. */
  reliability: v.array(v.object({ predicted: v.number(), observed: v.number(), count: Count })),
  learningCurve: v.array(v.object({ labels: Count, figure: Figure })),
  /** Of a selector: every kind that was tried, evaluated off-policy on held-out decisions. Reward per decision. */
  offPolicy: v.array(
    v.object({
      algorithm: v.string(),
      chosen: v.boolean(),
      snips: Figure,
      doublyRobust: Figure,
      /** Against what served. */
      gain: Figure,
      effectiveSize: v.number(),
      shownShare: Share,
    }),
  ),
  /** What was learnt, in words, strongest first: “likes early returns”. */
  words: v.array(v.object({ text: v.string(), strength: v.number() })),
  /** Proposals of the past it would put in another order: what was offered first then, and what would be now. */
  reranked: v.array(v.object({ episodeId: Id, file: v.string(), offered: v.string(), instead: v.string() })),
  /** Ratings that contradict what the others say (never dropped, counted less); on the scale of 1 to 10. */
  outliers: v.array(v.object({ episodeId: Id, said: v.number(), expected: v.number() })),
});
export type TrainingRun = v.InferOutput<typeof TrainingRun>;
