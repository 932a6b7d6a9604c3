/** One message of the host applied to the panel's state. */
import type { EpisodeCard, Rating } from '../src/protocol/episode.ts';
import type { ToPanel } from '../src/protocol/webview.ts';
import { withEntry, withMember } from './collections.ts';
import { remainder, storedRating } from './drafts.ts';
import type { Announcement, InFlight, PanelState, SaveStatus, Step, WhyState } from './state.ts';

/** Pure, like `update`, which calls it. */
export function heard(state: PanelState, message: ToPanel): Step {
  switch (message.type) {
    case 'snapshot':
      return snapshot(state, message);
    case 'saved':
      return saved(state, message);
    case 'why': {
      const { examples, problem } = message;
      const why =
        problem === '' ? ({ type: 'ready', examples } as const) : ({ type: 'failed', message: problem } as const);
      return { state: { ...state, why: withEntry(state.why, message.episodeId, why) }, send: [] };
    }
    case 'current':
      return current(state, message.episodeId, message.text);
    case 'reveal':
      return reveal(state, message.episodeId);
    case 'focus':
      if (state.phase === 'loading') return { state: { ...state, focusWhenLoaded: true }, send: [] };
      return { state, send: [], focus: 'card' };
  }
}

function snapshot(state: PanelState, message: Extract<ToPanel, { type: 'snapshot' }>): Step {
  const { size, problem } = message;
  // The answer to a search that has been changed meanwhile: the next one is on its way.
  const { query, filter, order } = message;
  if (query !== state.query || filter !== state.filter || order !== state.order) {
    return { state: { ...state, size, problem }, send: [] };
  }
  const acknowledged = new Map(state.acknowledged);
  let cards: readonly EpisodeCard[] = message.cards.map((card) => {
    const mine = acknowledged.get(card.episode.id);
    if (!mine) return card;
    if (isCaughtUp(card.rating, mine)) {
      acknowledged.delete(card.episode.id);
      return card;
    }
    return { ...card, rating: mine.withdrawn ? null : mine };
  });
  cards = keepSelected(state, cards);
  const drafts = new Map(state.drafts);
  for (const card of cards) {
    const left = remainder(drafts.get(card.episode.id), storedRating(card.rating));
    if (left) drafts.set(card.episode.id, left);
    else drafts.delete(card.episode.id);
  }
  const has = (id: string | null): boolean => cards.some((card) => card.episode.id === id);
  const revealed = has(state.reveal);
  const selected = revealed ? state.reveal : has(state.selected) ? state.selected : neighbour(state, cards);
  const next: PanelState = {
    ...state,
    phase: 'ready',
    cards,
    total: message.total,
    marked: new Set(message.marked),
    size,
    problem,
    selected,
    drafts,
    acknowledged,
    reveal: revealed ? null : state.reveal,
    focusWhenLoaded: false,
    confirming: has(state.confirming) ? state.confirming : null,
  };
  return { state: next, send: [], ...(revealed || state.focusWhenLoaded ? { focus: 'card' as const } : {}) };
}

/** True once the snapshot's rating is the acknowledged one or a later one; ids sort by time. */
function isCaughtUp(shown: Rating | null, mine: Rating): boolean {
  return shown === null ? mine.withdrawn : shown.id >= mine.id;
}

/**
 * A card that leaves the filter because it was just rated stays while it is selected: the reasons are still to be given.
 */
function keepSelected(state: PanelState, cards: readonly EpisodeCard[]): readonly EpisodeCard[] {
  const id = state.selected;
  if (id === null || state.phase === 'loading' || cards.some((card) => card.episode.id === id)) return cards;
  const at = state.cards.findIndex((card) => card.episode.id === id);
  const touched = state.drafts.has(id) || state.status.has(id);
  if (at < 0 || !touched || state.filter === 'all') return cards;
  return [...cards.slice(0, at), state.cards[at]!, ...cards.slice(at)];
}

/** The card that took the place of the selected one, else the first. */
function neighbour(state: PanelState, cards: readonly EpisodeCard[]): string | null {
  const at = state.cards.findIndex((card) => card.episode.id === state.selected);
  return cards[Math.min(Math.max(0, at), cards.length - 1)]?.episode.id ?? null;
}

