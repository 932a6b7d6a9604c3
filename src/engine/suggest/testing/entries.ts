/** For tests: stored episodes in few words. */
import type { Event, Rating } from '../../../protocol/episode.ts';
import type { StoredEpisode } from '../../memory/store.ts';

let made = 0;
/** A new valid id; ids sort by the order in which they were made. */
export function nextId(): string {
  made += 1;
  return `01890000-0000-7000-8000-${made.toString(16).padStart(12, '0')}`;
}

export interface EntrySpec {
  readonly kind?: 'inline' | 'edit';
  readonly file?: string;
  readonly languageId?: string;
  readonly instruction?: string;
  readonly prefix?: string;
  readonly before?: string;
  readonly suffix?: string;
  readonly text: string;
  readonly rating?: Partial<Rating>;
  readonly events?: readonly (Partial<Event> & Pick<Event, 'type'>)[];
  readonly forbidden?: boolean;
}

export function entryOf(spec: EntrySpec): StoredEpisode {
  const id = nextId();
  const candidate = { id: nextId(), text: spec.text, model: 'workspace' };
  return {
    episode: {
      id,
      at: 1000,
      kind: spec.kind ?? 'inline',
      file: spec.file ?? 'src/there.ts',
      languageId: spec.languageId ?? 'typescript',
      range: { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0 },
      instruction: spec.instruction ?? '',
      prefix: spec.prefix ?? '',
      before: spec.before ?? '',
      suffix: spec.suffix ?? '',
      candidates: [candidate],
      offered: 0,
      propensity: 1,
      examples: [],
    },
    events: (spec.events ?? []).map((event, index) => ({
      id: nextId(),
      episodeId: id,
      candidateId: candidate.id,
      at: 2000 + index,
      ...event,
    })),
    rating: spec.rating === undefined ? null : ratingOf(id, spec.rating),
    otherRatings: [],
    forbidden: spec.forbidden ?? false,
  };
}

export function ratingOf(episodeId: string, rating: Partial<Rating>): Rating {
  return {
    id: nextId(),
    episodeId,
    at: 3000,
    rater: 'me',
    thumb: null,
    score: null,
    reasons: [],
    comment: '',
    correction: null,
    withdrawn: false,
    ...rating,
  };
}

export const good = { thumb: 'up', score: 9 } as const;
export const bad = { thumb: 'down', score: 2 } as const;
