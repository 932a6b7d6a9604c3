import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionAt, drawAmong, shownOnly } from './choose.ts';

const close = (a: number, b: number, by: number, what: string): void =>
  assert.ok(Math.abs(a - b) <= by, `${what}: ${a} for ${b}`);
test('over many seeds each action comes as often as its propensity says, and the same seed draws the same', () => {
  const probabilities = [0.6, 0.025, 0.3, 0.075];
  const counts = [0, 0, 0, 0];
  const seeds = 20_000;
  for (let seed = 0; seed < seeds; seed += 1) {
    const action = actionAt(probabilities, drawAmong(seed, 'a.ts', ['b();', 'a();']));
    assert.equal(
      action,
      actionAt(probabilities, drawAmong(seed, 'a.ts', ['a();', 'b();'])),
      'in whatever order they come',
    );
    counts[action]! += 1;
  }
  for (const [i, p] of probabilities.entries()) {
    // Four standard errors.
    close(counts[i]! / seeds, p, 4 * Math.sqrt((p * (1 - p)) / seeds), `action ${i}`);
  }
});

test('a draw at the very end falls on something that can come', () => {
  assert.equal(actionAt([0.1 + 0.2, 0.7 - 1e-17, 0], 1 - 2 ** -53), 1);
});

test('where something was asked for, what silence would have got is shared out', () => {
  assert.deepEqual(
    shownOnly([0.3, 0.1, 0.6]).map((p) => Number(p.toFixed(12))),
    [0.75, 0.25, 0],
  );
  assert.deepEqual(shownOnly([0, 0, 1]), [0.5, 0.5, 0]);
});
