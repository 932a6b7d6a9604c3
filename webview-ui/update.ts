/** One action of the user, or one message of the host, applied to the panel's state. */
import { type EpisodeCard, verdict } from '../src/protocol/episode.ts';
import type { RatingDraft } from '../src/protocol/webview.ts';
import { withEntry, withMember } from './collections.ts';
import { type Draft, emptyRating, formContent, isEmpty, remainder, storedRating } from './drafts.ts';
import { heard } from './heard.ts';
import type { Action, Announcement, InFlight, InstantField, PanelState, Step } from './state.ts';

/** Pure: the new state, what to send to the host, and where the focus should go. */
export function update(state: PanelState, action: Action): Step {
  switch (action.type) {
    case 'host':
      return heard(state, action.message);
    case 'select':
      return { state: select(state, action.id), send: [] };
    case 'move':
      return move(state, action.to);
    case 'nextUnrated':
      return nextUnrated(state);
    case 'edit':
      return { state: edit(state, action.id, action.change), send: [] };
    case 'thumb':
      return instant(state, action.id, 'thumb', action.thumb);
    case 'score':
      return instant(state, action.id, 'score', action.score);
    case 'commitScore':
      return storeFields(state, action.id, ['score']);
    case 'save':
      return storeFields(state, action.id, ['thumb', 'score', 'reasons', 'comment', 'correction']);
    case 'withdraw':
      return withdraw(state, action.id);
    case 'toggle':
      return toggle(state, action.section, action.id);
    case 'askDelete':
      return { state: { ...select(state, action.id), confirming: action.id }, send: [], focus: 'confirm' };
    case 'cancelDelete':
      return { state: { ...state, confirming: null }, send: [], focus: 'card' };
    case 'direct':
      return direct(state, action.id, action.use);
    case 'search': {
      const { query, filter, order = state.order } = action;
      if (query === state.query && filter === state.filter && order === state.order) return { state, send: [] };
      return { state: { ...state, query, filter, order }, send: [{ type: 'search', query, filter, order }] };
    }
    case 'useCurrent':
      return { state, send: [{ type: 'current', episodeId: action.id }] };
    case 'restoreMine': {
      const mine = state.replaced.get(action.id) ?? null;
      const restored = edit(state, action.id, { correction: mine });
      return {
        state: { ...restored, replaced: withEntry(state.replaced, action.id, undefined) },
        send: [],
        focus: 'wanted',
      };
    }
    case 'help':
      return { state: { ...state, help: !state.help }, send: [], focus: state.help ? 'card' : 'help' };
    case 'post':
      return { state, send: [action.message] };
  }
}

const cardOf = (state: PanelState, id: string | null): EpisodeCard | undefined =>
  state.cards.find((card) => card.episode.id === id);

function select(state: PanelState, id: string): PanelState {
  if (id === state.selected || !cardOf(state, id)) return state;
  const left = state.selected !== null && state.status.get(state.selected)?.type === 'saved';
  const status = left ? withEntry(state.status, state.selected!, undefined) : state.status;
  return { ...state, selected: id, confirming: null, status };
}

function move(state: PanelState, to: 'next' | 'previous' | 'first' | 'last'): Step {
  const { cards } = state;
  if (cards.length === 0) return { state, send: [] };
  const at = cards.findIndex((card) => card.episode.id === state.selected);
  const last = cards.length - 1;
  const target = { first: 0, last, next: Math.min(last, at + 1), previous: Math.max(0, at - 1) }[to];
  return { state: select(state, cards[target]!.episode.id), send: [], focus: 'card' };
}

/** From the selected card downwards, then from the top. */
function nextUnrated(state: PanelState): Step {
  const at = state.cards.findIndex((card) => card.episode.id === state.selected);
  const order = [...state.cards.slice(at + 1), ...state.cards.slice(0, at + 1)];
  const next = order.find((card) => verdict(card.rating) === 'unrated');
  if (!next) return { state: announce(state, { type: 'noUnrated' }), send: [] };
  return { state: select(state, next.episode.id), send: [], focus: 'card' };
}

/** Puts a change into the draft; a field that says again what is stored leaves it. */
function edit(state: PanelState, id: string, change: Draft): PanelState {
  const card = cardOf(state, id);
  if (!card) return state;
  const draft = remainder({ ...state.drafts.get(id), ...change }, storedRating(card.rating));
  return {
    ...state,
    drafts: withEntry(state.drafts, id, draft),
    status: state.status.get(id)?.type === 'saving' ? state.status : withEntry(state.status, id, undefined),
    ...('correction' in change ? { lost: withMember(state.lost, id, false) } : {}),
  };
}

