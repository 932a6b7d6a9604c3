import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeLabel, timeTicks } from './time.ts';

const at = (...parts: [number, number, number, number?, number?]): number => new Date(...parts).getTime();

test('an hour is cut at minutes, a day at hours, a week at midnights, a year at first days of months', () => {
  const hour = timeTicks([at(2026, 10, 26, 9, 3), at(2026, 10, 26, 10, 3)], 6);
  assert.deepEqual(
    hour.at.map((one) => new Date(one).getMinutes()),
    [15, 30, 45, 0],
  );
  const week = timeTicks([at(2026, 10, 20, 9), at(2026, 10, 26, 9)], 7);
  assert.equal(week.unit, 'day');
  assert.ok(week.at.every((one) => new Date(one).getHours() === 0));
  assert.equal(week.at.length, 6);
  const year = timeTicks([at(2025, 10, 20), at(2026, 10, 26)], 6);
  assert.equal(year.unit, 'month');
  assert.ok(year.at.every((one) => new Date(one).getDate() === 1));
});

test('days are the calendar’s, also over a change of the clock', () => {
  const { at: moments } = timeTicks([at(2026, 2, 20), at(2026, 3, 5)], 20);
  assert.ok(moments.length >= 14);
  assert.ok(moments.every((one) => new Date(one).getHours() === 0));
});

test('never more labels than there is room for, from a second to a century', () => {
  for (let length = 1000; length < 4e12; length *= 3) {
    const { at: moments } = timeTicks([at(2026, 0, 3), at(2026, 0, 3) + length], 5);
    assert.ok(moments.length <= 7, `${moments.length} at ${length}`);
  }
});

test('labels tell what differs', () => {
  assert.match(timeLabel(at(2026, 10, 26, 9, 5), 'minute', 'en'), /9:05/);
  assert.match(timeLabel(at(2026, 10, 26), 'day', 'en'), /Nov 26/);
  assert.match(timeLabel(at(2026, 10, 1), 'month', 'en'), /Nov 2026/);
});
