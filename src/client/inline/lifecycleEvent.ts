import type { Event } from '../../protocol/episode.ts';

/** A fact about an offer as the client sees it; the engine gives it its id. */
export type LifecycleEvent = Omit<Event, 'id'>;
