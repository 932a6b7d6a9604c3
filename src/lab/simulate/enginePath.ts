/** The policy *attune*: the product's own engine in this process, driven as the editor drives it, with a model behind a server. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwantedReward } from '../../engine/learn/selector/decisionReward.ts';
import { temperatures } from '../../engine/suggest/inlineAnswers.ts';
import { squash } from '../../engine/suggest/place.ts';
import type { EngineConfig } from '../../protocol/config.ts';
import type { TrainingRun, TrainLayer } from '../../protocol/training.ts';
import { seeded } from '../../tensor/random.ts';
import { type InProcessEngine, startInProcess } from '../inProcess.ts';
import { startOfTime, VirtualTime } from '../virtualTime.ts';
import { createDeveloper, type Developer, type Temper, worstAttribute } from './developer.ts';
import { type Generator, generatorModel, startGenerator } from './generator.ts';
import type { Played } from './play.ts';
import { complaint, markOf } from './promptReading.ts';
import { best, type Decision, decisionsOf, type Prospect, prospectOf, reactionTo } from './stream.ts';
import { attributes, bit } from './styles.ts';
import { createWorkday, type Fate, type Workday } from './workday.ts';
import type { Candidate, World } from './world.ts';

/** What was on the screen: a whole answer, one that was cut off, or something that answers another task. */
export type Shown = 'whole' | 'cut' | 'foreign';

export interface EngineTraining {
  /** Decisions made before it. */
  readonly step: number;
  readonly ms: number;
  /** Of each layer. */
  readonly verdicts: readonly {
    readonly layer: TrainLayer;
    readonly kind: TrainingRun['verdict']['kind'];
    readonly reason: string;
    readonly algorithm: string;
  }[];
  /** Why there was no training; null: there was. */
  readonly failure: string | null;
}

export interface EngineRun {
  readonly played: readonly Played[];
  readonly trainings: readonly EngineTraining[];
  /** Versions that took the place of what served. */
  readonly promoted: number;
  readonly shown: Readonly<Record<Shown, number>>;
  /** Why nothing was shown, and how often. */
  readonly silences: Readonly<Record<string, number>>;
  /** Candidates that could not be offered, by the filter that dropped them; all candidates there were. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly candidates: number;
  /** Examples in prompts, and those of them the model could not read. */
  readonly examples: number;
  readonly unreadable: number;
  /** Milliseconds of the machine per decision, training aside. */
  readonly msPerDecision: number;
  /** Of the memory in the end. */
  readonly episodes: number;
}

export interface EnginePathOptions {
  readonly world: World;
  readonly seed: number;
  readonly steps: number;
  readonly temper?: Temper;
  readonly config?: Partial<EngineConfig>;
  readonly training?: Cadence;
  readonly say?: (line: string) => void;
  /** Sees every decision when it has been settled. */
  readonly onDecision?: (seen: Seen) => void | Promise<void>;
}

export interface Seen {
  readonly step: number;
  readonly decision: Decision;
  readonly offered: string | null;
  readonly episodeId: string | null;
  readonly prospect: Prospect | null;
  readonly engine: InProcessEngine;
}

/** Decisions between trainings; 0: never. */
export interface Cadence {
  /** As long as no selector serves. */
  readonly untilPromoted: number;
  /** One that serves learns from every decision; others are tried now and then. */
  readonly afterwards: number;
  /** Ratings come slower. */
  readonly rewardModel: number;
}
/** As somebody who trains in the background, after some fifty new ratings. */
export const usualTraining: Cadence = { untilPromoted: 200, afterwards: 200, rewardModel: 400 };
/** Both layers, again and again: what is nothing must not be found by looking often. */
export const eagerTraining: Cadence = { untilPromoted: 150, afterwards: 150, rewardModel: 150 };
export const neverTraining: Cadence = { untilPromoted: 0, afterwards: 0, rewardModel: 0 };
/** Explicit ratings are much sparser than what happens anyway. */
const ratedShare = 0.25;
/** Of those who rate badly, how many say in words what they mind most. */
const commentedShare = 0.5;
/** Nobody takes a function that was not asked for. */
const foreignAcceptance = 0;

