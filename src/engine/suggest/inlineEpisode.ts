import type { Candidate, Episode, ExampleUse } from '../../protocol/episode.ts';
import type { InlineItem } from '../../protocol/rpc.ts';
import { featureVersion } from '../learn/acceptanceFeatures.ts';
import { redactSecrets } from '../workspace/redact.ts';
import { type Considered, type Decided, type Decision, isFiltered } from './decide.ts';
import { type SuggestState, storedPrefix, storedSuffix, windowAround } from './deps.ts';
import type { CachedOffer } from './offerCache.ts';
import { detectIndentUnit, linePrefix, type Place, positionAt, squash } from './place.ts';

/** Where the suggestion goes: behind the cursor, or behind what the suggest widget is about to insert. */
export interface Spot {
  readonly offset: number;
  readonly line: number;
  readonly character: number;
  readonly place: Place;
  /** The begun word that the widget's item replaces; empty without one. */
  readonly begun: string;
  /** What the widget would insert; every offer starts with it. */
  readonly selected: string;
}

export function spotOf(
  document: { readonly text: string; readonly file: string; readonly languageId: string },
  offset: number,
  selected: string,
): Spot {
  const { text, file, languageId } = document;
  const { prefix, suffix } = windowAround(text, offset, offset);
  const begun = selected === '' ? '' : /[\p{L}\p{N}_$]*$/u.exec(prefix)![0];
  const virtual = prefix.slice(0, prefix.length - begun.length) + selected;
  const indentUnit = detectIndentUnit(prefix + suffix, languageId);
  const place = { languageId, file, prefix: virtual, before: '', suffix, indentUnit };
  return { offset, ...positionAt(text, offset), begun, selected, place };
}

export interface Made {
  readonly episode: Episode;
  /** Null: candidates there were, but none likely enough. */
  readonly offer: CachedOffer | null;
}

/** A place as it is stored, and candidates as texts that all take the place of the same `before`. */
export interface LaidOut extends Pick<Episode, 'file' | 'languageId' | 'range' | 'prefix' | 'before' | 'suffix'> {
  textOf(one: Considered): string;
}

/** All candidates of an episode replace the same text: if one takes the rest of the line, the others keep it as it is. */
export function layOut(
  { line, character, begun, selected }: Spot,
  redacted: Place,
  all: readonly Considered[],
): LaidOut {
  // Each replaces a beginning of what follows the cursor.
  const replaced = all.reduce((longest, { replaces }) => (replaces.length > longest.length ? replaces : longest), '');
  const { file, languageId, prefix, suffix } = redacted;
  return {
    file,
    languageId,
    range: {
      startLine: line,
      startCharacter: character - begun.length,
      endLine: line,
      endCharacter: character + replaced.length,
    },
    prefix: storedPrefix(prefix.slice(0, prefix.length - selected.length)),
    before: redactSecrets(begun + replaced).text,
    suffix: storedSuffix(suffix.slice(replaced.length)),
    // What a filter dropped is kept as the model wrote it; there it has no place in the line yet.
    textOf: (one) =>
      redactSecrets(isFiltered(one) ? one.text : selected + one.text + replaced.slice(one.replaces.length)).text,
  };
}

/** What an episode says about how it was decided. */
export interface DecidedHow {
  /** When. */
  readonly at: number;
  readonly similarity: number | null;
  readonly control: boolean;
  /** The trained versions that had a say. */
  readonly versions: readonly string[];
}

/** The episode of a decision, without secrets, and what the editor is to be offered. */
export function inlineEpisode(
  { options }: SuggestState,
  made: {
    readonly laidOut: LaidOut;
    readonly requestedAt: number;
    readonly decision: Decision;
    readonly examples: readonly ExampleUse[];
    readonly how: DecidedHow;
  },
): Made {
  const { laidOut, requestedAt, decision, examples, how } = made;
  const { textOf, ...place } = laidOut;
  const { at, similarity, control, versions } = how;
  const all = [...decision.offer, ...decision.silent].slice(0, 50);
  const candidates = all.map((one) => candidate(options.ids(), one, textOf(one)));
  const episode: Episode = {
    id: options.ids(),
    at,
    requestedAt,
    kind: 'inline',
    instruction: '',
    ...place,
    candidates,
    offered: decision.offer.length > 0 ? 0 : null,
    propensity: decision.propensity,
    featureVersion,
    similarity,
    examples: examples.slice(0, 100),
    ...(control ? { arm: 'control' } : {}),
    ...(versions.length > 0 ? { versions: [...versions] } : {}),
  };
  if (decision.offer.length === 0) return { episode, offer: null };
  const offered = decision.offer.map(({ text, replaces }, index) => ({
    candidateId: candidates[index]!.id,
    text,
    replaces,
  }));
  return { episode, offer: { episodeId: episode.id, candidates: offered } };
}

function candidate(id: string, one: Decided, text: string): Candidate {
  const { model, probability, droppedBy, judged, propensity } = one;
  return {
    id,
    text,
    model,
    ...(probability === undefined ? {} : { probability }),
    ...(droppedBy === undefined ? {} : { droppedBy }),
    ...(judged === null ? {} : { features: [...judged.features], propensity }),
  };
}

/** The offer as VS Code's inline completions want it. */
export function itemsOf(offer: CachedOffer, { line, character, begun, selected }: Spot): InlineItem[] {
  return offer.candidates.map(({ candidateId, text, replaces }) => ({
    candidateId,
    insertText: selected + text,
    range: {
      startLine: line,
      startCharacter: character - begun.length,
      endLine: line,
      endCharacter: character + replaces.length,
    },
  }));
}

export function logOffer({ options }: SuggestState, episode: Episode): void {
  options.store.addEpisode(episode);
  const candidateId = episode.candidates[episode.offered ?? 0]!.id;
  options.store.addEvents([{ id: options.ids(), episodeId: episode.id, candidateId, at: episode.at, type: 'offered' }]);
}

/** Silence is logged once for a candidate that could have been offered, not at every key while it is typed out by hand. */
export function logSilence(
  state: SuggestState,
  episode: Episode,
): { readonly silence: string; readonly logged: boolean } {
  const held = episode.candidates.find(({ droppedBy }) => droppedBy === undefined || droppedBy === 'refused');
  if (held === undefined) {
    return { silence: `Nothing usable (${episode.candidates[0]?.droppedBy ?? 'no candidate'}).`, logged: false };
  }
  const key = `${episode.file}\n${squash(linePrefix(episode) + held.text)}`;
  const logged = state.lastSilence !== key;
  if (logged) state.options.store.addEpisode(episode);
  state.lastSilence = key;
  return { silence: held.droppedBy === 'refused' ? 'You turned this down here.' : 'Not likely enough.', logged };
}