function instant(state: PanelState, id: string, field: InstantField, value: 'up' | 'down' | number): Step {
  const card = cardOf(state, id);
  if (!card) return { state, send: [] };
  const said = formContent(card, state.drafts.get(id))[field] === value;
  const next = select(edit(state, id, { [field]: said ? null : value }), id);
  return storeFields(next, id, [field]);
}

/** Stores `fields` as the form has them, on top of what is stored; the rest of the draft stays a draft. */
function storeFields(state: PanelState, id: string, fields: readonly (keyof Draft)[]): Step {
  const card = cardOf(state, id);
  if (!card) return { state, send: [] };
  const base = storedSoon(state, card);
  const form = formContent(card, state.drafts.get(id));
  const content = { ...base, ...Object.fromEntries(fields.map((field) => [field, form[field]])) };
  if (remainder(content, base) === undefined) return { state, send: [] };
  return isEmpty(content) ? sendWithdraw(state, id) : sendRate(state, id, content);
}

/** What will be stored once everything on its way has arrived: two quick keys must not undo each other. */
function storedSoon(state: PanelState, card: EpisodeCard): RatingDraft {
  let base = storedRating(card.rating);
  for (const asked of state.inFlight.values()) {
    if (asked.episodeId === card.episode.id && 'content' in asked) base = asked.content;
  }
  return base;
}

/** Takes back what is stored. Text that was typed and not saved stays in the form. */
function withdraw(state: PanelState, id: string): Step {
  const card = cardOf(state, id);
  if (!card || isEmpty(storedSoon(state, card))) return { state, send: [] };
  return sendWithdraw(edit(state, id, storedInstant(card)), id);
}

function storedInstant(card: EpisodeCard): Draft {
  const { thumb, score } = storedRating(card.rating);
  return { thumb, score };
}

function sendRate(state: PanelState, id: string, content: RatingDraft): Step {
  const send = [{ type: 'rate', ticket: state.nextTicket, episodeId: id, draft: content }] as const;
  return { state: begun(state, { episodeId: id, request: 'rate', content }), send };
}

function sendWithdraw(state: PanelState, id: string): Step {
  const send = [{ type: 'withdraw', ticket: state.nextTicket, episodeId: id }] as const;
  return { state: begun(state, { episodeId: id, request: 'withdraw', content: emptyRating }), send };
}

function direct(state: PanelState, id: string, use: 'never' | 'allowed' | 'deleted'): Step {
  const send = [{ type: 'direct', ticket: state.nextTicket, episodeId: id, use }] as const;
  const next = begun({ ...state, confirming: null }, { episodeId: id, request: use });
  return { state: next, send, ...(use === 'deleted' ? { focus: 'card' } : {}) };
}

function begun(state: PanelState, asked: InFlight): PanelState {
  return {
    ...state,
    nextTicket: state.nextTicket + 1,
    inFlight: withEntry(state.inFlight, state.nextTicket, asked),
    status: withEntry(state.status, asked.episodeId, { type: 'saving' }),
  };
}

function toggle(state: PanelState, section: 'why' | 'wanted' | 'diff', id: string): Step {
  const opening = !state.open[section].has(id);
  const open = { ...state.open, [section]: withMember(state.open[section], id, opening) };
  const next = { ...select(state, id), open };
  if (section === 'wanted' && opening) {
    const card = cardOf(state, id);
    const said = card && formContent(card, state.drafts.get(id)).correction;
    // The best guess at what was wanted is what stands there now.
    return { state: next, send: said === null ? [{ type: 'current', episodeId: id }] : [] };
  }
  if (section !== 'why' || !opening) return { state: next, send: [] };
  // Asked anew each time it is opened: ratings and permissions of the examples may have changed.
  const why = state.why.get(id)?.type === 'ready' ? state.why : withEntry(state.why, id, { type: 'loading' } as const);
  return { state: { ...next, why }, send: [{ type: 'why', episodeId: id }] };
}

function announce(state: PanelState, what: Announcement): PanelState {
  return { ...state, announcement: { serial: (state.announcement?.serial ?? 0) + 1, what } };
}
