/** Which past episodes are worth imitating, which must not come again, and what stands for each in a prompt. */
import { type Candidate, outcomeOf, type Reason, verdict } from '../../protocol/episode.ts';
import { type Ageing, recencyFactor } from '../memory/ranking.ts';
import type { Retrieved } from '../memory/retrieve.ts';
import type { StoredEpisode } from '../memory/store.ts';
import { squash } from './place.ts';

/** An edit the developer stood by. */
export interface Example {
  readonly episodeId: string;
  readonly similarity: number;
  /** 0 to 1: how sure it is that the developer wanted this text. */
  readonly weight: number;
  /** When it was decided, in milliseconds since the epoch. */
  readonly at: number;
  readonly kind: 'inline' | 'edit';
  readonly file: string;
  readonly languageId: string;
  readonly instruction: string;
  readonly prefix: string;
  readonly before: string;
  readonly suffix: string;
  /** What to imitate: the correction if there is one, else what stands in the file, else what was accepted. */
  readonly text: string;
  /** What the developer said about it; may be empty. */
  readonly note: string;
}

/** Something the developer turned down: offered at `prefix`, not to be offered there again. */
export interface Refusal {
  /** Sorts by time. */
  readonly episodeId: string;
  readonly similarity: number;
  readonly file: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly text: string;
  readonly rated: boolean;
  readonly reasons: readonly Reason[];
  readonly comment: string;
}

/** The candidate the outcome is about: the one accepted, else the one offered. */
export function judgedCandidate(entry: StoredEpisode): Candidate | null {
  const { episode, events } = entry;
  const taken = events.findLast((event) => event.type === 'accepted')?.candidateId;
  const candidate = episode.candidates.find(({ id }) => id === taken);
  return candidate ?? (episode.offered === null ? null : (episode.candidates[episode.offered] ?? null));
}

/**
 * The text of an episode to imitate; null when there is none. Well rated, or unrated, accepted and not taken back. Of a
 * badly rated one only what the developer wrote in its stead, never the proposal.
 */
export function imitable(entry: StoredEpisode): { readonly text: string; readonly weight: number } | null {
  if (entry.forbidden) return null;
  const judged = judgedCandidate(entry);
  const correction = entry.rating?.withdrawn ? null : (entry.rating?.correction ?? null);
  const judgement = verdict(entry.rating);
  if (correction !== null) {
    const same = judgement === 'bad' && judged !== null && squash(correction) === squash(judged.text);
    return correction.trim() === '' || same ? null : { text: correction, weight: 1 };
  }
  if (judged === null || (judged.text.trim() === '' && entry.episode.kind === 'inline')) return null;
  switch (judgement) {
    case 'good': {
      const weight = entry.rating?.thumb === 'up' ? 1 : Math.max(0.85, (entry.rating?.score ?? 10) / 10);
      return { text: stillThere(entry)?.text ?? judged.text, weight };
    }
    case 'bad':
    case 'neutral':
      return null;
    case 'unrated':
      return keptUnrated(entry, judged);
  }
}

/** Below this share the developer has rewritten what was accepted: it is no longer the proposal that they kept. */
const leastShare = 0.5;

function keptUnrated(
  entry: StoredEpisode,
  judged: Candidate,
): { readonly text: string; readonly weight: number } | null {
  const outcome = outcomeOf(entry.episode, entry.events).type;
  if (outcome === 'accepted') return { text: judged.text, weight: 0.7 };
  if (outcome !== 'retained') return null;
  const there = stillThere(entry);
  return there === null ? null : { text: there.text ?? judged.text, weight: 0.6 + 0.3 * there.share };
}

/** What survived of the text when it was last looked at; null when it was never looked at, or too little did. */
function stillThere({ events }: StoredEpisode): { readonly text: string | undefined; readonly share: number } | null {
  const retained = events.findLast((event) => event.type === 'retained');
  if (retained === undefined || (retained.share ?? 1) < leastShare) return null;
  return { text: retained.text, share: retained.share ?? 1 };
}

