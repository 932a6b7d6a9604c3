/**
 * How long “Attune: Train” takes on the labels of a simulated developer, and how good its reward model is on files it hasn't
 * seen: the job of the trainer process, from stored episodes to registered versions. Everything is counted, starting the runtime too.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, systemIds } from '../../engine/clock.ts';
import { runJob } from '../../engine/learn/training/job.ts';
import type { StoredEpisode } from '../../engine/memory/store.ts';
import type { Event, Rating } from '../../protocol/episode.ts';
import { seeded } from '../../tensor/random.ts';
import { startRuntime } from '../../tensor/runtime/runtime.ts';
import { type RatedEdit, ratedStream } from '../simulate/ratedStream.ts';

export interface TrainBench {
  readonly name: 'train';
  readonly labels: number;
  /** Reading and features too. */
  readonly rewardModelMs: number;
  /** All algorithms, on each fold and on all decisions, and writing the versions. */
  readonly selectorMs: number;
  readonly totalMs: number;
  /** Of held-out ratings, by cross-validation grouped by file. */
  readonly spearman: number | null;
  /** Without what chance makes of it. */
  readonly ece: number | null;
  readonly coverage90: number | null;
  /** Of this process and the runtime's together. */
  readonly peakRssBytes: number;
}

export interface TrainBenchOptions {
  readonly labels?: number;
  readonly seed?: number;
}

export async function benchTrain({ labels = 500, seed = 100 }: TrainBenchOptions = {}): Promise<TrainBench> {
  const entries = episodesOf(ratedStream(seed, labels), seed);
  const folder = await mkdtemp(join(tmpdir(), 'attune-train-'));
  const startedAt = performance.now();
  const runtime = startRuntime({ log: { debug: () => undefined } });
  let selectorAt = startedAt;
  try {
    const { runs } = await runJob(
      entries,
      { layers: ['rewardModel', 'selector'], dryRun: false, resume: false },
      {
        folder,
        runtime,
        clock: systemClock,
        ids: systemIds,
        signal: new AbortController().signal,
        onProgress({ stage }) {
          if (stage === 'rewardModel') selectorAt = performance.now();
        },
        onProblem(message) {
          throw new Error(message);
        },
      },
    );
    const totalMs = performance.now() - startedAt;
    const model = runs.flatMap(({ models }) => models).find(({ chosen }) => chosen);
    const tried = runs.flatMap(({ offPolicy }) => offPolicy).length;
    if (!model || tried === 0) throw new RangeError(`${labels} labels are too few to train on.`);
    const { peakRssBytes } = await runtime.measure();
    return {
      name: 'train',
      labels,
      rewardModelMs: Math.round(selectorAt - startedAt),
      selectorMs: Math.round(totalMs - (selectorAt - startedAt)),
      totalMs: Math.round(totalMs),
      spearman: model.spearman.value,
      ece: model.ece,
      coverage90: model.coverage90.value,
      peakRssBytes: peakRssBytes + process.resourceUsage().maxRSS * 1024,
    };
  } finally {
    await runtime.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const firstAt = 1_760_000_000_000;
const minuteMs = 60_000;
/** Of one decision in twenty nothing is shown, so that there is something to compare with. */
const silentShare = 0.05;

/** A UUIDv7 of a time; `number` makes it unique. */
function idAt(at: number, number: number): string {
  const time = at.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** What the memory would hold: completions in place of what stood there, drawn evenly, and what was done with and said of each. */
function episodesOf(edits: readonly RatedEdit[], seed: number): StoredEpisode[] {
  const random = seeded(seed);
  return edits.flatMap((edit, i) => {
    const at = firstAt + 2 * i * minuteMs;
    const shown = episodeOf(edit, at, edit.offered.indexOf(edit.after));
    return random() < silentShare ? [shown, episodeOf(edit, at + minuteMs, null)] : [shown];
  });
}

function episodeOf(edit: RatedEdit, at: number, offered: number | null): StoredEpisode {
  const { file, language, before, offered: texts, accepted, rating } = edit;
  const id = idAt(at, 0);
  const share = (1 - silentShare) / texts.length;
  const episode: StoredEpisode['episode'] = {
    id,
    at,
    kind: 'inline',
    file,
    languageId: language,
    range: { startLine: 0, startCharacter: 0, endLine: before.split('\n').length, endCharacter: 0 },
    instruction: '',
    prefix: '',
    before,
    suffix: '\n',
    candidates: texts.map((text, n) => ({
      id: idAt(at, 1 + n),
      text,
      model: 'openai:simulated',
      propensity: share,
    })),
    offered,
    propensity: offered === null ? silentShare : share,
    examples: [],
  };
  const nothing = { episode, events: [], rating: null, otherRatings: [], forbidden: false };
  if (offered === null) return nothing;
  const event = (type: Event['type'], n: number): Event => ({
    id: idAt(at + 1000 * n, 10 + n),
    episodeId: id,
    at: at + 1000 * n,
    type,
    candidateId: episode.candidates[offered]!.id,
  });
  const said: Rating = {
    id: idAt(at + 5000, 20),
    episodeId: id,
    at: at + 5000,
    rater: 'developer',
    thumb: null,
    score: rating,
    reasons: [],
    comment: '',
    correction: null,
    withdrawn: false,
  };
  const kinds = ['offered', 'shown', 'read', accepted ? 'accepted' : 'rejected'] as const;
  return { ...nothing, events: kinds.map(event), rating: said };
}
