/** States of training as months of work leave them, for the preview and the browser tests; drawn from seeds. */
import type { Figure, TrainingRun, TrainingState, VersionRow } from '../../src/protocol/training.ts';
import type { TrainingStep } from '../../src/protocol/trainingPanel.ts';
import { previewId } from './data.ts';

const day = 86_400_000;

/** Mulberry32: the same picture every time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const figure = (value: number | null, half: number | null): Figure => ({
  value,
  low: value === null || half === null ? null : value - half,
  high: value === null || half === null ? null : value + half,
});

const none: TrainingState = {
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
    text: 'not enough yet: no difference to be seen so far',
    low: null,
    high: null,
    more: null,
    treated: { accepted: 0, decisions: 0 },
    control: { accepted: 0, decisions: 0 },
  },
  acceptance: [],
};

/** Accepted of shown in spans of so many days, rising from `from` to `to`. */
function acceptance(
  nowMs: number,
  spans: number,
  share: readonly [number, number],
  versions: readonly VersionRow[],
): TrainingState['acceptance'] {
  const random = seeded(spans);
  const length = (70 * day) / Math.max(70, spans);
  const servingAt = (layer: VersionRow['layer'], at: number): string | null =>
    versions
      .flatMap((row) => row.history.map((change) => ({ row, ...change })))
      .filter((one) => one.row.layer === layer && one.state === 'active' && one.at <= at)
      .sort((a, b) => b.at - a.at)[0]?.row.id ?? null;
  return Array.from({ length: spans }, (_, i) => {
    const from = nowMs - (spans - i) * length;
    const shown = Math.round(4 + 14 * random());
    const chance = share[0] + ((share[1] - share[0]) * i) / spans;
    let accepted = 0;
    for (let n = 0; n < shown; n++) if (random() < chance) accepted++;
    const to = from + length * 0.8;
    return {
      from,
      to,
      shown,
      accepted,
      rewardModel: servingAt('rewardModel', to),
      selector: servingAt('selector', to),
    };
  });
}

