import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EpisodeCard, Rating } from '../src/protocol/episode.ts';
import type { FromPanel, RatingDraft, ToPanel } from '../src/protocol/webview.ts';
import { formContent } from './drafts.ts';
import { persisted, restored } from './persist.ts';
import { previewCards, previewId } from './preview/data.ts';
import { type Action, initialState, type PanelState, type Step } from './state.ts';
import { update } from './update.ts';

const nowMs = 1_790_000_000_000;
const cards = previewCards(nowMs);
const ids = cards.map((card) => card.episode.id);
const [first, second, third] = ids as [string, string, string];

type Snapshot = Extract<ToPanel, { type: 'snapshot' }>;
const snapshot = (changes: Partial<Snapshot> = {}): Action => ({
  type: 'host',
  message: {
    type: 'snapshot',
    cards,
    total: cards.length,
    query: '',
    filter: 'all',
    order: 'newest',
    marked: [],
    size: { bytes: 1, capBytes: 2, episodes: cards.length },
    problem: null,
    ...changes,
  },
});

/** Applies the actions in order; what was sent is collected. */
function play(from: PanelState, ...actions: readonly Action[]): Step & { readonly send: FromPanel[] } {
  let step: Step = { state: from, send: [] };
  const send: FromPanel[] = [];
  for (const action of actions) {
    step = update(step.state, action);
    send.push(...step.send);
  }
  return { ...step, send };
}
const loaded = play(initialState, snapshot()).state;

let serial = 100;
function stored(episodeId: string, draft: RatingDraft, withdrawn = false): Rating {
  return {
    id: previewId(nowMs, ++serial),
    episodeId,
    at: nowMs,
    rater: 'me',
    ...draft,
    reasons: [...draft.reasons],
    withdrawn,
  };
}
/** The host's acknowledgement of the n-th message sent. */
function acknowledgement(sent: FromPanel, ok = true, message = ''): Action {
  assert.ok('ticket' in sent);
  const rating =
    sent.type === 'rate'
      ? stored(sent.episodeId, sent.draft)
      : stored(sent.episodeId, { thumb: null, score: null, reasons: [], comment: '', correction: null }, true);
  const about = { type: 'saved', ticket: sent.ticket, episodeId: sent.episodeId, ok, message } as const;
  return { type: 'host', message: ok && sent.type !== 'direct' ? { ...about, rating } : about };
}
const cardOf = (state: PanelState, id: string): EpisodeCard => state.cards.find((card) => card.episode.id === id)!;
const formOf = (state: PanelState, id: string): RatingDraft => formContent(cardOf(state, id), state.drafts.get(id));

