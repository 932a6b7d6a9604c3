/** The selector of a training: what each algorithm would have earned on files it has not seen, against what was earned. */
import type { MetricName } from '../../../protocol/metrics.ts';
import type { TrainingRun } from '../../../protocol/training.ts';
import { seeded } from '../../../tensor/random.ts';
import type { Runtime } from '../../../tensor/runtime/api.ts';
import { type Fold, foldsOf } from '../evaluation/folds.ts';
import {
  type LoggedDecision,
  type OffPolicyValue,
  offPolicyValue,
  type ValueInterval,
  valueDifference,
} from '../evaluation/offPolicy.ts';
import { fitProjection, selectorProjection } from '../features/projection.ts';
import { featureVersion } from '../features/table.ts';
import { gate, gateLimits } from '../registry/gate.ts';
import { fitBayesianLinear } from '../reward/bayesianLinear.ts';
import { heldOut } from '../reward/crossValidation.ts';
import type { Row } from '../reward/rewardModel.ts';
import { decisionRewardVersion } from '../selector/decisionReward.ts';
import { uniformShare } from '../selector/floor.ts';
import { linTs } from '../selector/linTs.ts';
import { linUcb } from '../selector/linUcb.ts';
import { logisticFilter } from '../selector/logisticFilter.ts';
import type { PpoMetrics, TrainedPolicy } from '../selector/ppo.ts';
import type { Outcome } from '../selector/selector.ts';
import { bare, figureOf } from './figures.ts';
import { type ServingPolicy, selectorFiles } from './modelFiles.ts';
import { type ModelSpace, modelSpace } from './modelSpace.ts';
import { emptyRun, type Measured, type StageOptions, type StageResult, verdictOf } from './rewardStage.ts';
import { policySelector, type TrainedSelector } from './selectorFiles.ts';
import { sharedPrograms } from './sharedPrograms.ts';
import { signalOf } from './signal.ts';
import type { LoggedChoice, TrainingData } from './trainingData.ts';

const folds = 5;
/** Runs of PPO at the end of all decisions: more change the policy by less than its exploration does. */
const refits = 4;
const algorithms = ['linucb', 'lints', 'logistic', 'ppo'] as const;
type Algorithm = (typeof algorithms)[number];

/** A choice as selectors see it, and where it was made. */
interface Choice extends Outcome {
  readonly group: string;
  readonly at: number;
  readonly episodeId: string;
  readonly wanted: number | null;
  readonly behaviour: readonly number[] | null;
}

/** An algorithm on decisions that it had not seen. */
interface Tried {
  readonly algorithm: Algorithm;
  readonly value: OffPolicyValue;
  /** Against what was really decided. */
  readonly gain: ValueInterval;
  readonly shownShare: number;
}