export function previewVersions(nowMs: number): VersionRow[] {
  const id = (daysAgo: number, n: number): string => previewId(nowMs - daysAgo * day, n);
  const [r1, r2, r3, r4] = [id(52, 1), id(38, 2), id(21, 3), id(2, 4)];
  const [s1, s2, s3] = [id(37, 5), id(20, 6), id(2, 7)];
  const change = (state: string, daysAgo: number, reason: string) => ({ state, reason, at: nowMs - daysAgo * day });
  const base = { dependsOn: [] as string[], serving: false };
  return [
    {
      ...base,
      id: s3!,
      layer: 'selector',
      algorithm: 'ppo',
      parent: s2!,
      dependsOn: [r4!],
      state: 'candidate',
      createdAt: nowMs - 2 * day,
      history: [change('candidate', 2, 'Better on held-out files by 0.06 (95 %: 0.01 to 0.11).')],
      data: { episodes: 4102, ratings: 1969, events: 3860 },
      metrics: {
        value: figure(0.27, 0.05),
        onPolicy: figure(0.21, 0.03),
        gain: figure(0.06, 0.05),
        effectiveSize: figure(412.4, null),
      },
    },
    {
      ...base,
      id: r4!,
      layer: 'rewardModel',
      algorithm: 'bayesianLinear',
      parent: r3!,
      state: 'candidate',
      createdAt: nowMs - 2 * day,
      history: [change('candidate', 2, 'Better on held-out files by 0.04 (95 %: 0.00 to 0.08).')],
      data: { episodes: 4102, ratings: 1969, events: 3860 },
      metrics: {
        spearman: figure(0.61, 0.08),
        coverage90: figure(0.91, 0.03),
        ece: figure(0.05, 0.02),
        brier: figure(0.18, null),
        difference: figure(0.04, 0.04),
      },
    },
    {
      ...base,
      id: s2!,
      layer: 'selector',
      algorithm: 'linucb',
      parent: s1!,
      dependsOn: [r3!],
      state: 'active',
      serving: true,
      createdAt: nowMs - 20 * day,
      history: [
        change('candidate', 20, 'Better on held-out files by 0.05 (95 %: 0.01 to 0.09).'),
        change('active', 20, 'Activated.'),
      ],
      data: { episodes: 2630, ratings: 1140, events: 2450 },
      metrics: { value: figure(0.21, 0.06), gain: figure(0.05, 0.04) },
    },
    {
      ...base,
      id: r3!,
      layer: 'rewardModel',
      algorithm: 'bayesianLinear',
      parent: r1!,
      state: 'stale',
      serving: true,
      createdAt: nowMs - 21 * day,
      history: [
        change('candidate', 21, 'Better on held-out files by 0.09 (95 %: 0.02 to 0.16).'),
        change('active', 21, 'Activated.'),
        change('stale', 3, 'Two of its ratings were changed.'),
      ],
      data: { episodes: 2612, ratings: 1138, events: 2390 },
      metrics: { spearman: figure(0.56, 0.1), coverage90: figure(0.9, 0.04), ece: figure(0.07, 0.03) },
    },
    {
      ...base,
      id: s1!,
      layer: 'selector',
      algorithm: 'lints',
      parent: null,
      dependsOn: [r1!],
      state: 'retired',
      createdAt: nowMs - 37 * day,
      history: [
        change('candidate', 37, 'Better on held-out files by 0.08 (95 %: 0.02 to 0.14).'),
        change('active', 37, 'Activated.'),
        change('retired', 20, 'A successor took over.'),
      ],
      data: { episodes: 1120, ratings: 476, events: 1010 },
      metrics: { value: figure(0.15, 0.09), gain: { value: 0.08, low: 0.02, high: null } },
    },
    {
      ...base,
      id: r2!,
      layer: 'rewardModel',
      algorithm: 'neuralHead',
      parent: r1!,
      state: 'rejected',
      createdAt: nowMs - 38 * day,
      history: [
        change('candidate', 38, 'Registered.'),
        change('rejected', 38, 'Worse on held-out files by 0.11 (95 %: 0.03 to 0.19).'),
      ],
      data: { episodes: 1110, ratings: 474, events: 980 },
      metrics: { spearman: figure(0.34, 0.18), coverage90: figure(0.71, 0.09) },
    },
    {
      ...base,
      id: r1!,
      layer: 'rewardModel',
      algorithm: 'logisticThumbs',
      parent: null,
      state: 'retired',
      createdAt: nowMs - 52 * day,
      history: [
        change('candidate', 52, 'Better on held-out files by 0.12 (95 %: 0.01 to 0.23).'),
        change('active', 52, 'Activated.'),
        change('retired', 21, 'A successor took over.'),
      ],
      data: { episodes: 122, ratings: 24, events: 390 },
      metrics: { spearman: figure(0.38, 0.2) },
    },
  ];
}

export type RatingCount = 0 | 1 | 20 | 2000;

