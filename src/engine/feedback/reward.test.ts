import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Episode, type Event, eventTypes, type Rating } from '../../protocol/episode.ts';
import { interruption, preference, rewardVersion } from './reward.ts';

const id = (n: number) => `01890000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
const episode = (offered: number | null = 0): Episode => ({
  id: id(1),
  at: 1,
  kind: 'inline',
  file: 'a.ts',
  languageId: 'typescript',
  range: { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0 },
  instruction: '',
  prefix: '',
  before: '',
  suffix: '',
  candidates: [{ id: id(2), text: '0123456789', model: 'workspace' }],
  offered,
  propensity: 1,
  examples: [],
});
type Happened = Partial<Event> & Pick<Event, 'type'>;
const events = (happened: readonly Happened[]): Event[] =>
  happened.map((event, index) => ({
    id: id(10 + index),
    episodeId: id(1),
    candidateId: id(2),
    at: 10 + index,
    ...event,
  }));
const rating = (said: Partial<Rating>): Rating => ({
  id: id(3),
  episodeId: id(1),
  at: 100,
  rater: 'me',
  thumb: null,
  score: null,
  reasons: [],
  comment: '',
  correction: null,
  withdrawn: false,
  ...said,
});

const cases: readonly {
  name: string;
  said?: Partial<Rating>;
  happened?: readonly Happened[];
  reward: number | null;
}[] = [
  { name: 'a thumb up is the most there is', said: { thumb: 'up' }, reward: 1 },
  { name: 'a thumb down the least', said: { thumb: 'down' }, reward: -1 },
  { name: 'the thumb outweighs the slider', said: { thumb: 'up', score: 2 }, reward: 1 },
  {
    name: 'a rating outweighs what happened',
    said: { thumb: 'down' },
    happened: [{ type: 'accepted' }, { type: 'retained', share: 1 }],
    reward: -1,
  },
  { name: 'ten', said: { score: 10 }, reward: 1 },
  { name: 'one', said: { score: 1 }, reward: -1 },
  { name: 'reasons alone are a complaint', said: { reasons: ['brokenCode'] }, reward: -1 },
  { name: 'a rating taken back counts for nothing', said: { thumb: 'up', withdrawn: true }, reward: null },
  { name: 'a comment alone says neither', said: { comment: 'hm' }, happened: [{ type: 'accepted' }], reward: 0.5 },
  { name: 'accepted, and nothing known since', happened: [{ type: 'shown' }, { type: 'accepted' }], reward: 0.5 },
  { name: 'typed out by hand', happened: [{ type: 'accepted', reason: 'typed' }], reward: 0.25 },
  { name: 'kept whole', happened: [{ type: 'accepted' }, { type: 'retained', share: 0.8 }], reward: 0.75 },
  {
    name: 'half of what counts as whole',
    happened: [{ type: 'accepted' }, { type: 'retained', share: 0.4 }],
    reward: 0.375,
  },
  {
    name: 'the last look decides',
    happened: [{ type: 'accepted' }, { type: 'retained', share: 1 }, { type: 'retained', share: 0 }],
    reward: 0,
  },
  {
    name: 'undone',
    happened: [{ type: 'accepted' }, { type: 'retained', share: 1 }, { type: 'reverted' }],
    reward: -0.5,
  },
  { name: 'dismissed', happened: [{ type: 'shown' }, { type: 'rejected', reason: 'escape' }], reward: -0.5 },
  { name: 'its place deleted', happened: [{ type: 'shown' }, { type: 'rejected', reason: 'deleted' }], reward: -0.25 },
  {
    name: 'taken word by word',
    happened: [
      { type: 'partlyAccepted', text: '01' },
      { type: 'partlyAccepted', text: '234' },
    ],
    reward: 0.375,
  },
  {
    name: 'half taken, and that kept',
    happened: [
      { type: 'partlyAccepted', text: '01234' },
      { type: 'retained', share: 1 },
    ],
    reward: 0.375,
  },
  {
    name: 'word by word to its end is all of it',
    happened: [{ type: 'partlyAccepted', text: '01' }, { type: 'accepted' }, { type: 'retained', share: 1 }],
    reward: 0.75,
  },
  { name: 'taken in part', happened: [{ type: 'partlyAccepted', text: '01234' }], reward: 0.375 },
  {
    name: 'moving on is no refusal',
    happened: [{ type: 'shown' }, { type: 'read' }, { type: 'ignored', reason: 'moved' }],
    reward: null,
  },
  { name: 'silence prefers nothing', reward: null },
];
for (const { name, said, happened, reward } of cases) {
  test(`reward: ${name}`, () => {
    const entry = {
      episode: episode(),
      events: events(happened ?? []),
      rating: said === undefined ? null : rating(said),
    };
    assert.equal(preference(entry), reward);
  });
}

test('a better slider is never a smaller reward, and the sign agrees with the verdict', () => {
  const rewards = [...Array(10)].map(
    (_, index) => preference({ episode: episode(), events: [], rating: rating({ score: index + 1 }) })!,
  );
  assert.deepEqual(
    rewards,
    [...rewards].sort((a, b) => a - b),
  );
  assert.ok(rewards[3]! < 0 && rewards[6]! > 0);
});

test('whatever happened, in whatever order it is told, the reward is in [-1, 1] and the same', () => {
  const event = fc.record({
    type: fc.constantFrom(...eventTypes),
    share: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    text: fc.option(fc.string(), { nil: undefined }),
    reason: fc.option(fc.constantFrom('typed', 'escape'), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 8 }), fc.option(fc.integer({ min: 0, max: 0 })), (happened, offered) => {
      const all = events(happened as Happened[]);
      const one = preference({ episode: episode(offered), events: all, rating: null });
      const two = preference({ episode: episode(offered), events: [...all].reverse(), rating: null });
      assert.equal(one, two);
      assert.ok(one === null || (one >= -1 && one <= 1));
    }),
  );
  assert.equal(rewardVersion, 2);
});

test('showing costs what it interrupts: nothing if taken, less if there was no time to read it', () => {
  const cost = (...types: Event['type'][]) =>
    interruption({ episode: episode(), events: events(types.map((type) => ({ type }))) });
  assert.equal(cost('offered'), 0);
  assert.equal(cost('offered', 'shown', 'ignored'), -0.075);
  assert.equal(cost('offered', 'shown', 'read', 'ignored'), -0.25);
  assert.equal(cost('offered', 'shown', 'read', 'rejected'), -0.25);
  assert.equal(cost('offered', 'shown', 'read', 'accepted', 'reverted'), 0);
  assert.equal(
    interruption({ episode: { ...episode(), kind: 'edit' }, events: events([{ type: 'shown' }, { type: 'read' }]) }),
    0,
  );
});
