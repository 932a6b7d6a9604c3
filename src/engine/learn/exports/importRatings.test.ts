import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Rating } from '../../../protocol/episode.ts';
import { systemClock, systemIds } from '../../clock.ts';
import type { Store } from '../../memory/store.ts';
import { ModelFiles } from '../../memory/testFiles.ts';
import { byHand, directive, episode, event, openIn, rating } from '../../memory/testRecords.ts';
import { agreementOf } from '../reward/agreement.ts';
import { importRatings } from './importRatings.ts';

const files = new ModelFiles();
let number = 0;
/** A memory of rater `me` with these episodes, and a way to import lines into it. */
async function memory(...episodes: Parameters<Store['addEpisode']>[0][]) {
  const store = await openIn(`/memory${++number}`, { files, pace: byHand });
  for (const one of episodes) store.addEpisode(one);
  const bring = (lines: readonly (object | string)[], rater?: string) => {
    const path = `/in${++number}.jsonl`;
    files.put(
      path,
      Buffer.from(lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('')),
    );
    const add = (ratings: readonly Rating[]) => store.rateAll(ratings);
    const named = rater === undefined ? {} : { rater };
    return importRatings(path, { store, add, files, ids: systemIds, clock: systemClock, ...named });
  };
  return { store, bring };
}
const record = (value: Rating) => ({ record: 'rating', value });
const said = (of: Rating | undefined) => of && [of.rater, of.thumb, of.score];

test('rating records come in as they are, of whom they say; what is known is not added again', async () => {
  const [a, b] = [episode(), episode()];
  const { store, bring } = await memory(a, b);
  const lines = [
    { attune: 1, exportedAt: 'now' },
    { record: 'episode', value: a },
    record(rating(a.id, { rater: 'ann', score: 8, thumb: null })),
    record(rating(b.id, { rater: 'me', score: 3, thumb: null })),
  ];
  assert.deepEqual(await bring(lines), { added: 2, known: 0, rejected: 0, problems: [] });
  assert.deepEqual(said(store.get(a.id)!.otherRatings[0]), ['ann', null, 8]);
  // It says that it is mine.
  assert.deepEqual(said(store.get(b.id)!.rating!), ['me', null, 3]);
  assert.deepEqual(await bring([...lines, ...lines.slice(2, 3)]), {
    added: 0,
    known: 3,
    rejected: 0,
    problems: ['Lines 3, 4, 5: in the memory already.'],
  });
  await store.close();
});

test('a name that is given stands for all: nobody’s rating becomes mine because we are called alike', async () => {
  const a = episode();
  const { store, bring } = await memory(a);
  await bring([record(rating(a.id, { rater: 'me', score: 2, thumb: null }))], ' Ann ');
  assert.equal(store.get(a.id)!.rating, null);
  assert.deepEqual(said(store.get(a.id)!.otherRatings[0]), ['Ann', null, 2]);
  await assert.rejects(bring([], 'x'.repeat(201)), /longer than 200 characters/);
  await store.close();
});

test('TRL’s unpaired preferences: the label is the thumb, 0 to 1 is 1 to 10', async () => {
  const all = Array.from({ length: 5 }, () => episode());
  const { store, bring } = await memory(...all);
  const line = (i: number, more: object) => ({ prompt: [], episode_id: all[i]!.id, ...more });
  const result = await bring(
    [
      line(0, { label: true, completion: [{ role: 'assistant', content: '<fill>sum(prices)</fill>' }], score: 1 }),
      line(1, { label: false, completion: 'sum(prices)', score: 0 }),
      line(2, { label: true, score: 2 / 3 }),
      line(3, { label: false, score: null }),
      line(4, { label: false, completion: [{ role: 'assistant', content: '```ts\nsum(prices)\n```' }] }),
    ],
    'bot',
  );
  assert.deepEqual(result, { added: 5, known: 0, rejected: 0, problems: [] });
  assert.deepEqual(
    all.map(({ id }) => said(store.get(id)!.otherRatings[0])),
    [
      ['bot', 'up', 10],
      ['bot', 'down', 1],
      ['bot', 'up', 7],
      ['bot', 'down', null],
      ['bot', 'down', null],
    ],
  );
  await store.close();
});

test('what can’t be taken in is counted and named by line, and the rest comes in', async () => {
  const [a, b, silent, gone] = [episode(), episode(), episode({ offered: null }), episode()];
  const { store, bring } = await memory(a, b, silent, gone);
  await store.direct([directive(gone.id, 'deleted')]);
  const secret = `ghp_${'a1B2'.repeat(9)}`;
  const trl = (id: string, more: object = {}) => ({ episode_id: id, label: true, rater: 'ann', ...more });
  const result = await bring([
    '\uFEFF{"label": tru',
    trl(a.id),
    trl(a.id),
    trl(a.id, { label: false }),
    trl(gone.id),
    trl('not an id'),
    trl(silent.id),
    trl(b.id, { rater: ' ' }),
    trl(b.id, { completion: 'another()' }),
    { label: true },
    '[1]',
    trl(b.id, { score: 7 }),
    record({ ...rating(b.id), score: 11 }),
    trl(b.id, { label: 'yes' }),
    '',
    record(rating(b.id, { rater: 'ben', comment: secret, correction: `x('${secret}')` })),
  ]);
  assert.deepEqual([result.added, result.known, result.rejected], [2, 1, 12]);
  assert.deepEqual(result.problems.slice(0, 8), [
    'Line 1: not valid JSON.',
    'Line 3: the same as line 2.',
    'Line 4: in contradiction to line 2, by the same rater.',
    'Lines 5, 6: about a proposal that is not in this memory.',
    'Line 7: about a place where nothing was offered.',
    'Line 8: no name of a rater; say whose ratings these are.',
    'Line 9: about another text than the one that was offered.',
    'Lines 10, 11: neither a rating record nor a TRL line with “episode_id” and “label”.',
  ]);
  assert.ok(
    result.problems.slice(8).every((one, i) => one.startsWith(`Line ${[12, 13, 14][i]}: `)),
    result.problems.join('\n'),
  );
  assert.ok(!JSON.stringify(store.get(b.id)).includes(secret));
  // A label is the same when it comes again, whatever it is called.
  assert.deepEqual((await bring([trl(a.id)])).problems, ['Line 1: in the memory already.']);
  await store.close();
});