export function previewTraining(nowMs: number, ratings: RatingCount = 2000): TrainingState {
  switch (ratings) {
    case 0:
      return none;
    case 1:
      return {
        ...none,
        data: {
          ...none.data,
          labels: { rating: 1, thumb: 0, event: 2, pair: 0 },
          files: 1,
          decisions: 3,
          newRatings: 1,
          skipped: [{ reason: 'ignored because another editor was opened', count: 1 }],
          raters: [{ rater: 'you', ratings: 1 }],
        },
        help: {
          ...none.help,
          text: 'not enough yet: about 380 more',
          more: 380,
          treated: { accepted: 1, decisions: 3 },
        },
        acceptance: [
          { from: nowMs - 3_600_000, to: nowMs - 3_600_000, shown: 3, accepted: 1, rewardModel: null, selector: null },
        ],
      };
    case 20:
      return {
        ...none,
        data: {
          labels: { rating: 12, thumb: 8, event: 31, pair: 6 },
          files: 7,
          decisions: 44,
          newRatings: 20,
          skipped: [
            { reason: 'ignored because the file was closed', count: 9 },
            { reason: 'typed past before it could be read', count: 14 },
            { reason: 'its file is excluded now', count: 2 },
          ],
          raters: [{ rater: 'you', ratings: 20 }],
          kappa: null,
        },
        help: {
          kind: 'notYet',
          text: 'not enough yet: about 140 more',
          low: -0.42,
          high: null,
          more: 140,
          treated: { accepted: 17, decisions: 42 },
          control: { accepted: 0, decisions: 2 },
        },
        acceptance: acceptance(nowMs, 5, [0.3, 0.45], []),
      };
    case 2000: {
      const versions = previewVersions(nowMs);
      return {
        ...none,
        data: {
          labels: { rating: 1388, thumb: 612, event: 3911, pair: 187 },
          files: 214,
          decisions: 4102,
          newRatings: 31,
          skipped: [
            { reason: 'ignored because the file was closed', count: 480 },
            { reason: 'typed past before it could be read', count: 1202 },
          ],
          raters: [
            { rater: 'you', ratings: 1840 },
            { rater: 'a.colleague.with.a.rather.long.address@example.com', ratings: 159 },
            { rater: 'import', ratings: 1 },
          ],
          kappa: 0.62,
        },
        help: {
          kind: 'helps',
          text: 'helps: 9 % to 31 % more accepted',
          low: 0.09,
          high: 0.31,
          more: null,
          treated: { accepted: 2087, decisions: 3864 },
          control: { accepted: 98, decisions: 221 },
        },
        versions,
        acceptance: acceptance(nowMs, 2000, [0.31, 0.56], versions),
      };
    }
  }
}

/** Curves as PPO's look: a rising reward, losses and entropy that fall, an early KL spike. */
export function previewScalars(points: number, seed = 5): TrainingRun['scalars'] {
  const random = seeded(seed);
  const noise = (size: number): number => (random() + random() + random() - 1.5) * size;
  const curve = (tag: string, at: (share: number) => number): TrainingRun['scalars'][number] => ({
    tag,
    points: Array.from({ length: points }, (_, i): [number, number] => [i, at(i / Math.max(1, points - 1))]),
  });
  return [
    curve('ppo/objective/scores', (x) => -0.05 + 0.32 * (1 - Math.exp(-4 * x)) + noise(0.03)),
    curve('ppo/loss/policy_avg', (x) => -0.02 * (1 - x) + noise(0.01)),
    curve('ppo/loss/value_avg', (x) => 0.14 * Math.exp(-5 * x) + 0.02 + Math.abs(noise(0.01))),
    curve('ppo/policy/approxkl_avg', (x) => 0.004 + 0.02 * Math.exp(-18 * x) + Math.abs(noise(0.003))),
    curve('ppo/policy/clipfrac_avg', (x) => 0.05 + 0.15 * Math.exp(-9 * x) + Math.abs(noise(0.03))),
    curve('ppo/policy/entropy_avg', (x) => 1.75 - 0.9 * x + noise(0.04)),
    curve('ppo/train/explained_variance', (x) => 0.72 - 0.95 * Math.exp(-6 * x) + noise(0.05)),
    curve('neuralHead/train/loss', (x) => 0.11 * Math.exp(-3 * x) + 0.06 + noise(0.006)),
  ];
}

