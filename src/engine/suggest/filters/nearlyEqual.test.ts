import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { distance } from './distance.ts';
import { isWrittenAgain, nearlyEqual } from './nearlyEqual.ts';

test('a character in eleven is next to nothing, one in ten is not', () => {
  assert.ok(nearlyEqual('const ab = c;', 'const ab = d;'));
  assert.ok(!nearlyEqual('a = bcdefg', 'a = bcdefh'));
  assert.ok(nearlyEqual('  a = b;', 'a   =  b;'), 'white space is nothing');
});

test('in a row of lines alike only the same line is written again', () => {
  const [first, second, third] = [
    'case "one": return parse(1);',
    'case "two": return parse(2);',
    'case "six": return parse(6);',
  ];
  assert.ok(!isWrittenAgain(second!, third!, first!));
  assert.ok(isWrittenAgain(third!, third!, first!));
  assert.ok(isWrittenAgain('export function loadAllUsers(id) {', 'export function loadAllUsers(ids) {', '}'));
  assert.ok(isWrittenAgain('export function loadAllUsers(id) {', 'export function loadAllUsers(ids) {', null));
  const [one, two] = ["import { alpha } from './library/a.ts';", "import { alpha } from './library/b.ts';"];
  assert.ok(!isWrittenAgain(one!, two!, "import { alpha } from './library/c.ts';"));
});

test('the distance is the least number of edits, as far as it is asked for', () => {
  const naive = (a: string, b: string): number =>
    a === '' || b === ''
      ? a.length + b.length
      : Math.min(
          naive(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1),
          naive(a.slice(1), b) + 1,
          naive(a, b.slice(1)) + 1,
        );
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
  fc.assert(
    fc.property(text, text, fc.nat(7), (a, b, most) => {
      assert.equal(distance(a, b, most), Math.min(naive(a, b), most + 1));
    }),
  );
});
