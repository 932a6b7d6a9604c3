/** Which of several proposals for an edit comes first: as the model gave them, or by what a reward model expects of each. */
import type { Candidate, Episode } from '../../protocol/episode.ts';
import { offerableOf } from '../learn/features/offerable.ts';
import { largest, only, uniformShare } from '../learn/selector/floor.ts';
import { actionAt, drawAmong } from './choose.ts';
import type { Arm } from './control.ts';
import type { SuggestState } from './deps.ts';

export interface Proposal {
  /** As stored: without secrets. */
  readonly candidate: Candidate;
  /** As shown: with the secrets that stood there before. */
  readonly text: string;
  /** It was turned down here, or at a place like this, before. */
  readonly again: boolean;
  /** What the reward model expects of it, where one serves: about 0 to 1. */
  readonly estimate?: number;
}

export interface Ordered {
  readonly proposals: readonly Proposal[];
  /** Of the first one, with which it came to be that. */
  readonly propensity: number;
  /** The reward model that ordered them; null: none did. */
  readonly version: string | null;
}

/**
 * Those expected to be liked best come first; in one of twenty requests any, drawn evenly, so that it can be told later what another
 * order would have brought: (1 − ε)·[best] + ε/n is what each says of itself. Those turned down before stay behind the others.
 * `draft`: the episode without candidates. `kept`: refused ones last.
 */
export function ordered(state: SuggestState, draft: Episode, kept: readonly Proposal[], arm: Arm): Ordered {
  const { config, options, gate, extractor } = state;
  const model = arm === 'treated' && config.examples > 0 ? options.served().rewardModel : null;
  if (model === null || kept.length < 2) return { proposals: kept, propensity: 1, version: null };
  const episode = { ...draft, candidates: kept.map(({ candidate }) => candidate) };
  const judged = kept.map((proposal, i): Proposal & { readonly estimate: number } => {
    const features = extractor.featuresOf(offerableOf(episode, i), gate.past);
    return { ...proposal, estimate: model.estimate(features).mean };
  });
  const fresh = judged.filter(({ again }) => !again);
  const free = fresh.length > 0 ? fresh : judged;
  const best = only(largest(free.map(({ estimate }) => estimate)), free.length);
  const shares = best.map((p) => (1 - uniformShare) * p + uniformShare / free.length);
  const place = `${draft.file}\n${draft.prefix.slice(-200)}\n${draft.before}`;
  const draw = drawAmong(
    options.seed ?? 0,
    place,
    free.map(({ candidate }) => candidate.text),
  );
  const first = actionAt(shares, draw);
  const sorted = judged.toSorted(
    (a, b) =>
      Number(b === free[first]) - Number(a === free[first]) ||
      Number(a.again) - Number(b.again) ||
      b.estimate - a.estimate,
  );
  const proposals = sorted.map((one): Proposal => {
    const propensity = shares[free.indexOf(one)] ?? 0;
    return { ...one, candidate: { ...one.candidate, propensity } };
  });
  return { proposals, propensity: shares[first]!, version: model.id };
}

/** For the trace. */
export function orderNote(
  proposals: readonly Proposal[],
  propensity: number,
  arm: Arm,
  version: string | null,
): string {
  if (arm === 'control') return 'without memory and learning, to see whether they help';
  if (version === null) return 'as the model gave them';
  const estimates = proposals.map(({ estimate }) => (estimate ?? 0).toFixed(2)).join(', ');
  return `by reward model ${version}: ${estimates}; the first with probability ${propensity.toFixed(2)}`;
}