/** `serving`: a policy is held near to it, and goes on in its space. */
export async function trainSelector(
  data: TrainingData,
  serving: ServingPolicy | null,
  options: StageOptions,
): Promise<StageResult> {
  const { seed, runtime, signal, onShare } = options;
  const space =
    serving?.space ?? modelSpace(data.extractor, fitProjection(data.places, data.extractor.blocks, selectorProjection));
  const choices = data.choices.map((choice) => choiceOf(choice, space));
  const evaluable = choices.flatMap((choice, i) => (isEvaluable(choice) ? [i] : []));
  const notes = leftOut(data, choices, evaluable.length, runtime);
  const groups = choices.map(({ group }) => group);
  const files = new Set(evaluable.map((i) => groups[i]!)).size;
  const parts = foldsOf(groups, folds, seeded(seed + 1));
  const limits = gateLimits.selector;
  if (parts.length === 0 || evaluable.length < limits.minLabels) {
    const verdict = gate({ labels: evaluable.length, groups: files, spearman: null, difference: null }, limits);
    return { run: runOf(verdictOf(verdict), []), version: null, notes, effect: null };
  }
  const tried = algorithms.filter((algorithm) => algorithm !== 'ppo' || runtime !== null);
  const shared = runtime && sharedPrograms(runtime);
  try {
    const reference = serving?.policy ?? null;
    const rounds = tried.length * (parts.length + 1);
    let done = 0;
    const attempt = async (
      algorithm: Algorithm,
      training: readonly Choice[],
      onMeasured?: StageOptions['onMeasured'],
    ) => {
      signal.throwIfAborted();
      const trained = await fitted(algorithm, training, {
        space,
        seed,
        runtime: shared?.runtime ?? null,
        reference,
        onMeasured,
      });
      done += 1;
      onShare((0.95 * done) / rounds, `Trying ${algorithm}`);
      // Others have their turn.
      await new Promise<void>((resolve) => setImmediate(resolve));
      return trained;
    };
    const behaviour = offPolicyValue(evaluable.map((i) => logged(choices[i]!, choices[i]!.behaviour!)));
    const results: Tried[] = [];
    for (const algorithm of tried) {
      const policies = new Map<number, readonly number[]>();
      for (const { training, test } of parts) {
        const { selector } = await attempt(
          algorithm,
          training.map((i) => choices[i]!),
        );
        for (const i of test)
          if (isEvaluable(choices[i]!)) policies.set(i, within(choices[i]!, selector.probabilities(choices[i]!)));
        await selector.close?.();
      }
      const value = offPolicyValue(evaluable.map((i) => logged(choices[i]!, policies.get(i)!)));
      const quiet = evaluable.reduce((sum, i) => sum + policies.get(i)!.at(-1)!, 0) / evaluable.length;
      results.push({ algorithm, value, gain: valueDifference(value, behaviour), shownShare: 1 - quiet });
    }
    // The best of several looks better than it is: its interval allows for all that were tried.
    const confidence = 1 - 0.05 / results.length;
    const best = results.reduce((a, b) => (b.gain.low > a.gain.low ? b : a));
    const difference = valueDifference(best.value, behaviour, confidence);
    const signalFound = signalIn(choices, parts, space, seed);
    const verdict = gate({ labels: evaluable.length, groups: files, spearman: signalFound, difference }, limits);
    const final = await attempt(best.algorithm, choices, options.onMeasured);
    const run = runOf(
      verdictOf(verdict),
      results.map(({ algorithm, value, gain, shownShare }) => ({
        algorithm,
        chosen: algorithm === best.algorithm,
        snips: figureOf(value.estimates.snips),
        doublyRobust: figureOf(value.estimates.dr),
        gain: figureOf(gain),
        effectiveSize: value.effectiveSize,
        shownShare: Math.min(1, Math.max(0, shownShare)),
      })),
    );
    const stored = selectorFiles(final, space);
    await final.selector.close?.();
    const { estimates } = best.value;
    options.onMeasured([{ tag: `${best.algorithm}/eval/reward`, step: evaluable.length, value: estimates.sndr.value }]);
    const silent = evaluable.filter((i) => choices[i]!.action === choices[i]!.candidates.length).length;
    const percent = (share: number): string => `${Math.round(100 * share)} %`;
    const was = percent(1 - silent / evaluable.length);
    return {
      run,
      notes,
      effect: `In such places it shows something in ${percent(best.shownShare)} of decisions, where ${was} were shown.`,
      version: {
        files: stored,
        featureVersion,
        hyperParameters: {
          algorithm: best.algorithm,
          rewardVersion: decisionRewardVersion,
          folds,
          floor: uniformShare,
          projection: space.stored.projection,
          ...(best.algorithm === 'ppo' ? { refits, optimism: 0.3, reference: reference !== null } : {}),
        },
        metrics: {
          value: figureOf(estimates.sndr),
          snips: figureOf(estimates.snips),
          doublyRobust: figureOf(estimates.dr),
          onPolicy: figureOf(behaviour.estimates.ips),
          gain: figureOf(difference),
          signal: figureOf(signalFound),
          effectiveSize: bare(best.value.effectiveSize),
        },
      },
    };
  } finally {
    await shared?.dispose();
  }
}

function choiceOf(
  { candidates, behaviour, action, reward, group, at, episodeId, wanted }: LoggedChoice,
  space: ModelSpace,
): Choice {
  const rows = candidates.map((row) => space.of(row));
  const probabilities = behaviour ?? [...rows, null].map((_, i) => (i === action ? 1 : 0));
  return { candidates: rows, action, reward, probabilities, behaviour, group, at, episodeId, wanted };
}

/** Only where something else could have been chosen do propensities tell what that would have brought. */
const isEvaluable = ({ behaviour }: Choice): boolean => behaviour !== null && behaviour.filter((p) => p > 0).length > 1;

/** A policy among what could have been chosen. */
function within({ behaviour }: Choice, policy: readonly number[]): readonly number[] {
  const possible = policy.map((p, i) => (behaviour![i]! > 0 ? p : 0));
  const total = possible.reduce((sum, p) => sum + p, 0);
  return possible.map((p) => p / total);
}

const logged = (
  { candidates, action, reward, behaviour, group }: Choice,
  policy: readonly number[],
): LoggedDecision => ({
  candidates,
  action,
  reward,
  behaviour: behaviour!,
  policy,
  group,
});