test('many lines of one kind are one sentence; a file of a newer version is refused, a missing one said', async () => {
  const { store, bring } = await memory();
  const { problems, rejected } = await bring(Array.from({ length: 700 }, () => 'x'));
  assert.deepEqual([rejected, problems], [700, ['Lines 1, 2, 3, 4, 5 and 695 more: not valid JSON.']]);
  assert.match((await bring([{ attune: 2, exportedAt: '' }])).problems[0]!, /newer version/);
  await assert.rejects(
    importRatings('/nowhere', { store, add: async () => {}, files, ids: systemIds, clock: systemClock }),
    /does not exist/,
  );
  await store.close();
});

test('what was taken of several is what the rating is about', async () => {
  const [x, y] = ['x()', 'y()'].map((text) => ({ ...episode().candidates[0]!, id: systemIds(), text }));
  const one = episode({ candidates: [x!, y!] });
  const { store, bring } = await memory(one);
  store.addEvents([event(one.id, 'accepted', { candidateId: y!.id })]);
  const line = (completion: string) => ({ episode_id: one.id, label: true, completion });
  assert.deepEqual((await bring([line('x()'), line('y()')], 'ann')).problems, [
    'Line 1: about another text than the one that was offered.',
  ]);
  await store.close();
});

test('A5-06: ratings of several raters give κ', async () => {
  const all = Array.from({ length: 4 }, () => episode());
  const { store, bring } = await memory(...all);
  await store.rateAll(all.map(({ id }, i) => rating(id, { thumb: null, score: [1, 4, 7, 10][i]! })));
  await bring(all.map(({ id }, i) => record(rating(id, { rater: 'ann', thumb: null, score: [1, 4, 7, 10][i]! }))));
  await bring(
    all.map(({ id }, i) => ({ episode_id: id, label: i < 2, score: [1, 2 / 3, 1 / 3, 0][i]! })),
    'contrary',
  );
  const { mean, pairs } = agreementOf(store.entries());
  assert.deepEqual(
    pairs.map(({ raters, kappa }) => [raters.toSorted(), kappa.defined && Math.round(kappa.value * 1e9) / 1e9]),
    [
      [['ann', 'me'], 1],
      [['contrary', 'me'], -1],
      [['ann', 'contrary'], -1],
    ],
  );
  assert.ok(mean.defined && Math.abs(mean.value + 1 / 3) < 1e-9);
  await store.close();
});

test('fuzz: whatever the lines are, all are accounted for, nothing invalid comes in, and a second time nothing does', async () => {
  const one = episode();
  const scrap = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replaceAll('\n', ' ')),
    fc.json({ maxDepth: 2 }),
    fc
      .record(
        {
          episode_id: fc.constantFrom(one.id, 'x', 5),
          label: fc.constantFrom<unknown>(true, false, 'yes', null),
          score: fc.constantFrom<unknown>(0, 0.5, 1, -1, 'x', null),
          rater: fc.constantFrom<unknown>('ann', '', 'me', 7, null),
          completion: fc.constantFrom<unknown>('sum(prices)', [], [{ role: 'assistant', content: 'sum(prices)' }], 3),
          ['__proto__']: fc.constant('x'),
        },
        { requiredKeys: [] },
      )
      .map((line) => JSON.stringify(line)),
    fc
      .record({
        score: fc.constantFrom<unknown>(1, 10, 0, 1.5, 'x', null),
        rater: fc.constantFrom('ann', ''),
        at: fc.constantFrom(1, -1),
      })
      .map((change) => JSON.stringify({ record: 'rating', value: { ...rating(one.id), ...change } })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(scrap, { maxLength: 15 }), fc.constantFrom(undefined, 'given'), async (lines, rater) => {
      const { store, bring } = await memory(one);
      const filled = lines.filter((line) => line.trim() !== '' && line !== '\uFEFF').length;
      const first = await bring(lines, rater);
      assert.ok(first.added + first.known + first.rejected <= filled);
      assert.equal(store.report.problems.length, 0);
      assert.equal(store.stats().ratings, first.added);
      const raters = [store.get(one.id)!.rating, ...store.get(one.id)!.otherRatings].map((of) => of?.rater);
      assert.ok(rater === undefined || raters.every((name) => name === undefined || name === 'given'));
      await bring(lines, rater);
      assert.equal(store.stats().ratings - first.added, 0);
      await store.close();
    }),
    { numRuns: 80 },
  );
});
