import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlaceFinder } from './findPlaces.ts';
import { generalise } from './generalise.ts';
import type { Pattern } from './pattern.ts';

const languages: Readonly<Record<string, string>> = { ts: 'typescript', py: 'python', go: 'go' };

function patternOf(before: string, after: string, language = 'ts', known: readonly string[] = []): Pattern | null {
  const isKnown = (name: string): boolean => known.includes(name);
  return generalise({ before, after, languageId: languages[language]!, isKnown });
}

/** `text` with the change made at every place that is found for it. */
function everywhere(pattern: Pattern, text: string, language = 'ts'): string {
  const document = { uri: 'a', version: 1, languageId: languages[language]!, text };
  let result = text;
  for (const { start, end, text: now } of new PlaceFinder().places(document, pattern).reverse()) {
    result = result.slice(0, start) + now + result.slice(end);
  }
  return result;
}

/** What the change from `before` to `after` makes of `text`; null when it is not to be repeated. */
function repeated(before: string, after: string, text: string, language = 'ts', known: readonly string[] = []) {
  const pattern = patternOf(before, after, language, known);
  return pattern && everywhere(pattern, text, language);
}

test('a part of a name is renamed in every style of writing, and nothing else', () => {
  const text = [
    'const userName = load(user);',
    'const USER_LIMIT = userCount + users.length;',
    'class UserStore extends Store<User> { user_id = superuser; }',
    '// The userName of the user, see userNameOf and "user"',
    `log('userName', './userName', 'user');`,
  ].join('\n');
  assert.equal(
    repeated('const userName = 1;', 'const customerName = 1;', text),
    [
      'const customerName = load(customer);',
      'const CUSTOMER_LIMIT = customerCount + customers.length;',
      'class CustomerStore extends Store<Customer> { customer_id = superuser; }',
      '// The customerName of the user, see userNameOf and "user"',
      `log('customerName', './userName', 'user');`,
    ].join('\n'),
  );
});

test('a part of several words follows the style of each place', () => {
  assert.equal(
    repeated('order_id = 1', 'purchase_request_id = 1', 'orderId = ORDER_ID + order_total + Order.find()', 'py'),
    'purchaseRequestId = PURCHASE_REQUEST_ID + purchase_request_total + PurchaseRequest.find()',
  );
});

test('a whole name is renamed where it stands alone', () => {
  assert.equal(
    repeated('total := 0', 'revenue := 0', 'total += 1\nfmt.Println(total, subtotal, totals) // total', 'go'),
    'revenue += 1\nfmt.Println(revenue, subtotal, totals) // total',
  );
});

test('a verb that many names begin with is not changed in all of them', () => {
  assert.equal(
    repeated('getUser(id)', 'fetchUser(id)', 'getUser(1); getOrder(2); map.get(3);'),
    'fetchUser(1); getOrder(2); map.get(3);',
  );
});

test('a call gets the new argument, wherever its brackets end', () => {
  assert.equal(
    repeated(
      '  save(user);',
      '  save(user, options);',
      'save(f(a, [b]));\nif (save(x)) {}\nsave(a, b);\nsave(y, options);',
    ),
    'save(f(a, [b]), options);\nif (save(x, options)) {}\nsave(a, b);\nsave(y, options);',
  );
  assert.equal(repeated('run()', 'run(ctx)', 'run(); a.run(); run(x);', 'go'), 'run(ctx); a.run(); run(x);');
});

test('arguments become an object, names only where names stand', () => {
  assert.equal(
    repeated('create(name, age)', 'create({ name, age })', 'create(title, size); create(a.b, c); create({ x, y }, z);'),
    'create({ title, size }); create(a.b, c); create({ x, y }, z);',
  );
  assert.equal(
    repeated('draw(w, h)', 'draw({ width: w, height: h })', 'draw(a.w, 2 * b)'),
    'draw({ width: a.w, height: 2 * b })',
  );
});

test('an argument that goes is taken away whatever it is; a value is replaced only where it is the same', () => {
  assert.equal(repeated('send(message, true)', 'send(message)', 'send(a, g(b, c)); send(d);'), 'send(a); send(d);');
  assert.equal(
    repeated('retry(task, 3)', 'retry(task, 5)', 'retry(a, 3); retry(b, 4); retry(c, 5);'),
    'retry(a, 5); retry(b, 4); retry(c, 5);',
  );
});

test('a call is wrapped, and one that is wrapped already is left alone', () => {
  assert.equal(
    repeated(
      '  const a = load(x);',
      '  const a = await load(x);',
      'const b = load(y, z);\nconst c = load(f(q));\nawait load(w);',
    ),
    'const b = load(y, z);\nconst c = await load(f(q));\nawait load(w);',
  );
  assert.equal(
    repeated('x = parse(line)', 'x = checked(parse(line))', 'y = parse(next(it))\nz = checked(parse(a))', 'py'),
    'y = checked(parse(next(it)))\nz = checked(parse(a))',
  );
  assert.equal(
    repeated('a = repo.find(id)', 'a = repo.find(id).unwrap()', 'repo.find(1); repo.find(2).unwrap(); other.find(3);'),
    'repo.find(1).unwrap(); repo.find(2).unwrap(); other.find(3);',
  );
});

test('an argument that was extended already is not extended again', () => {
  assert.equal(
    repeated('listen(port, engine)', 'listen(port, engine.handler())', 'listen(a, b.handler()); listen(c, d.e);'),
    'listen(a, b.handler()); listen(c, d.e.handler());',
  );
});