function saved(state: PanelState, message: Extract<ToPanel, { type: 'saved' }>): Step {
  const { ticket, episodeId } = message;
  const asked = state.inFlight.get(ticket);
  if (!asked) return { state, send: [] };
  const inFlight = withEntry(state.inFlight, ticket, undefined);
  const others = [...inFlight.values()].some((other) => other.episodeId === episodeId);
  const said = (status: SaveStatus, what: Announcement): PanelState => ({
    ...state,
    inFlight,
    status: others ? state.status : withEntry(state.status, episodeId, status),
    announcement: { serial: (state.announcement?.serial ?? 0) + 1, what },
  });
  if (!message.ok) {
    const failure = { type: 'failed', message: message.message } as const;
    return { state: said(failure, failure), send: [] };
  }
  const next = said({ type: 'saved' }, announcementOf(asked, message.rating));
  if (message.rating) return { state: withRating(next, episodeId, message.rating), send: [] };
  if (asked.request === 'deleted') return { state: without(next, episodeId), send: [], focus: 'card' };
  const forbidden = asked.request === 'never';
  const touch = (card: EpisodeCard): EpisodeCard => (card.episode.id === episodeId ? { ...card, forbidden } : card);
  return { state: { ...next, cards: next.cards.map(touch), why: touchExamples(next, touch) }, send: [] };
}

function announcementOf(asked: InFlight, rating: Rating | undefined): Announcement {
  if (asked.request === 'rate' && rating) return { type: 'rated', rating };
  return { type: asked.request === 'rate' || asked.request === 'withdraw' ? 'withdrawn' : asked.request };
}

function withRating(state: PanelState, episodeId: string, rating: Rating): PanelState {
  const newest = state.acknowledged.get(episodeId);
  if (newest && newest.id > rating.id) return state;
  const shown = rating.withdrawn ? null : rating;
  const touch = (card: EpisodeCard): EpisodeCard => (card.episode.id === episodeId ? { ...card, rating: shown } : card);
  return {
    ...state,
    cards: state.cards.map(touch),
    why: touchExamples(state, touch),
    acknowledged: withEntry(state.acknowledged, episodeId, rating),
    drafts: withEntry(state.drafts, episodeId, remainder(state.drafts.get(episodeId), storedRating(shown))),
  };
}

function touchExamples(state: PanelState, touch: (card: EpisodeCard) => EpisodeCard): PanelState['why'] {
  const touched = new Map<string, WhyState>();
  for (const [id, why] of state.why) {
    const examples = why.type === 'ready' ? why.examples.map((one) => ({ ...one, card: touch(one.card) })) : [];
    touched.set(id, why.type === 'ready' ? { type: 'ready', examples } : why);
  }
  return touched;
}

function without(state: PanelState, episodeId: string): PanelState {
  const cards = state.cards.filter((card) => card.episode.id !== episodeId);
  const selected = state.selected === episodeId ? neighbour(state, cards) : state.selected;
  return {
    ...state,
    cards,
    selected,
    total: Math.max(0, state.total - 1),
    drafts: withEntry(state.drafts, episodeId, undefined),
    status: withEntry(state.status, episodeId, undefined),
  };
}

function current(state: PanelState, id: string, text: string | null): Step {
  const card = state.cards.find(({ episode }) => episode.id === id);
  const what = { type: text === null ? 'notFound' : 'filled' } as const;
  const told = { ...state, announcement: { serial: (state.announcement?.serial ?? 0) + 1, what } };
  if (!card || text === null) return { state: { ...told, lost: withMember(state.lost, id, true) }, send: [] };
  const stored = storedRating(card.rating);
  const draft = state.drafts.get(id);
  const mine = draft?.correction !== undefined ? draft.correction : stored.correction;
  return {
    state: {
      ...told,
      lost: withMember(state.lost, id, false),
      replaced: withEntry(state.replaced, id, mine !== null && mine !== text ? mine : undefined),
      drafts: withEntry(state.drafts, id, remainder({ ...draft, correction: text }, stored)),
    },
    send: [],
    focus: 'wanted',
  };
}

function reveal(state: PanelState, id: string): Step {
  if (state.cards.some((card) => card.episode.id === id)) {
    return { state: { ...state, selected: id, confirming: null }, send: [], focus: 'card' };
  }
  // It may be hidden by the search: drop that, select when it comes.
  const all = { query: '', filter: 'all', order: 'newest' } as const;
  return { state: { ...state, ...all, reveal: id }, send: [{ type: 'search', ...all }] };
}
