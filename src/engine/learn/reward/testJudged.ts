/** For tests: an episode as it was judged. */
import type { Event } from '../../../protocol/episode.ts';
import { episode, event } from '../../memory/testRecords.ts';
import type { Judged } from './judgements.ts';

/** `events`: one millisecond after another from the episode's time on; `change` replaces fields. */
export function judged(
  events: readonly (readonly [Event['type'], Partial<Event>?])[],
  change: Partial<Judged> = {},
): Judged {
  const one = change.episode ?? episode();
  return {
    episode: one,
    events: events.map(([type, more], i) => event(one.id, type, { at: one.at + i, ...more })),
    rating: null,
    otherRatings: [],
    ...change,
  };
}