/** True for what was rated badly, refused with Escape or a button, or undone right after. */
export function refused(entry: StoredEpisode): boolean {
  const judgement = verdict(entry.rating);
  if (judgement !== 'unrated') return judgement === 'bad';
  const outcome = outcomeOf(entry.episode, entry.events).type;
  return outcome === 'rejected' || outcome === 'reverted' || isRestRefused(entry);
}

/** A word of it was taken, and then the rest turned down. */
function isRestRefused({ events }: StoredEpisode): boolean {
  if (!events.some(({ type }) => type === 'partlyAccepted') || events.some(({ type }) => type === 'accepted'))
    return false;
  return events.findLast(({ type }) => type === 'partlyAccepted' || type === 'rejected')?.type === 'rejected';
}

/**
 * Parts what retrieval found, at most `most` examples. Texts in `forbidden` (squashed) are no examples, wherever they
 * come from.
 */
export function sortFound(
  found: readonly Retrieved[],
  options: { readonly most: number; readonly forbidden: { has(squashed: string): boolean } },
): { readonly examples: readonly Example[]; readonly refusals: readonly Refusal[] } {
  const examples: Example[] = [];
  const refusals: Refusal[] = [];
  for (const { entry, similarity } of found) {
    const { episode, rating } = entry;
    // A repeated change says nothing about what should be written elsewhere, nor about what should not.
    if (episode.kind === 'nextEdit') continue;
    if (refused(entry)) refusals.push(...refusalsOf(entry, similarity));
    const imitated = imitable(entry);
    if (imitated === null || examples.length >= options.most) continue;
    if (options.forbidden.has(squash(imitated.text))) continue;
    const { at, kind, file, languageId, instruction, prefix, before, suffix } = episode;
    const said = { note: rating?.withdrawn ? '' : (rating?.comment ?? '').trim() };
    // A bad rating's comment is about the proposal, not about the correction that is shown.
    const note = verdict(rating) === 'good' ? said.note : '';
    examples.push({
      episodeId: episode.id,
      similarity,
      at,
      kind,
      file,
      languageId,
      instruction,
      prefix,
      before,
      suffix,
      ...imitated,
      note,
    });
  }
  return { examples, refusals };
}

/** Of what a developer likes: a month ago it may have been something else. */
const tasteAgeing: Ageing = { halfLifeMs: 7 * 24 * 3600 * 1000, oldestShare: 0 };

/**
 * The `most` different ones that tell most, in their order: saying the same edit twice teaches nothing. Age counts more here than where
 * they were found: a model imitates how they are written, and a taste that has turned must not be held against by many old examples. On
 * simulated developers even one old example of four costs a third of what is won back after such a turn.
 */
export function forPrompt(examples: readonly Example[], most: number, now: number): Example[] {
  const seen = new Set<string>();
  const different = examples.filter(({ before, text }) => {
    const key = `${squash(before)}\n${squash(text)}`;
    return !seen.has(key) && seen.add(key);
  });
  const worth = ({ similarity, at }: Example): number => similarity * recencyFactor(now - at, tasteAgeing);
  const chosen = new Set(different.toSorted((a, b) => worth(b) - worth(a)).slice(0, most));
  return different.filter((example) => chosen.has(example));
}

/** The texts of an episode that were turned down. */
export function refusalsOf(entry: StoredEpisode, similarity: number): Refusal[] {
  const judged = judgedCandidate(entry);
  if (judged === null) return [];
  const { rating, events, episode } = entry;
  // Stepping through the alternatives and refusing each refuses each.
  const ids = new Set(events.filter(({ type }) => type === 'rejected').map(({ candidateId }) => candidateId));
  const texts = episode.candidates.filter(({ id }) => id === judged.id || ids.has(id)).map(({ text }) => text);
  const rated = verdict(rating) === 'bad';
  return texts.map((text) => ({
    episodeId: episode.id,
    similarity,
    file: episode.file,
    prefix: episode.prefix,
    suffix: episode.suffix,
    text,
    rated,
    reasons: rated ? (rating?.reasons ?? []) : [],
    comment: rated ? (rating?.comment ?? '') : '',
  }));
}
