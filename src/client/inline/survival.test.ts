import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { survival } from './survival.ts';

test('what only a formatter touched has survived whole', () => {
  assert.equal(survival('if(a){return b}', 'if (a) {\n  return b\n}'), 1);
});

test('what was deleted has not survived, what was half rewritten has by half', () => {
  assert.equal(survival('return failure();', ''), 0);
  const half = survival('const total = sum(values); return total;', 'const total = sum(values); throw new Error();');
  assert.ok(half > 0.4 && half < 0.8, `${half}`);
});

test('text around it takes nothing away', () => {
  assert.equal(survival('total += 1;', 'log(x); total += 1; done();'), 1);
});

test('of a short text one corrected character leaves something', () => {
  assert.ok(survival('a - b;', 'a + b;') > 0);
  assert.equal(survival('ab', 'xaby'), 1);
  assert.equal(survival('ab', 'ba'), 0);
  assert.equal(survival(';', ''), 0);
});

test('a share lies between 0 and 1, and a text is its own whole', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      const share = survival(a, b);
      assert.ok(share >= 0 && share <= 1);
      assert.equal(survival(a, a), 1);
    }),
  );
});