/** One developer through all decisions with the real engine. Under the same seed everything is the same, however fast the machine is. */
export async function playEngine(options: EnginePathOptions): Promise<EngineRun> {
  const { world, seed, steps, temper = 'rules', training: cadence = neverTraining, say = () => {} } = options;
  const developer = createDeveloper(seed, temper);
  const decisions = [...decisionsOf(world, { seed, steps, temper })];
  const generator = await startGenerator({ world, task: (step) => decisions[step], temperatures });
  const root = await mkdtemp(join(tmpdir(), 'attune-simulate-'));
  const workspace = join(root, 'workspace');
  const time = new VirtualTime(startOfTime);
  let engine: InProcessEngine | null = null;
  const played: Played[] = [];
  const trainings: EngineTraining[] = [];
  const shown = { whole: 0, cut: 0, foreign: 0 };
  const silences: Record<string, number> = {};
  const dropped: Record<string, number> = {};
  let [candidates, promoted, ms] = [0, 0, 0];
  let serves = false;
  try {
    await mkdir(workspace);
    engine = await startInProcess(
      {
        folders: [{ path: workspace, name: 'workspace' }],
        storagePath: join(root, 'memory'),
        cachePath: join(root, 'cache'),
        config: {
          inlineModel: 'openai',
          openai: { baseUrl: generator.baseUrl, model: generatorModel, completions: 'never' },
          inlineCandidates: 5,
          ...options.config,
        },
        onLog: (level, message) => {
          if (level === 'error' || level === 'warn') say(`engine: ${message}`);
        },
      },
      { time, random: seeded(seed * 32_452_843 + 7) },
    );
    await engine.indexed();
    const workday = createWorkday(engine, time);
    for (const decision of decisions) {
      const { step, place } = decision;
      const begun = performance.now();
      const desk = workday.open({
        path: join(workspace, place.file),
        languageId: place.language,
        text: `${markOf(step, place.instruction)}\n`,
      });
      const { uri, version } = desk;
      const answer = await engine.ask('suggest', { uri, version, offset: desk.text.length, trigger: 'automatic' });
      const { episodeId } = answer;
      const { traces } = await engine.ask('trace', episodeId === null ? {} : { episodeId });
      for (const one of traces[0]?.candidates ?? []) {
        candidates += 1;
        if (one.droppedBy !== undefined) dropped[one.droppedBy] = (dropped[one.droppedBy] ?? 0) + 1;
      }
      const [item] = answer.items;
      const offered = item && episodeId ? { episodeId, items: answer.items } : null;
      const found = item ? whatIs(item.insertText, generator.answers(step)) : null;
      const prospect = found && prospectFor(developer, decision, found);
      if (found) shown[found.shown] += 1;
      else silences[answer.silence ?? ''] = (silences[answer.silence ?? ''] ?? 0) + 1;
      await workday.settle(
        desk,
        offered,
        found && prospect && fateOf({ developer, decision, found, prospect, generator, world }),
      );
      const reward = prospect?.expected ?? 0;
      played.push({
        regret: best(decision) - reward,
        reward,
        shown: prospect !== null,
        acceptance: prospect?.acceptance ?? 0,
      });
      ms += performance.now() - begun;
      await options.onDecision?.({
        step,
        decision,
        offered: item?.insertText ?? null,
        episodeId,
        prospect,
        engine,
      });
      const layers = dueLayers(step + 1, cadence, serves);
      if (layers.length === 0) continue;
      const { training, activated } = await train(engine, workday, step + 1, layers);
      trainings.push(training);
      promoted += activated.length;
      serves ||= activated.includes('selector');
    }
    const { episodes } = await engine.ask('memoryStats', {});
    const { examples, unreadable } = generator.counts;
    const msPerDecision = ms / Math.max(1, steps);
    return {
      played,
      trainings,
      promoted,
      shown,
      silences,
      dropped,
      candidates,
      examples,
      unreadable,
      msPerDecision,
      episodes,
    };
  } finally {
    await engine?.stop();
    await generator.close();
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

function dueLayers(decisions: number, cadence: Cadence, serves: boolean): TrainLayer[] {
  const every = { rewardModel: cadence.rewardModel, selector: serves ? cadence.afterwards : cadence.untilPromoted };
  return (['rewardModel', 'selector'] as const).filter((layer) => every[layer] > 0 && decisions % every[layer] === 0);
}

/** Trains, and puts to use what the gate lets pass. */
async function train(
  engine: InProcessEngine,
  workday: Workday,
  step: number,
  layers: readonly TrainLayer[],
): Promise<{ readonly training: EngineTraining; readonly activated: readonly TrainLayer[] }> {
  const begun = performance.now();
  const requestId = `training-${step}`;
  const trained = await engine.ask('train', { requestId, layers: [...layers], dryRun: false, resume: false });
  const activated: TrainLayer[] = [];
  if (trained.ok) {
    for (const { id, layer, verdict } of trained.runs) {
      if (verdict.kind !== 'promote') continue;
      const decided = await engine.ask('decideVersion', { id, decision: 'activate' });
      if (decided.ok) activated.push(layer);
    }
  }
  await workday.pass(0);
  const verdicts = trained.ok
    ? trained.runs.map(({ layer, verdict, offPolicy, models }) => ({
        layer,
        ...verdict,
        algorithm: [...offPolicy, ...models].find(({ chosen }) => chosen)?.algorithm ?? '',
      }))
    : [];
  const failure = trained.ok ? null : trained.failure.message;
  return { training: { step, ms: performance.now() - begun, verdicts, failure }, activated };
}

interface Found {
  readonly shown: Shown;
  readonly candidate: Candidate;
}

/** Which of the answers an offer is. What is cut off does not do what it should. */
function whatIs(text: string, answers: readonly Candidate[]): Found {
  const bare = squash(text);
  const whole = answers.find((candidate) => squash(candidate.text) === bare);
  if (whole) return { shown: 'whole', candidate: whole };
  const begun = answers.find((candidate) => squash(candidate.text).startsWith(bare));
  if (begun) return { shown: 'cut', candidate: { ...begun, bug: true } };
  const changedLines = text.split('\n').length;
  return {
    shown: 'foreign',
    candidate: { text, style: 0, presence: attributes.map(() => null), bug: true, changedLines },
  };
}

function prospectFor(developer: Developer, decision: Decision, { shown, candidate }: Found): Prospect {
  const { place, drifted, threshold } = decision;
  const prospect = prospectOf(developer, place, candidate, { drifted, threshold });
  if (shown !== 'foreign') return prospect;
  return { ...prospect, acceptance: foreignAcceptance, expected: unwantedReward(candidate.changedLines) };
}

function fateOf(of: {
  readonly developer: Developer;
  readonly decision: Decision;
  readonly found: Found;
  readonly prospect: Prospect;
  readonly generator: Generator;
  readonly world: World;
}): Fate {
  const { developer, decision, found, prospect, generator, world } = of;
  const { chance, drifted, at, step } = decision;
  const { candidate } = found;
  const reaction = reactionTo(prospect, chance);
  const random = seeded(Math.imul(developer.seed + 1, 0x27d4eb2f) ^ Math.imul(step + 1, 0x165667b1));
  const [rates, comments] = [random() < ratedShare, random() < commentedShare];
  // Who judges at random neither corrects anything nor takes back mistakes: both would be something to learn.
  const tasteful = developer.temper !== 'random';
  const worst = tasteful && found.shown === 'whole' ? worstAttribute(developer, candidate, drifted) : null;
  let corrected: string | null = null;
  if (reaction.kind === 'accepted' && chance.edits && worst) {
    const better = world.candidate(at, candidate.style ^ bit(worst));
    generator.know(better);
    corrected = better.text;
  }
  const bad = reaction.rating <= 4;
  const there = worst !== null && candidate.presence[attributes.indexOf(worst)] === 1;
  return {
    kind: reaction.kind,
    corrected,
    deletedAfterMs: reaction.reverted && tasteful ? 30_000 + (270_000 * chance.reverts) / revertedShare : null,
    rating: rates
      ? {
          score: reaction.rating,
          reasons: bad ? [candidate.bug ? 'brokenCode' : 'wrongStyle'] : [],
          comment: bad && comments && worst ? complaint(worst, there) : '',
        }
      : null,
  };
}
/** Of accepted mistakes; `chance.reverts` below it says when. */
const revertedShare = 0.7;
