import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DocumentChange } from '../../protocol/rpc.ts';
import { applyChanges } from './documents.ts';
import { editedLines, LatestEditTracker } from './latestEdit.ts';

/** A document that is edited, and the tracker that hears of it. */
function start(text: string) {
  const tracker = new LatestEditTracker();
  const self = {
    text,
    tracker,
    change(changes: readonly DocumentChange[], at: number, reason?: 'undo') {
      tracker.record(self.text, changes, at, reason);
      self.text = applyChanges(self.text, changes);
    },
    type(after: string, typed: string, at: number) {
      for (const [index, key] of [...typed].entries()) {
        const offset = self.text.indexOf(after) + after.length + index;
        self.change([{ offset, length: 0, text: key }], at);
      }
    },
    lines: () => (tracker.edit ? editedLines(self.text, tracker.edit) : null),
  };
  return self;
}

test('keys on one line are one edit, with the line as it was before the first of them', () => {
  const d = start('one\nsave(a);\nthree\n');
  d.type('save(a', ', b', 0);
  d.type('', 'x', 0);
  d.change([{ offset: 0, length: 1, text: '' }], 1);
  d.type('save', 'All', 2);
  d.type('saveAll(a, b', ', c', 3);
  assert.deepEqual(d.lines(), { before: 'save(a, b);', after: 'saveAll(a, b, c);', start: 4 });
});

test('a key elsewhere begins another edit, and so does a long pause', () => {
  const d = start('one\ntwo\nthree\n');
  d.type('one', '1', 0);
  const first = d.tracker.edit?.serial;
  d.type('three', '3', 1);
  assert.notEqual(d.tracker.edit?.serial, first);
  assert.deepEqual(d.lines(), { before: 'three', after: 'three3', start: 9 });
  d.type('three3', '!', 40_000);
  assert.deepEqual(d.lines(), { before: 'three3', after: 'three3!', start: 9 });
});

test('several places at once, undo and redo, and huge replacements are no edit of one place', () => {
  const several = start('a\nb\nc\n');
  several.change(
    [
      { offset: 4, length: 1, text: 'z' },
      { offset: 0, length: 1, text: 'x' },
    ],
    0,
  );
  assert.equal(several.tracker.edit, null);
  const undone = start('a\nb\n');
  undone.type('a', '1', 0);
  undone.change([{ offset: 1, length: 1, text: '' }], 1, 'undo');
  assert.equal(undone.tracker.edit, null);
  const pasted = start('a\n');
  pasted.change([{ offset: 0, length: 0, text: 'x'.repeat(5000) }], 0);
  assert.equal(pasted.tracker.edit, null);
});

test('white space that the editor trims elsewhere, along with a key, is not part of the edit', () => {
  const d = start('one\n    \ntwo\n    \nthree\n');
  d.change(
    [
      { offset: 13, length: 4, text: '' },
      { offset: 9, length: 3, text: 'TWO' },
      { offset: 4, length: 4, text: '' },
    ],
    0,
  );
  assert.equal(d.text, 'one\n\nTWO\n\nthree\n');
  assert.deepEqual(d.lines(), { before: 'two', after: 'TWO', start: 5 });
  d.change(
    [
      { offset: 4, length: 0, text: '  ' },
      { offset: 0, length: 0, text: '  ' },
    ],
    1,
  );
  assert.deepEqual(d.lines(), { before: 'two', after: 'TWO', start: 9 });
});

test('whatever is typed: taking the edit back gives the text as it was before it', () => {
  const change = fc.record({
    offset: fc.nat(60),
    length: fc.nat(6),
    text: fc.constantFrom('', 'x', 'yy', '\n', 'a\nb'),
  });
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', ' ', '\n'), maxLength: 60 }),
      fc.array(change),
      (text, changes) => {
        const d = start(text);
        let begun = text;
        let serial: number | undefined;
        for (const [at, { offset, length, text: typed }] of changes.entries()) {
          const before = d.text;
          const from = Math.min(offset, before.length);
          d.change([{ offset: from, length: Math.min(length, before.length - from), text: typed }], at);
          const { edit } = d.tracker;
          assert.ok(edit);
          if (edit.serial !== serial) begun = before;
          serial = edit.serial;
          assert.equal(d.text.slice(0, edit.start) + edit.before + d.text.slice(edit.end), begun);
        }
      },
    ),
  );
});