describe('rating', () => {
  test('one key says it and sends it, the same key takes it back', () => {
    const said = play(loaded, { type: 'thumb', id: first, thumb: 'up' });
    assert.deepEqual(
      said.send.map((message) => message.type === 'rate' && message.draft.thumb),
      ['up'],
    );
    const acknowledged = play(said.state, acknowledgement(said.send[0]!)).state;
    assert.equal(cardOf(acknowledged, first).rating?.thumb, 'up');
    const undone = play(acknowledged, { type: 'thumb', id: first, thumb: 'up' });
    assert.deepEqual(
      undone.send.map((message) => message.type),
      ['withdraw'],
    );
    assert.equal(formOf(play(undone.state, acknowledgement(undone.send[0]!)).state, first).thumb, null);
  });

  test('a comment that is being typed is not sent by a digit, and is not lost by it', () => {
    const { state, send } = play(
      loaded,
      { type: 'edit', id: first, change: { comment: 'half a sen' } },
      { type: 'score', id: first, score: 7 },
    );
    assert.equal(send.length, 1);
    assert.ok(send[0]?.type === 'rate');
    assert.equal(send[0].draft.comment, '');
    assert.equal(send[0].draft.score, 7);
    const after = play(state, acknowledgement(send[0]), snapshot({ cards: cardsWith(first, send[0].draft) })).state;
    assert.equal(formOf(after, first).comment, 'half a sen');
    assert.equal(formOf(after, first).score, 7);
  });

  test('A5-01: s sends everything the form holds, and only if something is new', () => {
    const { send, state } = play(
      loaded,
      { type: 'edit', id: third, change: { reasons: ['wrongStyle'], correction: 'return x;' } },
      { type: 'save', id: third },
    );
    assert.ok(send[0]?.type === 'rate');
    assert.deepEqual(send[0].draft, {
      thumb: 'down',
      score: 3,
      reasons: ['wrongStyle'],
      comment: 'Swallows the last error; we keep it as cause.',
      correction: 'return x;',
    });
    const saved = play(state, acknowledgement(send[0]));
    assert.deepEqual(play(saved.state, { type: 'save', id: third }).send, []);
  });

  test('two quick keys do not undo each other while the first is on its way', () => {
    const { send, state } = play(
      loaded,
      { type: 'edit', id: first, change: { comment: 'mine' } },
      { type: 'save', id: first },
      { type: 'thumb', id: first, thumb: 'up' },
      { type: 'score', id: first, score: 9 },
    );
    const last = send.at(-1)!;
    assert.ok(last.type === 'rate');
    assert.deepEqual([last.draft.comment, last.draft.thumb, last.draft.score], ['mine', 'up', 9]);
    // Acknowledged out of order: the later rating stands.
    const [one, two, three] = send.map((message) => acknowledgement(message));
    const done = play(state, one!, three!, two!).state;
    assert.equal(formOf(done, first).score, 9);
  });

  test('"saved" is said only after the host said so, and a failure keeps what was typed', () => {
    const asked = play(loaded, { type: 'edit', id: first, change: { comment: 'x' } }, { type: 'save', id: first });
    assert.equal(asked.state.status.get(first)?.type, 'saving');
    assert.equal(asked.state.announcement, null);
    const failed = play(asked.state, acknowledgement(asked.send[0]!, false, 'The disk is full.')).state;
    assert.deepEqual(failed.status.get(first), { type: 'failed', message: 'The disk is full.' });
    assert.equal(formOf(failed, first).comment, 'x');
    const again = play(failed, { type: 'save', id: first });
    assert.equal(again.send.length, 1);
    const saved = play(again.state, acknowledgement(again.send[0]!)).state;
    assert.equal(saved.status.get(first)?.type, 'saved');
    assert.equal(saved.announcement?.what.type, 'rated');
  });

  test('an older snapshot does not bring the rating before back', () => {
    const { send, state } = play(loaded, { type: 'score', id: second, score: 2 });
    const after = play(state, acknowledgement(send[0]!), snapshot()).state;
    assert.equal(formOf(after, second).score, 2);
    assert.equal(cardOf(after, second).rating?.score, 2);
  });

  test('a rating given elsewhere meanwhile shows, and is kept by what is saved here', () => {
    const typed = play(loaded, { type: 'edit', id: first, change: { comment: 'why not' } }).state;
    const elsewhere = play(typed, snapshot({ cards: cardsWith(first, { ...nothing, thumb: 'up' }) })).state;
    assert.equal(formOf(elsewhere, first).thumb, 'up');
    const { send } = play(elsewhere, { type: 'save', id: first });
    assert.ok(send[0]?.type === 'rate');
    assert.deepEqual([send[0].draft.thumb, send[0].draft.comment], ['up', 'why not']);
  });

  test('withdrawing takes the rating back, not the text that is being typed', () => {
    const { send, state } = play(
      loaded,
      { type: 'edit', id: second, change: { correction: 'lines.sum()' } },
      { type: 'withdraw', id: second },
    );
    assert.equal(send[0]?.type, 'withdraw');
    const after = play(state, acknowledgement(send[0]!)).state;
    assert.deepEqual(formOf(after, second), { ...nothing, correction: 'lines.sum()' });
    assert.deepEqual(play(loaded, { type: 'withdraw', id: first }).send, []);
  });
});