test('a declaration is not a call', () => {
  const text = 'function save(user: User) {}\nclass A {\n  save(user) {\n  }\n}\n';
  assert.equal(repeated('save(user);', 'save(user, 1);', text), text);
  assert.equal(
    repeated('charge(card)', 'charge(card, now)', 'def charge(card):\n    pass\ncharge(other)\n', 'py'),
    'def charge(card):\n    pass\ncharge(other, now)\n',
  );
});

test('a rewrite is repeated with the names of each place', () => {
  assert.equal(
    repeated(
      'if (user == null) {',
      'if (user === undefined) {',
      'if (order == null) {\nif (a.b == null) return;\nx = null;',
    ),
    'if (order === undefined) {\nif (a.b === undefined) return;\nx = null;',
  );
  assert.equal(
    repeated(
      '    if len(items) == 0:',
      '    if not items:',
      'if len(rows) == 0:\n    pass\nif len(rows) == 1:\n    pass',
      'py',
    ),
    'if not rows:\n    pass\nif len(rows) == 1:\n    pass',
  );
});

test('a name that stood in the document before was used, not made up: the same text is replaced, not parts of names', () => {
  assert.equal(
    repeated('a = oldClient.get(x)', 'a = newClient.get(x)', 'b = oldClient.get(y);\noldClientName;', 'ts', [
      'newClient',
    ]),
    'b = newClient.get(y);\noldClientName;',
  );
});

test('what was put in somewhere is put in only where the same stands on both sides', () => {
  assert.equal(
    repeated('  f(vs, basestring)', '  f(vs, basestring, extra)', 'g(basestring); if (f(vs, basestring)) {}'),
    'g(basestring); if (f(vs, basestring, extra)) {}',
  );
});

test('a string among the arguments says which of many things is meant', () => {
  assert.equal(
    repeated(`request('GET', url)`, `request('GET', url, params)`, `request('PUT', a); request('GET', b);`),
    `request('PUT', a); request('GET', b, params);`,
  );
});

test('a method of the same name as the part that was renamed is another', () => {
  assert.equal(
    repeated('_concatValue(a)', '_collectValue(a)', 'list.concat(a); this._concatValue(b);'),
    'list.concat(a); this._collectValue(b);',
  );
});

test('a literal is replaced where the same one stands in the same role', () => {
  assert.equal(
    repeated('  timeout: 5000,', '  timeout: 9000,', '{ timeout: 5000, retry: 5000 }'),
    '{ timeout: 9000, retry: 5000 }',
  );
  assert.equal(
    repeated(`kind: 'draft'`, `kind: 'open'`, `{ status: 'draft', x: 'drafts' }; f('draft');`),
    `{ status: 'open', x: 'drafts' }; f('draft');`,
  );
});

for (const [name, before, after] of [
  ['one letter for another', 'let i = 0', 'let k = 0'],
  ['white space', 'f( a )', 'f(a)'],
  ['a comment', 'f(a) // one', 'f(a) // two'],
  ['a new line of code', '', 'doSomething(a);'],
  ['a sign put somewhere', 'x', 'x + 1'],
  ['one reserved word for another', 'let total = 1', 'const total = 1'],
  ['the order of arguments', 'f(a, b)', 'f(b, a)'],
  ['a whole new statement', 'a();', 'a();\nreturn b;'],
] as const) {
  test(`${name} is not a change to be repeated`, () => {
    const pattern = patternOf(before, after);
    const others = 'let j = 0; x; y; f(c, d); let sum = 1; a();';
    assert.equal(pattern === null ? others : everywhere(pattern, others), others, JSON.stringify(pattern));
  });
}

const name = fc.constantFrom('alpha', 'betaCount', 'gamma', 'delta_x', 'epsilon', 'zetaList');
const expression: fc.Arbitrary<string> = fc.letrec<{ e: string }>((tie) => ({
  e: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    name,
    fc.nat(999).map(String),
    fc.tuple(name, fc.array(tie('e'), { maxLength: 3 })).map(([f, list]) => `${f}(${list.join(', ')})`),
    fc.array(tie('e'), { maxLength: 3 }).map((list) => `[${list.join(', ')}]`),
    fc.tuple(tie('e'), fc.constantFrom('+', '==', '&&', '.concat'), name).map(([a, sign, b]) => `${a} ${sign} ${b}`),
  ),
})).e;

test('whatever is changed: the pattern, applied to the lines before, gives the lines after, and then finds nothing more to do there', () => {
  let found = 0;
  fc.assert(
    fc.property(expression, expression, fc.constantFrom('ts', 'py', 'go'), (a, b, language) => {
      const pattern = patternOf(a, b, language);
      if (pattern === null) return;
      found += 1;
      if (pattern.type === 'rename') {
        assert.equal(everywhere(pattern, a, language), everywhere(pattern, b, language));
      } else {
        const places = new PlaceFinder().places(
          { uri: 'a', version: 1, languageId: languages[language]!, text: a },
          pattern,
        );
        assert.ok(places.some(({ start, end, text }) => a.slice(0, start) + text + a.slice(end) === b));
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(found > 100, `${found} patterns`);
});

test('no place is found twice, and places never overlap', () => {
  fc.assert(
    fc.property(expression, expression, fc.array(expression, { maxLength: 8 }), (a, b, lines) => {
      const pattern = patternOf(a, b);
      if (pattern === null) return;
      const text = [...lines, a, ...lines].join('\n');
      const places = new PlaceFinder().places({ uri: 'a', version: 1, languageId: 'typescript', text }, pattern);
      let end = -1;
      for (const place of places) {
        assert.ok(place.start >= end && (place.start > end || place.start < place.end), JSON.stringify(places));
        assert.notEqual(text.slice(place.start, place.end), place.text);
        end = place.end;
      }
    }),
    { numRuns: 1500 },
  );
});