interface FitOptions {
  readonly space: ModelSpace;
  readonly seed: number;
  readonly runtime: Pick<Runtime, 'load'> | null;
  readonly reference: TrainedPolicy | null;
  readonly onMeasured: StageOptions['onMeasured'] | undefined;
}

async function fitted(
  algorithm: Algorithm,
  training: readonly Outcome[],
  { space, seed, runtime, reference, onMeasured }: FitOptions,
): Promise<TrainedSelector> {
  switch (algorithm) {
    case 'linucb':
    case 'lints': {
      const selector = algorithm === 'linucb' ? linUcb() : linTs(seeded(seed + 2));
      for (const outcome of training) await selector.learn(outcome);
      return { algorithm, selector };
    }
    case 'logistic': {
      const selector = logisticFilter();
      selector.learnAll(training);
      return { algorithm, selector };
    }
    case 'ppo': {
      let step = 0;
      const onRefit = (rounds: readonly PpoMetrics[]): void => {
        for (const metrics of rounds) onMeasured?.(measuredOf(metrics, ++step));
      };
      const random = seeded(seed + 3);
      const selector = policySelector({ random, runtime: () => runtime!, blocks: space.blocks, reference, onRefit });
      await selector.learnAll(training, refits);
      return { algorithm, selector, reference };
    }
  }
}

/** By the field's names. */
const measuredOf = (metrics: PpoMetrics, step: number): readonly Measured[] => {
  const values = {
    'objective/rlhf_reward': metrics.reward,
    'objective/kl': metrics.kl,
    'train/explained_variance': metrics.explainedVariance,
    'loss/policy_avg': metrics.policyLoss,
    'loss/value_avg': metrics.valueLoss,
    'policy/entropy_avg': metrics.entropy,
    'policy/approxkl_avg': metrics.approxKl,
    'policy/clipfrac_avg': metrics.clipFraction,
    'train/grad_norm': metrics.gradientNorm,
  } satisfies Partial<Record<MetricName, number>>;
  return Object.entries(values).map(([name, value]) => ({ tag: `ppo/${name}`, step, value }));
};

/**
 * Whether what was shown was liked for what it is: without that, a selector could only show more, or less, of everything. Rank
 * correlation of what was foretold and what was wanted in files that were left out. What it cost to read is no taste: it follows from the
 * length by our own rule.
 */
function signalIn(choices: readonly Choice[], parts: readonly Fold[], { blocks }: ModelSpace, seed: number) {
  const rowOf = ({ candidates, action, wanted, group, at, episodeId }: Choice): Row | null => {
    const features = candidates[action];
    if (features === undefined || wanted === null) return null;
    return { features, target: wanted, weight: 1, source: 'event', group, episodeId, at };
  };
  const all = choices.map(rowOf);
  const rowsAt = (indices: readonly number[]): readonly number[] => indices.filter((i) => all[i] !== null);
  const index = new Map(rowsAt(all.map((_, i) => i)).map((i, at) => [i, at]));
  const rows = [...index.keys()].map((i) => all[i]!);
  const inner = parts.map(({ training, test }) => ({
    training: rowsAt(training).map((i) => index.get(i)!),
    test: rowsAt(test).map((i) => index.get(i)!),
  }));
  const models = inner.map(({ training }) =>
    fitBayesianLinear(
      training.map((i) => rows[i]!),
      { blocks, centre: 0 },
    ),
  );
  const strata = rows.map(() => '');
  return signalOf(rows, heldOut(rows, inner, models), strata, seeded(seed + 4));
}

function leftOut(
  data: TrainingData,
  choices: readonly Choice[],
  evaluable: number,
  runtime: Runtime | null,
): readonly string[] {
  const notes = runtime ? [] : ['PPO was left out: it needs ONNX Runtime, which has no build for this machine.'];
  const unlogged = choices.filter(({ behaviour }) => behaviour === null).length;
  const certain = choices.length - unlogged - evaluable;
  const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;
  if (unlogged > 0) {
    notes.push(
      `${count(unlogged, 'decision was', 'decisions were')} not evaluated on: how they came about was not logged.`,
    );
  }
  if (certain > 0) {
    notes.push(
      `${count(certain, 'decision was', 'decisions were')} not evaluated on: nothing else could have been chosen, so that nothing tells what that would have brought.`,
    );
  }
  for (const [reason, n] of data.noChoice)
    notes.push(`${count(n, 'decision was', 'decisions were')} left out: ${reason}.`);
  return notes;
}

const runOf = (verdict: TrainingRun['verdict'], offPolicy: TrainingRun['offPolicy']): StageResult['run'] => ({
  ...emptyRun('selector', verdict),
  offPolicy,
});
