import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesIn, sameButNames } from './names.ts';

const compare = (text: string, other: string, over: { languageId?: string; begins?: boolean; keep?: string } = {}) =>
  sameButNames(text, other, {
    languageId: over.languageId ?? 'typescript',
    begins: over.begins ?? false,
    interchangeable: (name) => name !== over.keep,
  });

test('the same with other names and another layout is the same', () => {
  assert.equal(
    compare('const user = await load(id);', 'const order=await load( key );'),
    'const=await'.length + 'load();'.length,
  );
  assert.notEqual(compare('for (const a of b) {\n  a();\n}', 'for (const x of y) { x(); }'), null);
  assert.notEqual(
    compare('if err != nil {\n\treturn err\n}', 'if e != nil {\n  return e\n}', { languageId: 'go' }),
    null,
  );
  assert.notEqual(compare('def f(x):\n    return x', 'def g(y):\n  return y', { languageId: 'python' }), null);
  assert.notEqual(compare('let a = Vec::new();', 'let b = Vec::new();', { languageId: 'rust' }), null);
});

test('members, keywords, literals and punctuation are no names', () => {
  for (const [text, other] of [
    ['a.push(b);', 'a.pop(b);'],
    ['a?.push(b);', 'a?.pop(b);'],
    ['a->next = b;', 'a->last = b;'],
    ['Vec::new()', 'Vec::from()'],
    ['const a = 1;', 'let a = 1;'],
    ['a = 1;', 'a = 2;'],
    ["load('users');", "load('orders');"],
    ['a + b', 'a - b'],
    ['// load the user', '// save the user'],
  ] as const) {
    assert.equal(compare(text, other), null, `${text} and ${other}`);
  }
  assert.equal(compare('x = 1  # first try', 'x = 1  # second try', { languageId: 'python' }), null);
  assert.notEqual(compare('f(...args)', 'f(...rest)'), null, 'what is spread is a name');
});

test('one name can’t stand for two', () => {
  assert.equal(compare('a = b + b', 'x = y + z'), null);
  assert.equal(compare('a = b + c', 'x = y + y'), null);
  assert.notEqual(compare('swap(a, b)', 'swap(b, a)'), null);
});

test('a pair of names that is a real choice makes two suggestions', () => {
  assert.equal(compare('load(id);', 'load(key);', { keep: 'id' }), null);
  assert.notEqual(compare('load(id);', 'load(id);', { keep: 'id' }), null);
});

test('a text that goes on begins with the other, never the other way round', () => {
  assert.notEqual(compare('load(id).then(use);', 'load(key)', { begins: true }), null);
  assert.equal(compare('load(id)', 'load(key).then(use);', { begins: true }), null);
  assert.equal(compare('load(id).then(use);', 'load(key)'), null);
  assert.equal(compare('a();', '', { begins: true }), null);
});

test('where words are content they are compared as they stand', () => {
  for (const languageId of ['css', 'markdown', 'html', 'shellscript', 'yaml']) {
    assert.equal(compare('color: red;', 'margin: auto;', { languageId }), null);
  }
});

test('names of a text', () => {
  assert.deepEqual([...namesIn('const a1 = b.größe(3, "c");')], ['const', 'a1', 'b', 'größe', 'c']);
});
