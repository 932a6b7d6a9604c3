import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EpisodeCard, Rating } from '../../protocol/episode.ts';
import type { PanelProblem, ToPanel } from '../../protocol/webview.ts';
import { ratingsSession, type Session, type SessionParts } from './session.ts';

const id = '01990000-0000-7000-8000-000000000001';
const other = '01990000-0000-7000-8000-000000000002';
const card = (episodeId: string): EpisodeCard => ({
  episode: {
    id: episodeId,
    at: 1,
    kind: 'inline',
    file: 'a.ts',
    languageId: 'typescript',
    range: { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0 },
    instruction: '',
    prefix: '',
    before: '',
    suffix: '',
    candidates: [{ id: episodeId, text: 'x', model: 'workspace' }],
    offered: 0,
    propensity: 1,
    examples: [],
  },
  outcome: { type: 'accepted', at: 2 },
  rating: null,
  forbidden: false,
  otherRatings: 0,
});
const draft = { thumb: 'up', score: 8, reasons: [], comment: 'good', correction: null } as const;
const full = { ok: false, failure: { reason: 'disk', message: 'The disk is full.', nextStep: 'Free some space.' } };
const rating = (thumb: 'up' | null): Rating => ({
  ...draft,
  thumb,
  reasons: [],
  id: other,
  episodeId: id,
  at: 3,
  rater: 'me',
  withdrawn: false,
});

interface Bench {
  readonly session: Session;
  readonly posted: ToPanel[];
  readonly asked: { readonly method: string; readonly params: Record<string, unknown> }[];
  readonly opened: string[];
  readonly ran: string[];
  readonly traced: string[];
  readonly warned: string[];
  answers: Record<string, (params: Record<string, unknown>) => unknown>;
  problem: PanelProblem | null;
  /** Lets scheduled pushes happen, and what they wait for. */
  settle(): Promise<void>;
}

