/** A state, a run and a version for tests of what is said about learning. */
import type { TrainingRun, TrainingState, VersionRow } from '../../protocol/training.ts';

export const versionId = '01990000-0000-7000-8000-00000000000a';

export const emptyState: TrainingState = {
  data: {
    labels: { rating: 0, thumb: 0, event: 0, pair: 0 },
    files: 0,
    decisions: 0,
    newRatings: 0,
    skipped: [],
    raters: [],
    kappa: null,
  },
  needed: { rewardModel: 20, selector: 50 },
  unsupported: null,
  running: null,
  unfinished: null,
  versions: [],
  help: {
    kind: 'notYet',
    text: 'not enough yet: about 140 more',
    low: null,
    high: null,
    more: 140,
    treated: { accepted: 0, decisions: 0 },
    control: { accepted: 0, decisions: 0 },
  },
  acceptance: [],
};

export const version: VersionRow = {
  id: versionId,
  layer: 'rewardModel',
  algorithm: 'bayesianLinear',
  parent: null,
  dependsOn: [],
  state: 'active',
  serving: true,
  createdAt: Date.UTC(2026, 10, 26, 22, 10),
  history: [],
  data: { episodes: 30, ratings: 30, events: 60 },
  metrics: {},
};

export const runOf = (
  layer: TrainingRun['layer'],
  kind: TrainingRun['verdict']['kind'],
  reason: string,
): TrainingRun => ({
  id: versionId,
  layer,
  verdict: { kind, reason },
  scalars: [],
  models: [],
  reliability: [],
  learningCurve: [],
  offPolicy: [],
  words: [],
  reranked: [],
  outliers: [],
});
