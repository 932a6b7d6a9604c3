import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RestartPolicy, restartLimits } from './restartPolicy.ts';

test('a first crash costs a quarter of a second, the next ones twice as long each', () => {
  const policy = new RestartPolicy();
  const delays = [0, 1000, 2000, 3000].map((now) => {
    const verdict = policy.crashed(now);
    return verdict.type === 'restart' ? verdict.delayMs : null;
  });
  assert.deepEqual(delays, [250, 500, 1000, 2000]);
});

test('the user is told once for a series of crashes, and again after a healthy minute', () => {
  const policy = new RestartPolicy();
  const told: boolean[] = [];
  const crash = (now: number) => {
    const verdict = policy.crashed(now);
    told.push(verdict.type === 'restart' && verdict.first);
    return verdict;
  };
  policy.ready(0);
  crash(10_000);
  policy.ready(11_000);
  crash(20_000);
  policy.ready(21_000);
  const verdict = crash(21_000 + restartLimits.healthyMs);
  assert.deepEqual(told, [true, false, true]);
  assert.equal(verdict.type === 'restart' && verdict.delayMs, 250);
});

test('an engine that dies five times in three minutes is left alone instead of spinning forever', () => {
  const policy = new RestartPolicy();
  const verdicts = [0, 40_000, 80_000, 120_000, 160_000].map((now) => policy.crashed(now).type);
  assert.deepEqual(verdicts, ['restart', 'restart', 'restart', 'restart', 'giveUp']);
});

test('crashes far apart never blow the fuse, and the wait never passes half a minute', () => {
  const policy = new RestartPolicy();
  for (let run = 0; run < 20; run++) {
    const verdict = policy.crashed(run * 46_000);
    assert.equal(verdict.type, 'restart');
    assert.ok(verdict.type === 'restart' && verdict.delayMs <= 30_000);
    if (run > 8) assert.equal(verdict.type === 'restart' && verdict.delayMs, 30_000);
  }
});

test('being ready for less than a minute does not restart the count', () => {
  const policy = new RestartPolicy();
  policy.crashed(0);
  policy.ready(1000);
  const verdict = policy.crashed(1000 + restartLimits.healthyMs - 1);
  assert.equal(verdict.type === 'restart' && verdict.delayMs, 500);
});

test('a restart asked for by the user starts with a clean slate', () => {
  const policy = new RestartPolicy();
  for (let now = 0; now < 5; now++) policy.crashed(now);
  policy.reset();
  assert.deepEqual(policy.crashed(10), { type: 'restart', delayMs: 250, crashes: 1, first: true });
});