describe('moving', () => {
  test('arrows stop at the ends', () => {
    assert.equal(loaded.selected, first);
    assert.equal(play(loaded, { type: 'move', to: 'previous' }).state.selected, first);
    assert.equal(play(loaded, { type: 'move', to: 'next' }, { type: 'move', to: 'next' }).state.selected, third);
    assert.equal(play(loaded, { type: 'move', to: 'last' }, { type: 'move', to: 'next' }).state.selected, ids.at(-1));
  });

  test('n goes to the next unrated card, round the end, and says when none is left', () => {
    const unrated = cards.filter((card) => card.rating === null).map((card) => card.episode.id);
    let state = loaded;
    for (const expected of [...unrated.slice(1), unrated[0]]) {
      state = play(state, { type: 'nextUnrated' }).state;
      assert.equal(state.selected, expected);
    }
    const rated = play(initialState, snapshot({ cards: [cards[1]!, cards[2]!] }), { type: 'nextUnrated' }).state;
    assert.equal(rated.announcement?.what.type, 'noUnrated');
  });

  test('a card rated under the filter "unrated" stays until one moves on', () => {
    const unrated = cards.filter((card) => card.rating === null);
    const filtered = play(
      loaded,
      { type: 'search', query: '', filter: 'unrated' },
      snapshot({ filter: 'unrated', cards: unrated }),
    ).state;
    const { send, state } = play(filtered, { type: 'thumb', id: first, thumb: 'down' });
    const without = snapshot({ filter: 'unrated', cards: unrated.slice(1) });
    const after = play(state, acknowledgement(send[0]!), without).state;
    assert.equal(after.selected, first);
    assert.equal(after.cards[0]!.episode.id, first);
    const moved = play(after, { type: 'move', to: 'next' }, without).state;
    assert.ok(!moved.cards.some((card) => card.episode.id === first));
  });

  test('revealing a card that the search hides drops the search', () => {
    const searched = play(
      loaded,
      { type: 'search', query: 'zzz', filter: 'bad' },
      snapshot({ query: 'zzz', filter: 'bad', cards: [] }),
    ).state;
    const { send, state } = play(searched, { type: 'host', message: { type: 'reveal', episodeId: third } });
    assert.deepEqual(send, [{ type: 'search', query: '', filter: 'all', order: 'newest' }]);
    const found = play(state, snapshot());
    assert.equal(found.state.selected, third);
    assert.equal(found.focus, 'card');
  });

  test('the order is asked for, survives a reload, and the answer in the old one is not shown', () => {
    const asked = play(loaded, { type: 'search', query: '', filter: 'all', order: 'informative' });
    assert.deepEqual(asked.send, [{ type: 'search', query: '', filter: 'all', order: 'informative' }]);
    const late = play(asked.state, snapshot({ cards: [] })).state;
    assert.equal(late.cards.length, cards.length);
    const come = play(late, snapshot({ order: 'informative', cards: cards.toReversed(), marked: [third] })).state;
    assert.deepEqual([come.cards[0], [...come.marked]], [cards.at(-1), [third]]);
    assert.equal(restored(persisted(come)).order, 'informative');
    const further = play(come, { type: 'search', query: 'x', filter: 'all' });
    assert.deepEqual(further.send, [{ type: 'search', query: 'x', filter: 'all', order: 'informative' }]);
  });

  test('the answer to an older search is not shown', () => {
    const typed = play(loaded, { type: 'search', query: 'order', filter: 'all' }).state;
    const late = play(typed, snapshot({ query: 'or', cards: [cards[3]!] })).state;
    assert.equal(late.cards.length, cards.length);
    const right = play(late, snapshot({ query: 'order', cards: [cards[0]!] })).state;
    assert.equal(right.cards.length, 1);
  });
});

