import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyRules, nameParts, ruleBetween } from './rename.ts';

const carried: readonly (readonly [from: string, to: string, name: string, expected: string | null])[] = [
  ['user', 'order', 'userId', 'orderId'],
  ['user', 'order', 'users', 'orders'],
  ['user', 'order', 'getUser', 'getOrder'],
  ['user', 'order', 'USER_LIMIT', 'ORDER_LIMIT'],
  ['user', 'order', 'user_name', 'order_name'],
  ['user', 'order', 'superuser', null],
  ['loadUser', 'loadOrder', 'UserService', 'OrderService'],
  ['user', 'lineItem', 'getUser', 'getLineItem'],
  ['user', 'lineItem', 'userId', 'lineItemId'],
  ['user', 'lineItem', 'user_id', 'line_item_id'],
  ['user_id', 'order_id', 'save_user', 'save_order'],
  ['a', 'b', 'data', null],
  ['x1', 'x2', 'x1y', null],
];
for (const [from, to, name, expected] of carried) {
  test(`${from} → ${to} makes ${name} ${expected ?? 'stay'}`, () => {
    const rule = ruleBetween(from, to);
    assert.equal(rule === null ? null : applyRules(name, [rule]), expected);
  });
}

test('no name is lost or broken by taking it apart', () => {
  fc.assert(fc.property(fc.string({ minLength: 1 }), (name) => assert.equal(nameParts(name).join(''), name)));
  const word = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,12}$/);
  fc.assert(
    fc.property(word, word, word, (from, to, name) => {
      const rule = ruleBetween(from, to);
      const renamed = rule && applyRules(name, [rule]);
      if (typeof renamed === 'string') assert.match(renamed, /^[a-zA-Z_][a-zA-Z0-9_]*$/);
    }),
  );
});
