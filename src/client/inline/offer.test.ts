import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DocumentChange } from '../../protocol/rpc.ts';
import { type Advance, advance, cursorOf, type LiveItem, restOf, visible } from './offer.ts';

/** `const x = foo|` with a candidate that continues it; `tail` behind the cursor is replaced. */
const item = (typed: string, rest: string, tail = '', start = 100): LiveItem => ({
  candidateId: 'c',
  fullText: typed + rest,
  start,
  lead: typed.length,
  typed,
  tail,
  floor: typed.length,
});
const change = (offset: number, length: number, text: string): DocumentChange => ({ offset, length, text });
const liveRest = (step: Advance): string => {
  assert.ok(step.type === 'live' || step.type === 'partly', `expected it alive, got ${step.type}`);
  return restOf(step.item);
};

test('typing the next characters keeps the suggestion, with a shorter rest', () => {
  const first = advance(item('return ', 'a + b;'), change(107, 0, 'a'));
  assert.equal(liveRest(first), ' + b;');
  assert.ok(first.type === 'live');
  assert.equal(liveRest(advance(first.item, change(108, 0, ' '))), '+ b;');
});

test('typing something else ends it', () => {
  assert.deepEqual(advance(item('return ', 'a + b;'), change(107, 0, 'x')), { type: 'ended', why: 'typedPast' });
});

test('Tab is seen as accepted, whatever way the editor writes the same edit', () => {
  const offered = item('  ret', 'urn a;', ')');
  const end = 102 + 'return a;'.length;
  const complete = { type: 'complete', start: 105, end, how: 'inserted' };
  assert.deepEqual(advance(offered, change(105, 1, 'urn a;')), complete);
  assert.deepEqual(advance(offered, change(102, 4, 'return a;')), complete);
  assert.deepEqual(advance(offered, change(100, 6, '  return a;')), complete);
});

test('a file with Windows line ends is accepted too, and its range counts both characters', () => {
  const step = advance(item('if (a) {', '\n  b();\n}'), change(108, 0, '\r\n  b();\r\n}'));
  assert.deepEqual(step, { type: 'complete', start: 108, end: 108 + '\r\n  b();\r\n}'.length, how: 'inserted' });
});

test('typing the last character is told from pressing Tab', () => {
  assert.deepEqual(advance(item('f(', ')'), change(102, 0, ')')), {
    type: 'complete',
    start: 102,
    end: 103,
    how: 'typed',
  });
});

test('a bracket that the editor closes by itself does not end the suggestion', () => {
  const step = advance(item('f', 'oo(a, b);'), change(101, 0, 'oo'));
  const opened = advance((step as { item: LiveItem }).item, change(103, 0, '()'));
  assert.ok(opened.type === 'live');
  assert.equal(cursorOf(opened.item), 104);
  assert.equal(opened.item.tail, ')');
  assert.equal(liveRest(opened), 'a, b);');
  const typedOver = advance({ ...opened.item, typed: 'foo(a, b' }, change(108, 1, ')'));
  assert.equal(liveRest(typedOver), ';');
});

test('accepting a word is a partial accept; a pair, an indent or one character is typing', () => {
  const partly = advance(item('', 'return a + b;'), change(100, 0, 'return'));
  assert.ok(partly.type === 'partly');
  assert.equal(partly.text, 'return');
  assert.equal(advance(item('', ' i = 1'), change(100, 0, ' i')).type, 'partly');
  assert.equal(advance(item('', 'return a'), change(100, 0, 'ret')).type, 'live');
  assert.equal(advance(item('{', '\n  a();\n}'), change(101, 0, '\n  ')).type, 'live');
  assert.equal(advance(item('', '𠮷田'), change(100, 0, '𠮷')).type, 'live');
});

test('a completion of the suggest widget that agrees keeps the suggestion', () => {
  const step = advance(item('con', 'sole.log(x)'), change(100, 3, 'console'));
  assert.equal(liveRest(step), '.log(x)');
  assert.equal(step.type, 'live');
});

test('backspace over what was typed along brings the rest back; further back ends it', () => {
  const typed = advance(item('let ', 'x = 1'), change(104, 0, 'x'));
  assert.ok(typed.type === 'live');
  assert.equal(liveRest(advance(typed.item, change(104, 1, ''))), 'x = 1');
  assert.deepEqual(advance(item('let ', 'x = 1'), change(103, 1, '')), { type: 'ended', why: 'deleted' });
});

test('edits elsewhere move it along or leave it alone', () => {
  const above = advance(item('a', 'bc'), change(10, 2, 'longer'));
  assert.ok(above.type === 'live' && above.item.start === 104);
  const below = advance(item('a', 'bc', ')'), change(102, 0, 'x'));
  assert.ok(below.type === 'live' && below.item.start === 100);
  assert.equal(advance(item('a', 'bc', ')'), change(99, 5, '')).type, 'ended');
});

test('a suggestion the editor would not draw is not counted as shown', () => {
  assert.ok(visible(item('f(', 'a, b)', ')')));
  assert.ok(!visible(item('f(', 'a, b', ')')));
  assert.ok(!visible(item('f', '')));
  assert.ok(!visible({ ...item('f', 'oo'), typed: 'g' }));
});

test('through any typing, what is believed typed is what stands in the document', () => {
  const alphabet = fc.constantFrom('a', 'b', '(', ')', '\n', ' ');
  const word = fc.string({ unit: alphabet, maxLength: 8 });
  const step = fc.record({ at: fc.nat(20), length: fc.nat(3), text: word, along: fc.boolean() });
  fc.assert(
    fc.property(word, word, word, fc.array(step, { maxLength: 12 }), (prefix, rest, tail, steps) => {
      const typed = prefix.replaceAll('\n', ' ');
      const behind = tail.replaceAll('\n', ' ').slice(0, 2);
      let text = `above\n${typed}${behind}\nbelow`;
      let live: LiveItem = item(typed, rest, behind, 6);
      for (const { at, length, text: inserted, along } of steps) {
        // Half of the steps type along, so that the offer lives long enough to be tried.
        const offset = along ? cursorOf(live) : Math.min(at, text.length);
        const one = along
          ? change(offset, 0, restOf(live).slice(0, 1 + (at % 3)))
          : change(offset, Math.min(length, text.length - offset), inserted);
        text = text.slice(0, one.offset) + one.text + text.slice(one.offset + one.length);
        const result = advance(live, one);
        if (result.type === 'complete') {
          assert.equal(text.slice(result.start, result.end), live.fullText.slice(live.lead));
          return;
        }
        if (result.type === 'ended') return;
        live = result.item;
        assert.equal(text.slice(live.start, cursorOf(live) + live.tail.length), live.typed + live.tail);
        assert.ok(live.fullText.startsWith(live.typed));
      }
    }),
    { numRuns: 1000 },
  );
});
