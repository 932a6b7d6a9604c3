import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredEpisode } from '../memory/store.ts';
import { forPrompt, imitable, refused, sortFound } from './examples.ts';
import { squash } from './place.ts';
import { bad, type EntrySpec, entryOf, good } from './testing/entries.ts';

const cases: readonly { name: string; entry: Omit<EntrySpec, 'text'>; imitates: string | null; refused: boolean }[] = [
  { name: 'rated well', entry: { rating: good }, imitates: 'text', refused: false },
  {
    name: 'rated well and rewritten a little since',
    entry: { rating: good, events: [{ type: 'retained', share: 0.8, text: 'kept' }] },
    imitates: 'kept',
    refused: false,
  },
  { name: 'rated badly', entry: { rating: bad }, imitates: null, refused: true },
  {
    name: 'a word taken, and the rest dismissed',
    entry: { events: [{ type: 'partlyAccepted', text: 'te' }, { type: 'rejected' }] },
    imitates: null,
    refused: true,
  },
  {
    name: 'dismissed, then taken word by word after all',
    entry: { events: [{ type: 'rejected' }, { type: 'partlyAccepted', text: 'te' }] },
    imitates: null,
    refused: false,
  },
  {
    name: 'rated badly though accepted',
    entry: { rating: bad, events: [{ type: 'accepted' }] },
    imitates: null,
    refused: true,
  },
  {
    name: 'rated badly and corrected: only the correction is imitated',
    entry: { rating: { ...bad, correction: 'mine' } },
    imitates: 'mine',
    refused: true,
  },
  {
    name: 'rated badly, the correction being what was proposed',
    entry: { rating: { ...bad, correction: ' te xt' } },
    imitates: null,
    refused: true,
  },
  { name: 'corrected to nothing', entry: { rating: { ...bad, correction: '' } }, imitates: null, refused: true },
  {
    name: 'rated well, with a better text',
    entry: { rating: { ...good, correction: 'better' } },
    imitates: 'better',
    refused: false,
  },
  {
    name: 'rated in the middle',
    entry: { rating: { score: 5 }, events: [{ type: 'accepted' }] },
    imitates: null,
    refused: false,
  },
  {
    name: 'a rating taken back counts for nothing',
    entry: { rating: { ...good, withdrawn: true } },
    imitates: null,
    refused: false,
  },
  { name: 'unrated and accepted', entry: { events: [{ type: 'accepted' }] }, imitates: 'text', refused: false },
  {
    name: 'unrated, accepted and undone',
    entry: { events: [{ type: 'accepted' }, { type: 'reverted' }] },
    imitates: null,
    refused: true,
  },
  {
    name: 'unrated, accepted and soon rewritten',
    entry: { events: [{ type: 'accepted' }, { type: 'retained', share: 0.2 }] },
    imitates: null,
    refused: false,
  },
  {
    name: 'unrated and ignored',
    entry: { events: [{ type: 'shown' }, { type: 'ignored', reason: 'moved' }] },
    imitates: null,
    refused: false,
  },
  {
    name: 'unrated and rejected',
    entry: { events: [{ type: 'shown' }, { type: 'rejected', reason: 'escape' }] },
    imitates: null,
    refused: true,
  },
  {
    name: 'never to be used again, however well rated',
    entry: { rating: good, forbidden: true },
    imitates: null,
    refused: false,
  },
];
for (const { name, entry, imitates, refused: turnedDown } of cases) {
  test(`an edit ${name}`, () => {
    const stored = entryOf({ ...entry, text: 'text' });
    assert.equal(imitable(stored)?.text ?? null, imitates);
    assert.equal(refused(stored), turnedDown);
  });
}

const found = (entries: readonly StoredEpisode[]) =>
  entries.map((entry, index) => ({ entry, similarity: 0.9 - index / 100, score: 1 }));

test('the same text stands in a prompt once, and a forbidden text never, whoever wrote it', () => {
  const entries = [
    entryOf({ text: 'a( b )', rating: good }),
    entryOf({ text: 'a(b)', rating: good }),
    entryOf({ text: 'never( again )', rating: good }),
    entryOf({ text: 'c', rating: good }),
  ];
  const { examples } = sortFound(found(entries), { most: 10, forbidden: new Set([squash('never(again)')]) });
  assert.deepEqual(
    forPrompt(examples, 4, 0).map(({ text }) => text),
    ['a( b )', 'c'],
  );
  assert.deepEqual(
    forPrompt(examples, 1, 0).map(({ text }) => text),
    ['a( b )'],
  );
});

test('of examples nearly as similar the newer ones stand in the prompt; where all are old, the more similar ones', () => {
  const day = 24 * 3600 * 1000;
  const { examples } = sortFound(
    found([...Array(3)].map((_, index) => entryOf({ text: `${index}()`, rating: good }))),
    {
      most: 10,
      forbidden: new Set(),
    },
  );
  const [first, second, third] = examples;
  const aged = [
    { ...first!, at: 0 },
    { ...second!, at: 60 * day },
    { ...third!, at: 59 * day },
  ];
  const texts = (of: typeof aged, now = 60 * day): string[] => forPrompt(of, 2, now).map(({ text }) => text);
  assert.deepEqual(texts(aged), ['1()', '2()']);
  // A week doubles what is alike.
  const week = aged.map((example, index) => ({ ...example, at: [53, 60, 60][index]! * day }));
  assert.deepEqual(texts([week[0]!, { ...week[1]!, similarity: 0.45 * week[0]!.similarity }, week[2]!]), [
    '0()',
    '2()',
  ]);
  assert.deepEqual(texts([week[0]!, { ...week[1]!, similarity: 0.55 * week[0]!.similarity }, week[2]!]), [
    '1()',
    '2()',
  ]);
  const old = aged.map((example) => ({ ...example, at: 0 }));
  assert.deepEqual(texts([{ ...old[0]!, similarity: 1 }, { ...old[1]!, similarity: 0.5 }, old[2]!]), ['0()', '2()']);
});

test('what was refused is known with its reasons; a comment on a bad proposal is no note on its correction', () => {
  const rating = { ...bad, reasons: ['wrongStyle' as const], comment: 'no classes', correction: 'mine' };
  const { examples, refusals } = sortFound(found([entryOf({ text: 'theirs', rating })]), {
    most: 4,
    forbidden: new Set(),
  });
  assert.equal(examples[0]!.text, 'mine');
  assert.equal(examples[0]!.note, '');
  assert.deepEqual(
    refusals.map(({ text, reasons, comment }) => ({ text, reasons, comment })),
    [{ text: 'theirs', reasons: ['wrongStyle'], comment: 'no classes' }],
  );
});

test('no more examples than asked for, refusals all the same', () => {
  const entries = [...Array(6)].map((_, index) => entryOf({ text: `good ${index}`, rating: good }));
  const { examples, refusals } = sortFound(found([...entries, entryOf({ text: 'bad', rating: bad })]), {
    most: 2,
    forbidden: new Set(),
  });
  assert.equal(examples.length, 2);
  assert.equal(refusals.length, 1);
});