describe('deleting and forbidding', () => {
  test('nothing is deleted before it is confirmed; then the next card is selected', () => {
    const asked = play(loaded, { type: 'select', id: second }, { type: 'askDelete', id: second });
    assert.deepEqual(asked.send, []);
    assert.equal(play(asked.state, { type: 'cancelDelete' }).state.confirming, null);
    const { send, state } = play(asked.state, { type: 'direct', id: second, use: 'deleted' });
    assert.deepEqual(
      send.map((message) => message.type),
      ['direct'],
    );
    assert.ok(cardOf(state, second), 'it stays until the host has deleted it');
    const gone = play(state, acknowledgement(send[0]!)).state;
    assert.equal(cardOf(gone, second), undefined);
    assert.equal(gone.selected, third);
  });

  test('"never use this again" on an example shows on the example at once', () => {
    const opened = play(loaded, { type: 'toggle', section: 'why', id: first });
    assert.deepEqual(opened.send, [{ type: 'why', episodeId: first }]);
    const examples = [{ similarity: 0.9, card: cards[1]! }];
    const shown = play(opened.state, {
      type: 'host',
      message: { type: 'why', episodeId: first, examples, problem: '' },
    }).state;
    const { send, state } = play(shown, { type: 'direct', id: second, use: 'never' });
    const why = play(state, acknowledgement(send[0]!)).state.why.get(first);
    assert.ok(why?.type === 'ready' && why.examples[0]!.card.forbidden);
  });
});

describe('what I wanted instead', () => {
  const answer = (text: string | null): Action => ({
    type: 'host',
    message: { type: 'current', episodeId: first, text },
  });

  test('the file takes the place of what I typed, and I can have mine back', () => {
    const typed = play(loaded, { type: 'edit', id: first, change: { correction: 'mine' } }).state;
    const filled = play(typed, { type: 'useCurrent', id: first }, answer('the file')).state;
    assert.equal(formOf(filled, first).correction, 'the file');
    assert.equal(formOf(play(filled, { type: 'restoreMine', id: first }).state, first).correction, 'mine');
  });

  test('opening it asks for what the file holds now, unless something is said already', () => {
    const opened = play(loaded, { type: 'toggle', section: 'wanted', id: first });
    assert.deepEqual(opened.send, [{ type: 'current', episodeId: first }]);
    const typed = play(loaded, { type: 'edit', id: first, change: { correction: 'mine' } }).state;
    assert.deepEqual(play(typed, { type: 'toggle', section: 'wanted', id: first }).send, []);
  });

  test('a place that is gone from the file says so and leaves the text alone', () => {
    const typed = play(loaded, { type: 'edit', id: first, change: { correction: 'mine' } }, answer(null)).state;
    assert.equal(formOf(typed, first).correction, 'mine');
    assert.ok(typed.lost.has(first));
  });
});

describe('hiding and reloading', () => {
  test('drafts, search and selection come back', () => {
    const { state } = play(
      loaded,
      { type: 'select', id: second },
      { type: 'edit', id: second, change: { comment: 'unfinished', correction: '', score: null } },
      { type: 'search', query: 'inv', filter: 'good' },
    );
    const again = restored(JSON.parse(JSON.stringify(persisted(state))));
    const shown = play(again, snapshot({ query: 'inv', filter: 'good', cards: [cards[1]!] })).state;
    assert.equal(shown.selected, second);
    assert.deepEqual(formOf(shown, second), {
      ...formOf(loaded, second),
      comment: 'unfinished',
      correction: '',
      score: null,
    });
  });

  test('what an older version left begins afresh instead of breaking the panel', () => {
    for (const value of [undefined, null, 7, { drafts: 'no' }, { query: '', filter: 'old' }])
      assert.deepEqual(restored(value), initialState);
  });
});

const nothing: RatingDraft = { thumb: null, score: null, reasons: [], comment: '', correction: null };

function cardsWith(id: string, draft: RatingDraft): EpisodeCard[] {
  return cards.map((card) => (card.episode.id === id ? { ...card, rating: stored(id, draft) } : card));
}
