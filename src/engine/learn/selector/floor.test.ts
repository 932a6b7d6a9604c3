import assert from 'node:assert/strict';
import { it } from 'node:test';
import { makeFloor } from './floor.ts';

const silent = { policy: [0, 0, 1], shown: [0.2, 0.8] };

it('mixes 5 % of uniform into what the policy wishes', () => {
  const [a, b, c] = makeFloor().apply(silent);
  assert.ok(Math.abs(a! - 0.05 / 3) < 1e-12 && Math.abs(b! - 0.05 / 3) < 1e-12);
  assert.ok(Math.abs(c! - (0.95 + 0.05 / 3)) < 1e-12);
});

it('shows a tenth once fewer than a quarter of the last 40 were shown, the policy’s favourite first', () => {
  const floor = makeFloor();
  for (let i = 0; i < 39; i += 1) floor.note({ shown: i % 5 === 0 });
  assert.equal(floor.forced, false, 'not before there are 40');
  floor.note({ shown: false });
  assert.equal(floor.forced, true);
  const [a, b, silence] = floor.apply(silent);
  assert.ok(a! + b! >= 0.1 && b! > a!);
  assert.ok(Math.abs(a! + b! + silence! - 1) < 1e-12);
  for (let i = 0; i < 10; i += 1) floor.note({ shown: true });
  assert.equal(floor.forced, false, 'a quarter was shown again');
});
