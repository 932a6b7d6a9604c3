import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../../tensor/random.ts';
import { alarmReason, expectationOf, rewardWatch } from './rewardWatch.ts';

/** Rewards of decisions of which so large a share is accepted; the decision of the alarm, or null. */
function watched(expected: number, share: number, decisions: number, seed: number): number | null {
  const watch = rewardWatch(expectationOf(expected));
  const random = seeded(seed);
  for (let i = 1; i <= decisions; i += 1) {
    if (watch.add(random() < share ? 0.75 : -0.25) !== null) return i;
  }
  return null;
}

test('rewards as expected seldom alarm; when acceptance falls from six in ten to one in ten it is noticed within some fifty decisions', () => {
  const seeds = Array.from({ length: 40 }, (_, i) => i);
  const early = seeds.filter((seed) => watched(0.35, 0.6, 100, seed) !== null).length;
  assert.ok(early <= 2, `${early} of 40 within the first hundred`);
  const found = seeds.map((seed) => watched(0.35, 0.1, 200, seed) ?? 999).sort((a, b) => a - b);
  assert.ok(found[20]! <= 25 && found[38]! <= 60, found.join());
});

test('an alarm comes once, and says what was seen and what was expected', () => {
  const watch = rewardWatch(expectationOf(0.4));
  const alarms = Array.from({ length: 40 }, () => watch.add(-0.25)).filter((one) => one !== null);
  assert.equal(alarms.length, 1);
  assert.match(
    alarmReason(alarms[0]!),
    /^The last \d+ decisions brought −0.25 each on average, where 0.40 was expected.$/,
  );
});

test('a version of which nothing, or everything, was expected is watched, too', () => {
  for (const mean of [-0.25, 0.75]) assert.equal(expectationOf(mean).deviation, 0.2);
  assert.equal(expectationOf(0.25).deviation, 0.5);
});