function bench(): Bench {
  let due: (() => void)[] = [];
  const it: Bench = {
    posted: [],
    asked: [],
    opened: [],
    ran: [],
    traced: [],
    warned: [],
    problem: null,
    answers: {
      listEpisodes: () => ({ cards: [card(id)], total: 1, marked: [id] }),
      memoryStats: () => ({ bytes: 10, episodes: 1 }),
      rate: ({ thumb }) => ({ ok: true, rating: rating(thumb as 'up' | null) }),
      direct: () => ({ ok: true, changed: 1 }),
      why: () => ({ examples: [{ similarity: 0.5, card: card(other) }] }),
    },
    session: undefined as never,
    async settle() {
      const tasks = due;
      due = [];
      for (const task of tasks) task();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  const ask = async (method: string, params: Record<string, unknown>): Promise<unknown> => {
    it.asked.push({ method, params });
    return it.answers[method]!(params);
  };
  const session = ratingsSession({
    ask: ask as SessionParts['ask'],
    post: (message) => it.posted.push(message),
    problem: () => it.problem,
    capBytes: () => 64,
    currentText: async (episodeId) => {
      if (episodeId === other) throw new Error('no such document');
      return 'now';
    },
    open: async ({ episode }) => void it.opened.push(episode.id),
    run: (command) => it.ran.push(command),
    showTrace: (episodeId) => it.traced.push(episodeId),
    log: { debug() {}, warn: (message) => it.warned.push(message) },
    later: (task) => due.push(task),
    silentEngine: 'The engine does not answer.',
  });
  return Object.assign(it, { session });
}
const types = (it: Bench): string[] => it.posted.map(({ type }) => type);

test('the page gets one snapshot when it is ready, with fifty cards at most', async () => {
  const it = bench();
  await it.session.handle({ type: 'ready' });
  await it.settle();
  assert.deepEqual(types(it), ['snapshot']);
  assert.deepEqual(it.asked[0], {
    method: 'listEpisodes',
    params: { query: '', filter: 'all', order: 'newest', limit: 50 },
  });
  assert.ok(it.posted[0]?.type === 'snapshot');
  assert.deepEqual(it.posted[0].size, { bytes: 10, capBytes: 64, episodes: 1 });
  assert.deepEqual(it.posted[0].marked, [id]);
});

test('many changes at once make one snapshot, and none before the page is there', async () => {
  const it = bench();
  it.session.refresh();
  await it.settle();
  assert.deepEqual(it.asked, []);
  await it.session.handle({ type: 'ready' });
  for (let i = 0; i < 20; i++) it.session.refresh();
  await it.settle();
  assert.deepEqual(types(it), ['snapshot']);
});

test('a rating is acknowledged with what was stored, and only after it was stored', async () => {
  const it = bench();
  let stored: () => void = () => {};
  it.answers.rate = () => new Promise((resolve) => (stored = () => resolve({ ok: true, rating: rating('up') })));
  const handled = it.session.handle({ type: 'rate', ticket: 4, episodeId: id, draft });
  await it.settle();
  assert.deepEqual(types(it), []);
  stored();
  await handled;
  assert.deepEqual(it.posted, [
    { type: 'saved', ticket: 4, episodeId: id, ok: true, message: '', rating: rating('up') },
  ]);
  assert.deepEqual(it.asked.at(-1)?.params, { episodeId: id, ...draft, withdrawn: false });
});

test('a rating that could not be stored says what to do about it', async () => {
  const it = bench();
  it.answers.rate = () => full;
  it.answers.direct = () => full;
  await it.session.handle({ type: 'withdraw', ticket: 1, episodeId: id });
  await it.session.handle({ type: 'direct', ticket: 2, episodeId: id, use: 'deleted' });
  it.answers.rate = () => {
    throw new Error('Connection got disposed.');
  };
  await it.session.handle({ type: 'rate', ticket: 3, episodeId: id, draft });
  assert.deepEqual(
    it.posted.map((message) => message.type === 'saved' && [message.ticket, message.ok, message.message]),
    [
      [1, false, 'The disk is full. Free some space.'],
      [2, false, 'The disk is full. Free some space.'],
      [3, false, 'The engine does not answer.'],
    ],
  );
  assert.equal(it.asked[0]?.params.withdrawn, true);
});

test('what is not a message of the protocol reaches nobody, but nobody waits for it either', async () => {
  const it = bench();
  const malformed = [
    null,
    'ready',
    { type: 'shell', command: 'rm' },
    { type: 'command', command: 'workbench.action.terminal.new' },
    { type: 'open', episodeId: '../../etc/passwd' },
    { type: 'trace', episodeId: '../../etc/passwd' },
    { type: 'trace' },
    { type: 'rate', ticket: 9, episodeId: id, draft: { ...draft, score: 11 } },
    { type: 'direct', ticket: 10, episodeId: id, use: 'forever' },
    { type: 'search', query: 'x'.repeat(1001), filter: 'all' },
  ];
  for (const message of malformed) await it.session.handle(message);
  await it.settle();
  assert.deepEqual([it.asked, it.opened, it.ran], [[], [], []]);
  assert.equal(it.warned.length, malformed.length);
  assert.deepEqual(
    it.posted.map((message) => message.type === 'saved' && [message.ticket, message.ok]),
    [
      [9, false],
      [10, false],
    ],
  );
});

test('what a person typed is not in the log', async () => {
  const it = bench();
  await it.session.handle({
    type: 'rate',
    ticket: 1,
    episodeId: id,
    draft: { ...draft, comment: 7, correction: 'secret code' },
  });
  assert.equal(it.warned.length, 1);
  assert.doesNotMatch(it.warned[0]!, /secret/);
});

test('an engine that is gone is told beside what was shown before', async () => {
  const it = bench();
  await it.session.handle({ type: 'ready' });
  await it.settle();
  it.answers.listEpisodes = () => {
    throw new Error('gone');
  };
  it.session.refresh();
  await it.settle();
  it.problem = { kind: 'restricted', message: 'Trust this folder.' };
  it.session.refresh();
  await it.settle();
  const [, down, restricted] = it.posted;
  assert.ok(down?.type === 'snapshot' && restricted?.type === 'snapshot');
  assert.equal(down.cards.length, 1);
  assert.deepEqual(down.problem, { kind: 'engineDown', message: 'The engine does not answer.' });
  assert.deepEqual(restricted.problem, it.problem);
});

test('a slow old snapshot does not overtake a newer one', async () => {
  const it = bench();
  const waiting: (() => void)[] = [];
  it.answers.listEpisodes = ({ query }) =>
    new Promise((resolve) =>
      waiting.push(() => resolve({ cards: query === '' ? [card(id)] : [], total: 0, marked: [] })),
    );
  await it.session.handle({ type: 'ready' });
  await it.settle();
  await it.session.handle({ type: 'search', query: 'zzz', filter: 'all', order: 'newest' });
  await it.settle();
  assert.equal(waiting.length, 1, 'the second waits for the first');
  waiting[0]!();
  await it.settle();
  waiting[1]!();
  await it.settle();
  assert.deepEqual(
    it.posted.map((message) => message.type === 'snapshot' && message.query),
    ['', 'zzz'],
  );
});

test('cards and their examples can be opened, other ids cannot', async () => {
  const it = bench();
  await it.session.handle({ type: 'ready' });
  await it.settle();
  await it.session.handle({ type: 'open', episodeId: other });
  await it.session.handle({ type: 'why', episodeId: id });
  await it.session.handle({ type: 'open', episodeId: other });
  await it.session.handle({ type: 'open', episodeId: id });
  assert.deepEqual(it.opened, [other, id]);
});

test('a text that cannot be found is null, not silence', async () => {
  const it = bench();
  await it.session.handle({ type: 'current', episodeId: id });
  await it.session.handle({ type: 'current', episodeId: other });
  assert.deepEqual(it.posted, [
    { type: 'current', episodeId: id, text: 'now' },
    { type: 'current', episodeId: other, text: null },
  ]);
});

test('a card revealed while the view is hidden is selected when it is shown', async () => {
  const it = bench();
  it.session.reveal(id);
  assert.deepEqual(types(it), []);
  await it.session.handle({ type: 'ready' });
  assert.deepEqual(types(it), ['reveal']);
  it.session.hidden();
  it.session.reveal(other);
  assert.deepEqual(types(it), ['reveal']);
  await it.session.handle({ type: 'ready' });
  assert.deepEqual(it.posted.at(-1), { type: 'reveal', episodeId: other });
  it.session.reveal();
  assert.deepEqual(it.posted.at(-1), { type: 'focus' });
});

test('how a suggestion came about is shown for the card it was asked for', async () => {
  const it = bench();
  await it.session.handle({ type: 'trace', episodeId: other });
  assert.deepEqual([it.traced, it.asked, it.posted], [[other], [], []]);
});
