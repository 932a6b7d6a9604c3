/** From cleaned candidates to an offer or silence. */
import type { Refusal } from './examples.ts';
import { inkOf, linePrefix, nonBlankAbove, type Place, squash } from './place.ts';

/** A candidate that may be offered, or why it may not. */
export interface Considered {
  readonly text: string;
  readonly model: string;
  /** The part of the document after the cursor that it takes the place of. */
  readonly replaces: string;
  readonly probability?: number;
  readonly droppedBy?: string;
}

/** Decided candidates: `offer` best first, then the rest. Scores are not stored; the model's probability is. */
export interface Decision {
  readonly offer: readonly Considered[];
  readonly silent: readonly Considered[];
  readonly best: number;
}

/**
 * Show when acceptance is likelier than one in four: with +0.75 for an accepted and −0.25 for a shown and not accepted
 * offer (Cursor's published rewards), that is where showing begins to pay.
 */
export const thresholds = { automatic: 0.25, explicit: 0.02 } as const;
/** For models that don't tell how sure they are. */
export const unknownProbability = 0.5;
/** At places this similar a refused text is refused whatever stands before it. */
const samePlaceSimilarity = 0.85;
/** At places this similar a line that was rated badly is not to come again; one merely dismissed may be right elsewhere. */
const similarPlace = 0.5;

/** Two independent reasons to believe a text: the chance that both are wrong shrinks. */
export const noisyOr = (a: number, b: number): number => 1 - (1 - a) * (1 - b);

/**
 * True when the developer turned this text down here, however much of it has been typed since. Here is: below the same
 * line, or at a place nearly the same; for what was rated badly also at a similar one.
 */
export function isRefused(text: string, place: Place, refusals: readonly Refusal[]): boolean {
  const alone = squash(text);
  const line = squash(linePrefix(place) + text);
  const above = squash(nonBlankAbove(place) ?? '');
  return refusals.some((refusal) => {
    const nearlyHere = refusal.similarity >= samePlaceSimilarity;
    if (nearlyHere && squash(refusal.text) === alone) return true;
    if (squash(linePrefix(refusal) + refusal.text) !== line) return false;
    if (refusal.rated && refusal.similarity >= similarPlace) return true;
    return nearlyHere || squash(nonBlankAbove(refusal) ?? '') === above;
  });
}

/**
 * Equal texts become one, and strengthen each other when one comes from the memory. Order: those first that are expected to save most
 * keystrokes. */
export function decide(candidates: readonly Considered[], threshold: number, most: number): Decision {
  const merged = new Map<string, Considered & { score: number }>();
  for (const candidate of candidates) {
    const score = candidate.probability ?? unknownProbability;
    const key = `${candidate.droppedBy ?? ''}\n${candidate.replaces}\n${candidate.text}`;
    const twin = merged.get(key);
    if (twin === undefined) merged.set(key, { ...candidate, score });
    else if (twin.droppedBy === undefined && candidate.droppedBy === undefined && twin.model !== candidate.model) {
      twin.score = noisyOr(twin.score, score);
    } else twin.score = Math.max(twin.score, score);
  }
  const sorted = [...merged.values()].sort((a, b) => saving(b) - saving(a));
  const free = sorted.filter(({ droppedBy }) => droppedBy === undefined);
  const shown = free.filter(({ score }) => score >= threshold).slice(0, most);
  const rest = sorted.filter((candidate) => !shown.includes(candidate));
  return {
    offer: shown.map(withoutScore),
    silent: rest.map(withoutScore),
    best: Math.max(0, ...free.map(({ score }) => score)),
  };
}

/** Keystrokes an offer is expected to save: a wrong one costs about as much as reading six characters. */
function saving({ score, text }: { readonly score: number; readonly text: string }): number {
  return score * inkOf(text) - (1 - score) * 6;
}

function withoutScore({ text, model, replaces, probability, droppedBy }: Considered & { score: number }): Considered {
  return {
    text,
    model,
    replaces,
    ...(probability === undefined ? {} : { probability }),
    ...(droppedBy === undefined ? {} : { droppedBy }),
  };
}
