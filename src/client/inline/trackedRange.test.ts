import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DocumentChange } from '../../protocol/rpc.ts';
import { shiftRange, touches, trackRange } from './trackedRange.ts';

/** Edits `text` around and inside «…» and shows where the range is afterwards. */
function edit(marked: string, ...changes: readonly DocumentChange[]): string {
  const start = marked.indexOf('«');
  let text = marked.replace('«', '');
  let range = trackRange(start, text.indexOf('»'));
  text = text.replace('»', '');
  for (const change of changes) {
    range = shiftRange(range, change);
    text = text.slice(0, change.offset) + change.text + text.slice(change.offset + change.length);
  }
  return `${text.slice(0, range.start)}«${text.slice(range.start, range.end)}»${text.slice(range.end)}`;
}
const change = (offset: number, length: number, text: string): DocumentChange => ({ offset, length, text });

test('edits elsewhere in the file do not lose the suggestion', () => {
  assert.equal(edit('ab«cd»ef', change(0, 1, 'xyz')), 'xyzb«cd»ef');
  assert.equal(edit('ab«cd»ef', change(5, 1, '')), 'ab«cd»e');
});

test('a correction inside the suggestion is part of what the developer wanted', () => {
  assert.equal(edit('f(«a - b»);', change(4, 1, '+')), 'f(«a + b»);');
  assert.equal(edit('f(«a - b»);', change(2, 5, 'c')), 'f(«c»);');
});

test('what is typed after the suggestion is not part of it', () => {
  assert.equal(edit('«foo()»', change(5, 0, ';')), '«foo()»;');
  assert.equal(edit('«foo()»', change(0, 0, 'x')), 'x«foo()»');
});

test('deleting the tail and typing another one is a correction', () => {
  assert.equal(
    edit('«foo(bar)»', change(7, 1, ''), change(4, 3, ''), change(4, 0, 'baz'), change(7, 0, ')')),
    '«foo(baz)»',
  );
  assert.equal(edit('«foo(bar)»', change(4, 4, ''), change(4, 0, 'x)\n'), change(7, 0, 'next')), '«foo(x)\n»next');
});

test('deleting all of it and typing something else is a correction', () => {
  assert.equal(edit('a«bcd»e', change(1, 3, ''), change(1, 0, 'X'), change(2, 0, 'Y')), 'a«XY»e');
});

test('a replacement across an edge belongs to the suggestion', () => {
  assert.equal(edit('ab«cd»ef', change(1, 2, 'XY')), 'a«XYd»ef');
  assert.equal(edit('ab«cd»ef', change(3, 2, 'XY')), 'ab«cXY»f');
  assert.equal(edit('ab«cd»ef', change(0, 6, 'XY')), '«XY»');
});

test('only a change of the text itself counts as touching it', () => {
  const range = trackRange(2, 4);
  assert.ok(touches(range, change(3, 0, 'x')));
  assert.ok(touches(range, change(0, 9, '')));
  assert.ok(touches(range, change(3, 3, '')));
  assert.ok(!touches(range, change(2, 0, 'x')));
  assert.ok(!touches(range, change(4, 0, 'x')));
  assert.ok(!touches(range, change(0, 2, '')));
  assert.ok(!touches(range, change(4, 2, '')));
});

test('after any edits, every surviving character is on the same side of the range as before', () => {
  // Each original character has its own code point, so it can be found again wherever it went.
  const original = Array.from({ length: 40 }, (_, index) => String.fromCharCode(0x4e00 + index)).join('');
  const step = fc.record({
    at: fc.nat(60),
    length: fc.nat(6),
    text: fc.string({ maxLength: 5, unit: 'grapheme-ascii' }),
  });
  const ends = fc.tuple(fc.nat(40), fc.nat(40));
  fc.assert(
    fc.property(ends, fc.array(step, { maxLength: 25 }), ([a, b], steps) => {
      const start = Math.min(a, b);
      const end = Math.max(a, b);
      let range = trackRange(start, end);
      let text = original;
      for (const { at, length, text: inserted } of steps) {
        const offset = Math.min(at, text.length);
        const one = change(offset, Math.min(length, text.length - offset), inserted);
        range = shiftRange(range, one);
        text = text.slice(0, offset) + inserted + text.slice(offset + one.length);
        assert.ok(0 <= range.start && range.start <= range.end && range.end <= text.length);
      }
      for (let index = 0; index < original.length; index++) {
        const now = text.indexOf(original[index] ?? '');
        if (now < 0) continue;
        const was = index >= start && index < end;
        const is = now >= range.start && now < range.end;
        assert.equal(is, was, `character ${index}`);
      }
    }),
    { numRuns: 500 },
  );
});
