import assert from 'node:assert/strict';
import { test } from 'node:test';
import { episode, rating } from '../../memory/testRecords.ts';
import type { Judged } from '../reward/judgements.ts';
import { labelsOf } from '../reward/labels.ts';
import { raterShifts } from '../reward/raters.ts';
import { judged } from '../reward/testJudged.ts';
import { type PromptOf, rowsOf } from './rows.ts';

const promptOf: PromptOf = (one) => ({
  messages: [{ role: 'user', content: `${one.prefix}▮${one.suffix}` }],
  answer: (text) => (text === 'unsayable' ? null : `<fill>${text}</fill>`),
});
const rows = (entry: Judged, prompt = promptOf) => rowsOf(entry, raterShifts([]), prompt);
const label = (entry: Judged) => {
  const { kto, leftOut } = rows(entry);
  return kto.length > 0 ? kto.map((row) => [row.label, Number(row.score.toFixed(2))]) : leftOut;
};

test('what was said and what happened, as a yes or no', () => {
  const rated = (change: Parameters<typeof rating>[1]) =>
    label(judged([['accepted']], { rating: rating('e', change) }));
  assert.deepEqual(rated({ thumb: 'up' }), [[true, 0.9]]);
  assert.deepEqual(rated({ thumb: null, score: 7 }), [[true, 0.67]]);
  assert.deepEqual(rated({ thumb: null, score: 4 }), [[false, 0.33]]);
  assert.deepEqual(rated({ thumb: null, score: 5 }), ['a rating says more', 'neither good nor bad']);
  assert.deepEqual(label(judged([['accepted'], ['retained', { afterMs: 600_000 }]])), [[true, 0.9]]);
  assert.deepEqual(label(judged([['accepted'], ['retained', { afterMs: 600_000, share: 0.4 }]])), [
    'neither good nor bad',
  ]);
  assert.deepEqual(label(judged([['accepted'], ['reverted']])), [[false, 0.1]]);
  assert.deepEqual(label(judged([['shown'], ['rejected', { reason: 'escape' }]])), [[false, 0.15]]);
  // Deleting the place, and typing on, are no thumb down.
  assert.deepEqual(label(judged([['shown'], ['rejected', { reason: 'deleted' }]])), ['too weak for a yes or no']);
  assert.deepEqual(label(judged([['read'], ['ignored', { reason: 'typedPast' }]])), ['too weak for a yes or no']);
  assert.deepEqual(label(judged([['shown'], ['ignored', { reason: 'typedPast' }]])), ['not read']);
  assert.deepEqual(label(judged([['shown']])), ['nothing happened yet']);
  assert.deepEqual(label(judged([], { episode: episode({ offered: null }) })), ['silent']);
});

test('a line by hand', () => {
  const one = episode({
    at: 5,
    candidates: [{ ...episode().candidates[0]!, model: 'ollama:x', propensity: 0.25, text: 'a()' }],
  });
  const { kto, dpo, prompt, masked } = rows(
    judged([], { episode: one, rating: rating(one.id, { thumb: null, score: 10, correction: 'b()' }) }),
  );
  const asked = [{ role: 'user', content: 'const total = ▮;\n' }];
  const facts = { group: 'src/app.ts', kind: 'inline', language: 'typescript', at: 5 };
  const about = { ...facts, source: 'rating', weight: 1, model: 'ollama:x', propensity: 0.25 };
  assert.deepEqual(kto, [
    {
      id: `${one.id}-kto-0`,
      prompt: asked,
      episode_id: one.id,
      metadata: JSON.stringify(about),
      completion: [{ role: 'assistant', content: '<fill>a()</fill>' }],
      label: true,
      score: 1,
    },
  ]);
  assert.deepEqual(dpo, [
    {
      id: `${one.id}-dpo-0`,
      prompt: asked,
      episode_id: one.id,
      metadata: JSON.stringify({ ...facts, source: 'pair', weight: 1 }),
      chosen: [{ role: 'assistant', content: '<fill>b()</fill>' }],
      rejected: [{ role: 'assistant', content: '<fill>a()</fill>' }],
      margin: 0.35,
    },
  ]);
  assert.deepEqual(prompt, { id: one.id, prompt: asked, episode_id: one.id, metadata: JSON.stringify(facts) });
  assert.equal(masked, 0);
});

test('pairs are those that are learnt: chosen over one seen, corrected, changed after it was taken', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((x, i) => ({ ...episode().candidates[0]!, id: `${i}`, text: `${x}(1);` }));
  const entry = judged(
    [
      ['shown', { candidateId: '0' }],
      ['accepted', { candidateId: '1' }],
      ['retained', { text: 'b(2);', share: 0.7, afterMs: 40_000 }],
    ],
    {
      episode: episode({ candidates: [a!, b!, c!] }),
      otherRatings: [rating('e', { rater: 'ann', correction: 'd();' })],
    },
  );
  const pairs = rows(entry).dpo.map(({ chosen, rejected }) => [chosen[0]!.content, rejected[0]!.content]);
  assert.deepEqual(pairs, [
    ['<fill>d();</fill>', '<fill>b(1);</fill>'],
    ['<fill>b(1);</fill>', '<fill>a(1);</fill>'],
    ['<fill>b(2);</fill>', '<fill>b(1);</fill>'],
  ]);
  const learnt = labelsOf([entry], () => new Float64Array([1])).rows.filter(({ source }) => source === 'pair');
  assert.equal(pairs.length, learnt.length);
});

test('what no answer can say, and pairs that read the same, are left out and counted', () => {
  const corrected = (correction: string) => rows(judged([], { rating: rating('e', { correction }) })).leftOut;
  assert.deepEqual(corrected('unsayable'), ['a rating says more', 'no answer can say it']);
  const same: PromptOf = (one, texts) => ({ ...promptOf(one, texts)!, answer: (text) => text.trim() });
  const entry = judged([], { rating: rating('e', { correction: 'sum(prices)\n' }) });
  assert.deepEqual(rows(entry, same).leftOut.at(-1), 'both answers are the same');
  assert.deepEqual(rows(judged([['accepted']]), () => null).leftOut, ['no model is asked']);
});

test('a secret that the memory holds after all is masked, in prompt and answer, and half a character mended', () => {
  const secret = `ghp_${'a1B2'.repeat(9)}`;
  const one = episode({
    prefix: `const key = '${secret}';\n\uDE00 `,
    candidates: [{ ...episode().candidates[0]!, text: secret }],
  });
  const { kto, masked } = rows(judged([['accepted']], { episode: one }));
  assert.equal(masked, 2);
  const line = JSON.stringify(kto);
  assert.ok(!line.includes(secret) && line.includes('<redacted>') && line.includes('\uFFFD'));
});
