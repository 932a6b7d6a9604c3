import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyChanges, Documents } from './documents.ts';
import type { IgnoreRules } from './ignore.ts';
import { editRegions } from './recentEdits.ts';

const folders = [{ path: '/w', name: 'w' }];
function setup(secret: (path: string) => string | null = () => null) {
  let now = 1_000_000;
  const clock = { now: () => now };
  const invalidated: (string | undefined)[] = [];
  const rules: IgnoreRules = { excluded: (path) => secret(path), invalidate: (path) => invalidated.push(path) };
  const documents = new Documents({ folders, rules, clock });
  return { documents, invalidated, rules, tick: (ms: number) => (now += ms), now: () => now };
}
const open = (path: string | null, text: string) => ({
  uri: path ?? 'untitled:1',
  path,
  languageId: 'typescript',
  version: 1,
  text,
});

/** A text and changes to it that don't overlap. */
const edit = fc.string({ maxLength: 60 }).chain((text) =>
  fc.record({
    text: fc.constant(text),
    changes: fc
      .array(fc.tuple(fc.nat(text.length), fc.nat(8), fc.string({ maxLength: 6 })), { maxLength: 6 })
      .map((all) => {
        let from = 0;
        const kept: { offset: number; length: number; text: string }[] = [];
        for (const [offset, length, inserted] of all.sort((a, b) => a[0] - b[0])) {
          if (offset < from) continue;
          const change = { offset, length: Math.min(length, text.length - offset), text: inserted };
          // Strictly after the last: two insertions at one place have no order of their own.
          from = change.offset + Math.max(1, change.length);
          kept.push(change);
        }
        return kept;
      }),
  }),
);

test('several changes in one event leave the text the editor has, listed from the end or from the beginning', () => {
  fc.assert(
    fc.property(edit, ({ text, changes }) => {
      // Reference: copy what no change covers, in one pass from left to right.
      let expected = '';
      let at = 0;
      for (const change of changes) {
        expected += text.slice(at, change.offset) + change.text;
        at = change.offset + change.length;
      }
      expected += text.slice(at);
      assert.equal(applyChanges(text, changes.toReversed()), expected);
      assert.equal(applyChanges(text, changes), expected);
    }),
  );
});

test('putting every recent edit back gives the text as it was', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 300 }),
      fc.array(fc.tuple(fc.nat(400), fc.nat(30), fc.string({ maxLength: 30 })), { maxLength: 25 }),
      (original, raw) => {
        const regions = editRegions();
        let text = original;
        for (const [i, [where, length, inserted]] of raw.entries()) {
          const offset = Math.min(where, text.length);
          const change = { offset, length: Math.min(length, text.length - offset), text: inserted };
          regions.record(text, change, i);
          text = applyChanges(text, [change]);
        }
        let back = text;
        for (const { start, end, before } of regions.regions().toSorted((a, b) => b.start - a.start)) {
          back = back.slice(0, start) + before + back.slice(end);
        }
        assert.equal(back, original);
      },
    ),
  );
});

test('typing a word at one place is one recent edit with whole lines; another place is another', () => {
  const { documents, tick, now } = setup();
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i};`);
  documents.open(open('/w/a.ts', lines.join('\n')));
  const type = (offset: number, text: string) => {
    for (const [i, c] of [...text].entries()) {
      documents.change({ uri: '/w/a.ts', version: 2, changes: [{ offset: offset + i, length: 0, text: c }] });
      tick(100);
    }
  };
  type(6, 'xy');
  type(documents.get('/w/a.ts')!.text.indexOf('line 15') + 7, '!');
  const edits = documents.recentEdits(now(), 10);
  assert.deepEqual(
    edits.map(({ before, after, file }) => ({ before, after, file })),
    [
      { before: 'line 15;', after: 'line 15!;', file: 'a.ts' },
      { before: 'line 0;', after: 'line 0xy;', file: 'a.ts' },
    ],
  );
  assert.equal(documents.recentEdits(now(), 1).length, 1);
  assert.equal(documents.recentEdits(now() + 3_600_000, 10).length, 0);
});

test('text typed and taken back is no edit', () => {
  const { documents, now } = setup();
  documents.open(open('/w/a.ts', 'a\nb\n'));
  documents.change({ uri: '/w/a.ts', version: 2, changes: [{ offset: 1, length: 0, text: 'x' }] });
  documents.change({ uri: '/w/a.ts', version: 3, changes: [{ offset: 1, length: 1, text: '' }] });
  assert.deepEqual(documents.recentEdits(now(), 5), []);
});

test('an excluded document leaves no text anywhere, also when it becomes excluded while open', () => {
  const hidden = new Set(['/w/.env']);
  const { documents, invalidated, now } = setup((path) => (hidden.has(path) ? 'secret' : null));
  const secret = 'TOPSECRET';
  documents.open(open('/w/.env', secret));
  documents.change({ uri: '/w/.env', version: 2, changes: [{ offset: 0, length: 0, text: secret }] });
  assert.equal(documents.get('/w/.env')!.excluded, 'secret');
  assert.equal(documents.get('/w/.env')!.version, 2);
  documents.open(open('/w/b.ts', ''));
  documents.change({ uri: '/w/b.ts', version: 2, changes: [{ offset: 0, length: 0, text: secret }] });
  documents.open(open('/w/.gitignore', ''));
  hidden.add('/w/b.ts');
  documents.saved('/w/.gitignore');
  assert.deepEqual(invalidated, ['/w/.gitignore']);
  assert.ok(!JSON.stringify([documents.all(), documents.recentEdits(now(), 9)]).includes(secret));
  // Lifting the rule does not make an emptied mirror pass for the real text.
  hidden.delete('/w/b.ts');
  documents.saved('/w/.gitignore');
  assert.notEqual(documents.get('/w/b.ts')!.excluded, null);
});

test('an untitled document is used; closing one forgets it', () => {
  const { documents } = setup(() => 'no');
  const document = documents.open(open(null, 'x'));
  assert.deepEqual([document.excluded, document.file, document.text], [null, '', 'x']);
  documents.close(document.uri);
  assert.equal(documents.get(document.uri), undefined);
  documents.change({ uri: document.uri, version: 9, changes: [] });
});

test('who follows a document hears every change before it is applied, and when its text is no longer known', () => {
  const { documents } = setup((path) => (path.endsWith('.env') ? 'secret' : null));
  const heard: string[] = [];
  const stop = documents.onNews((news) =>
    heard.push(
      news.kind === 'change' ? `${news.text} ${news.change.offset}+${news.change.text}` : `closed ${news.uri}`,
    ),
  );
  documents.open(open('/w/a.ts', 'abc'));
  documents.open(open('/w/.env', 'KEY=1'));
  const changes = [
    { offset: 0, length: 1, text: 'x' },
    { offset: 2, length: 0, text: 'y' },
  ];
  documents.change({ uri: '/w/a.ts', version: 2, changes });
  documents.change({ uri: '/w/.env', version: 2, changes });
  documents.open(open('/w/a.ts', 'again'));
  documents.close('/w/a.ts');
  documents.close('/w/a.ts');
  assert.deepEqual(heard, ['abc 2+y', 'abyc 0+x', 'closed /w/a.ts', 'closed /w/a.ts']);
  stop();
  documents.open(open('/w/b.ts', 'abc'));
  documents.change({ uri: '/w/b.ts', version: 2, changes });
  assert.equal(heard.length, 4);
});
