import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figureText, intervalText, number, percent, tickNumber } from './numbers.ts';
import { trainingTranslator } from './strings.ts';

const t = trainingTranslator({});
const show = (value: number | null): string => number(value, 'en');

test('numbers are as exact as they can be read, with a true minus, in the reader’s language', () => {
  assert.equal(show(0.6249), '0.62');
  assert.equal(show(-0.3), '−0.30');
  assert.equal(show(1234.5), '1,235');
  assert.equal(show(0.0042), '0.0042');
  assert.equal(show(0.000_012), '1.2E−5'.replace('−', '-'));
  assert.equal(show(null), '–');
  assert.equal(show(Number.POSITIVE_INFINITY), '–');
  assert.equal(number(0.5, 'de'), '0,50');
});

test('neighbouring ticks never read the same', () => {
  assert.equal(tickNumber(0.25, 0.05, 'en'), '0.25');
  assert.equal(tickNumber(0.2, 0.05, 'en'), '0.20');
  assert.equal(tickNumber(-200, 100, 'en'), '−200');
  assert.equal(tickNumber(2_000_000, 500_000, 'en'), '2M');
  assert.notEqual(tickNumber(0.0002, 0.0001, 'en'), tickNumber(0.0001, 0.0001, 'en'));
});

test('shares are in percent; changes have a sign, and nothing is −0', () => {
  assert.equal(percent(0.337, 'en'), '34\u00a0%');
  assert.equal(percent(0.09, 'en', true), '+9\u00a0%');
  assert.equal(percent(-0.004, 'en', true), '0\u00a0%');
  assert.equal(percent(null, 'en'), '–');
});

test('an unknown bound is said, not drawn as if it were known', () => {
  assert.equal(figureText({ value: 0.6, low: 0.4, high: 0.8 }, t, show), '0.60 (0.40 to 0.80)');
  assert.equal(figureText({ value: 0.6, low: 0.4, high: null }, t, show), '0.60 (at least 0.40)');
  assert.equal(figureText({ value: null, low: null, high: 0.2 }, t, show), '– (at most 0.20)');
  assert.equal(figureText({ value: 0.6, low: null, high: null }, t, show), '0.60');
  assert.equal(intervalText({ low: null, high: null }, t, show), null);
});
