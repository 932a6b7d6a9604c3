import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FocusPlace, type KeyPress, keyAction } from './keys.ts';

const places: readonly FocusPlace[] = ['text', 'search', 'slider', 'choice', 'button', 'card', 'elsewhere'];
const press = (key: string, modifiers: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...modifiers,
});

test('digits rate 1 to 9, and 0 rates 10', () => {
  for (let digit = 1; digit <= 9; digit++) {
    assert.deepEqual(keyAction(press(String(digit)), 'card'), { type: 'score', score: digit });
  }
  assert.deepEqual(keyAction(press('0'), 'card'), { type: 'score', score: 10 });
});

test('arrows move between cards, but stay with the slider and the drop-down', () => {
  assert.deepEqual(keyAction(press('ArrowRight'), 'card'), { type: 'move', to: 'next' });
  assert.deepEqual(keyAction(press('ArrowUp'), 'button'), { type: 'move', to: 'previous' });
  assert.deepEqual(keyAction(press('End'), 'card'), { type: 'move', to: 'last' });
  for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End']) {
    assert.equal(keyAction(press(key), 'slider'), null, key);
    assert.equal(keyAction(press(key), 'choice'), null, key);
    assert.equal(keyAction(press(key), 'text'), null, key);
  }
});

test('every letter of the help does what it says, with Caps Lock too', () => {
  assert.deepEqual(keyAction(press('g'), 'card'), { type: 'thumb', thumb: 'up' });
  assert.deepEqual(keyAction(press('B'), 'card'), { type: 'thumb', thumb: 'down' });
  for (const [key, type] of [
    ['s', 'save'],
    ['N', 'nextUnrated'],
    ['w', 'why'],
    ['o', 'open'],
    ['t', 'trace'],
    ['Delete', 'delete'],
    ['/', 'search'],
    ['?', 'help'],
    ['Enter', 'form'],
    ['Escape', 'leave'],
  ] as const) {
    assert.deepEqual(keyAction(press(key), 'card'), { type }, key);
  }
});

test('typing text never rates, moves or deletes', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme' }),
      fc.constantFrom('text', 'search'),
      (key, place) => {
        assert.equal(keyAction(press(key), place as FocusPlace), null);
      },
    ),
  );
  assert.equal(keyAction(press('Delete'), 'text'), null);
  assert.equal(keyAction(press('Backspace'), 'search'), null);
});

test('keys with Ctrl, Cmd or Alt belong to VS Code, except Ctrl+Enter in a text', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('g', 's', 'n', '1', '/', 'ArrowDown', 'Delete', 'Home', 'Escape'),
      fc.constantFrom('ctrlKey', 'metaKey', 'altKey'),
      fc.constantFrom(...places),
      (key, modifier, place) => assert.equal(keyAction(press(key, { [modifier]: true }), place), null),
    ),
  );
  assert.deepEqual(keyAction(press('Enter', { ctrlKey: true }), 'text'), { type: 'save' });
  assert.deepEqual(keyAction(press('Enter', { metaKey: true }), 'text'), { type: 'save' });
  assert.equal(keyAction(press('Enter', { ctrlKey: true }), 'search'), null);
});

test('Enter and Space on a button press the button', () => {
  assert.equal(keyAction(press('Enter'), 'button'), null);
  assert.equal(keyAction(press(' '), 'button'), null);
});
