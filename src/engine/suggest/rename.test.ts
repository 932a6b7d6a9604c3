import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignLines, renamed, restAfter } from './rename.ts';

test('the same line with another name gives that name, and only if it is used the same way throughout', () => {
  assert.deepEqual(
    alignLines('const user = await load(user.id);', 'const order = await load(order.id);'),
    new Map([['user', 'order']]),
  );
  assert.equal(alignLines('const user = await load(user.id);', 'const order = await load(item.id);'), null);
  assert.equal(alignLines('a.push(b);', 'x.pop(y);'), null, 'too little in common');
  assert.equal(alignLines('const a = b;', 'const b = b;'), null, 'two names cannot become one');
  assert.deepEqual(alignLines('const a = 1;', 'const a = 1;'), new Map());
});

test('the rest of a line follows what was typed of it, under the new names', () => {
  assert.deepEqual(restAfter('if (user === null) return user;', 'if (order'), null, 'one word of two is no evidence');
  const known = new Map([['user', 'order']]);
  assert.equal(restAfter('if (user === null) return user;', 'if (order', known)?.rest, ' === null) return order;');
  assert.equal(restAfter('const user = await load(user.id);', 'const order = await ')?.rest, 'load(order.id);');
  assert.equal(restAfter('const user = await load(user.id);', 'const order = await lo')?.rest, 'ad(order.id);');
  assert.equal(restAfter('return a;', 'throw'), null);
});

test('only whole names change', () => {
  assert.equal(renamed('user.username + user', new Map([['user', 'order']])), 'order.username + order');
});