export function previewRun(row: VersionRow, verdict?: TrainingRun['verdict']): TrainingRun {
  const reward = row.layer === 'rewardModel';
  const signal = verdict?.kind !== 'noSignal';
  const strength = signal ? 1 : 0.05;
  return {
    id: row.id,
    layer: row.layer,
    verdict: verdict ?? {
      kind: row.state === 'rejected' ? 'reject' : 'promote',
      reason: row.history.at(row.state === 'rejected' ? -1 : 0)?.reason ?? '',
    },
    scalars: previewScalars(reward ? 60 : 2000).filter(({ tag }) => tag.startsWith('neuralHead') === reward),
    models: reward
      ? [
          ['bayesianLinear', 0.61, 0.08, 0.91, 0.05, 0.18, -0.42, 0.74],
          ['logisticThumbs', 0.52, 0.1, 0.86, 0.06, 0.19, -0.47, 0.7],
          ['neuralHead', 0.49, 0.12, 0.74, 0.11, 0.22, null, 0.68],
        ].map(([algorithm, spearman, half, coverage, ece, brier, logLikelihood, pairs], i) => ({
          algorithm: String(algorithm),
          chosen: i === 0,
          spearman: figure(Number(spearman) * strength, Number(half)),
          coverage90: figure(Number(coverage), 0.03),
          ece: Number(ece),
          brier: Number(brier),
          logLikelihood: logLikelihood === null ? null : Number(logLikelihood),
          pairAccuracy: signal ? Number(pairs) : 0.51,
        }))
      : [],
    reliability: reward
      ? [5, 15, 25, 35, 45, 55, 65, 75, 85, 95].map((percent, i) => ({
          predicted: percent / 100,
          observed: Math.min(
            1,
            Math.max(0, percent / 100 + [0.03, -0.04, 0.05, -0.02, 0.06, 0, -0.05, 0.04, -0.06, -0.02][i]!),
          ),
          count: [14, 22, 31, 40, 38, 30, 24, 21, 9, 3][i]!,
        }))
      : [],
    learningCurve: reward
      ? [20, 50, 150, 400, 1000, 1969].map((labels, i) => ({
          labels,
          figure: figure([0.31, 0.42, 0.51, 0.56, 0.59, 0.61][i]! * strength, [0.24, 0.17, 0.13, 0.11, 0.09, 0.08][i]!),
        }))
      : [],
    offPolicy: reward
      ? []
      : [
          ['ppo', 0.27, 0.06, 0.05, 412.4, 0.91],
          ['linucb', 0.24, 0.04, 0.05, 530, 0.88],
          ['lints', 0.22, 0.01, 0.06, 488, 0.83],
          ['logistic', 0.12, -0.07, 0.06, 611, 0.62],
        ].map(([algorithm, value, gain, half, size, shown], i) => ({
          algorithm: String(algorithm),
          chosen: i === 0,
          snips: figure(Number(value) - 0.01, Number(half) * 1.4),
          doublyRobust: figure(Number(value), Number(half)),
          gain: figure(Number(gain), Number(half)),
          effectiveSize: Number(size),
          shownShare: Number(shown),
        })),
    words:
      signal && reward
        ? [
            { text: 'prefers early returns', strength: 0.21 },
            { text: 'dislikes “any”', strength: -0.16 },
            { text: 'prefers fewer comments', strength: 0.12 },
            { text: 'likes more names in camelCase', strength: 0.06 },
            {
              text: 'dislikes “donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft”',
              strength: -0.03,
            },
          ]
        : [],
    reranked: reward
      ? [
          {
            episodeId: row.id,
            file: 'src/billing/orders.ts',
            offered: 'if (row) {\n  return toOrder(row);\n} else {\n  throw new Error("No order " + id);\n}',
            instead: 'if (!row) return null;\nreturn toOrder(row);',
          },
          {
            episodeId: row.id,
            file: 'packages/a-package-with-a-rather-long-name/src/createConnectionPool.ts',
            offered: '// Increments the counter\ncounter++;',
            instead: 'counter++;',
          },
          { episodeId: row.id, file: '', offered: 'const x = 1;', instead: '' },
        ]
      : [],
    outliers: reward ? [{ episodeId: row.id, said: 1, expected: 8.4 }] : [],
  };
}

/** A training as it is reported, step by step. */
export function previewSteps(count: number): TrainingStep[] {
  const scalars = previewScalars(count);
  return Array.from({ length: count }, (_, i) => ({
    stage: 'selector',
    share: 0.35 + (0.5 * i) / count,
    secondsLeft: Math.max(2, Math.round((40 * (count - i)) / count)),
    message: `PPO, round ${i + 1} of ${count}`,
    scalars: scalars.map(({ tag, points }) => ({ tag, step: points[i]![0], value: points[i]![1] })),
  }));
}
