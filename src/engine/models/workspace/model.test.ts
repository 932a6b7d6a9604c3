import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { silentLog } from '../../clock.ts';
import type { ModelChunk } from '../languageModel.ts';
import { createWorkspaceModel, type WorkspaceModel } from './model.ts';
import type { PredictQuery } from './prediction.ts';

const clock = { now: () => 0 };
const create = (maxBytes = 16_000_000): WorkspaceModel => createWorkspaceModel({ maxBytes, log: silentLog, clock });
const ask = (model: WorkspaceModel, prefix: string, more: Partial<PredictQuery> = {}) =>
  model.predict({ prefix, suffix: '', languageId: 'typescript', file: 'src/new.ts', maxLines: 6, count: 3, ...more });

const loadUser = `export function loadUser(userId: string): User | null {
  const user = users.get(userId);
  if (!user) return null;
  log.debug(user.name);
  return user;
}
`;
const saveUser = `export function saveUser(user: User): void {
  const known = users.get(user.id);
  if (known) users.delete(user.id);
  users.set(user.id, user);
}
`;
const loop = `export function total(items: Item[]): number {
  let sum = 0;
  for (const item of items) {
    if (item.price > limit) {
      sum += item.price;
    }
  }
  return sum;
}
`;

test('one file read is enough for its pattern to be offered in another', () => {
  const model = create();
  assert.deepEqual(ask(model, 'const known = users.'), []);
  model.addFile('src/user.ts', 'typescript', saveUser);
  assert.equal(
    ask(model, 'function f(user: User) {\n  const known = users.')[0]?.text.startsWith('get(user.id)'),
    true,
  );
});

test('a pattern is carried over to other names', () => {
  const model = create();
  model.addFile('src/user.ts', 'typescript', loadUser);
  const prefix = 'export function loadOrder(orderId: string): Order | null {\n  const order = orders.get(orderId);\n  ';
  const texts = ask(model, prefix).map(({ text }) => text);
  assert.ok(texts[0]?.startsWith('if (!order) return null;'), JSON.stringify(texts));
  assert.ok(!texts.join('').includes('user'), JSON.stringify(texts));
});

test('the word under the cursor is finished, not replaced', () => {
  const model = create();
  model.addFile('src/user.ts', 'typescript', saveUser);
  const offers = ask(model, 'function f(user: User) {\n  const known = users.ge');
  assert.ok(offers[0]?.text.startsWith('t(user.id)'), JSON.stringify(offers));
  for (const { text } of ask(model, 'function f(user: User) {\n  const known = users.zzz')) assert.fail(text);
});

test('a name of the current file is finished without any other file', () => {
  const offers = ask(create(), 'const configurationSnapshot = read();\nconst other = 1;\nuse(configurationSn');
  assert.ok(offers[0]?.text.startsWith('apshot'), JSON.stringify(offers));
});

test('lines are indented as the current file is: tabs, four spaces, CRLF', () => {
  const model = create();
  model.addFile('src/loop.ts', 'typescript', loop);
  const head = 'export function total(items: Item[]): number {\n@let sum = 0;\n@for (const item of items) {\n@@';
  for (const unit of ['\t', '    ', '  ']) {
    const [offer] = ask(model, head.replaceAll('@', unit));
    assert.equal(
      offer?.text.split('\n').slice(0, 2).join('\n'),
      `if (item.price > limit) {\n${unit.repeat(3)}sum += item.price;`,
    );
    const [windows] = ask(model, head.replaceAll('@', unit).replaceAll('\n', '\r\n'));
    assert.ok(windows?.text.includes(`{\r\n${unit.repeat(3)}sum`));
    assert.ok(!/[^\r]\n/.test(windows!.text));
  }
});

test('what stands after the cursor is not written again', () => {
  const model = create();
  model.addFile('src/user.ts', 'typescript', saveUser);
  const prefix = 'function f(user: User) {\n  const known = users.get(';
  for (const { text } of ask(model, prefix, { suffix: ');\n}\n' })) assert.ok(!/\)|\n/.test(text), text);
  const lines = 'export function total(items: Item[]): number {\n  let sum = 0;\n  for (const item of items) {\n';
  for (const { text } of ask(model, lines + '    ', {
    suffix: '\n    if (item.price > limit) {\n      sum += item.price;\n    }\n',
  })) {
    assert.ok(!text.startsWith('if (item.price > limit) {'), text);
  }
});

test('an offer ends with the block it is in', () => {
  const model = create();
  model.addFile('src/a.ts', 'typescript', loop + '\n' + saveUser);
  for (const { text } of ask(model, 'export function total(items: Item[]): number {\n  let sum = 0;\n  ', {
    maxLines: 20,
  })) {
    assert.ok(!text.includes('saveUser') && !/\n\S/.test(text), text);
  }
});

test('no more lines than asked for', () => {
  const model = create();
  model.addFile('src/a.ts', 'typescript', loop);
  for (const maxLines of [1, 2, 3]) {
    for (const { text } of ask(model, 'export function total(items: Item[]): number {\n  ', { maxLines })) {
      assert.ok(text.split('\n').length <= maxLines, text);
    }
  }
});

test('inside comments no code is offered', () => {
  const model = create();
  model.addFile('src/user.ts', 'typescript', saveUser);
  for (const prefix of [
    '// const known = users.',
    'a();\n/* const known = users.',
    '/** @x\n * const known = users.',
  ]) {
    assert.deepEqual(ask(model, prefix), []);
  }
  assert.deepEqual(ask(model, '# known = users.', { languageId: 'python' }), []);
});

test('a kept edit makes its like more probable, and more so the better it was liked', () => {
  const base = 'a = alpha(one, two);\nb = alpha(one, three);\nc = alpha(one, three);\nd = alpha(one, three);\n';
  const probabilityOf = (model: WorkspaceModel) =>
    model
      .paths({ prefix: 'g(alpha(one, ', suffix: '', languageId: 'typescript', file: 'x.ts', maxLines: 1, count: 9 })
      .find(({ text }) => text === 'two')?.probability ?? 0;
  const seen: number[] = [];
  for (const weight of [0, 1, 3]) {
    const model = create();
    model.addFile('src/a.ts', 'typescript', base);
    model.addKept('h = alpha(one, two);', 'typescript', weight);
    seen.push(probabilityOf(model));
  }
  assert.ok(seen[0]! < seen[1]! && seen[1]! < seen[2]!, seen.join());
});

test('the old text of a file no longer counts once it is saved or removed', () => {
  const model = create();
  model.addFile('src/user.ts', 'typescript', saveUser);
  model.updateFile('src/user.ts', 'typescript', saveUser.replaceAll('users.get', 'people.find'));
  assert.ok(ask(model, 'f(user: User) {\n  const known = ')[0]?.text.startsWith('people.find(user.id)'));
  model.removeFile('src/user.ts');
  assert.deepEqual(ask(model, 'f(user: User) {\n  const known = '), []);
  assert.deepEqual([model.stats().files, model.stats().tokens], [0, 0]);
});

test('the same files give the same predictions, whether read once or through many saves', () => {
  const files = [loadUser, saveUser, loop, loop.replaceAll('item', 'row')];
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { minLength: 1, maxLength: 30 }), (saves) => {
      const model = create();
      const last = new Map<string, string>();
      for (const [name, text] of saves) {
        const key = `f${name}.ts`;
        model.updateFile(key, 'typescript', files[text]!);
        last.delete(key);
        last.set(key, files[text]!);
      }
      const fresh = create();
      for (const [key, text] of last) fresh.addFile(key, 'typescript', text);
      for (const text of files) {
        for (const at of [40, 80, 120]) {
          const query = { suffix: '', languageId: 'typescript', file: 'q.ts', maxLines: 4, count: 3 };
          assert.deepEqual(
            model.predict({ ...query, prefix: text.slice(0, at) }),
            fresh.predict({ ...query, prefix: text.slice(0, at) }),
          );
        }
      }
    }),
    { numRuns: 25 },
  );
});

/** Code with names drawn from `seed`, some 4 kB. */
function synthetic(seed: number): string {
  let state = seed * 2654435761 + 1;
  const next = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % n;
  };
  return Array.from(
    { length: 90 },
    (_, i) => `  const v${seed}_${i} = call${next(400)}(arg${next(900)}, obj${next(300)}.field${next(200)});`,
  ).join('\n');
}

test('memory stays under its cap, the newest files are kept, and work goes on', () => {
  const maxBytes = 4_000_000;
  const model = create(maxBytes);
  for (let i = 0; i < 900; i++) {
    model.addFile(`f${i}.ts`, 'typescript', synthetic(i));
    if (i % 25 === 0) assert.ok(model.stats().bytes <= maxBytes, `${model.stats().bytes} at ${i}`);
  }
  const { bytes, files } = model.stats();
  assert.ok(bytes <= maxBytes && files > 20 && files < 900, `${bytes} ${files}`);
  // A file saved over and over leaves the others in place as long as they fit.
  const small = create(maxBytes);
  for (let i = 0; i < 40; i++) small.addFile(`f${i}.ts`, 'typescript', synthetic(i));
  small.addFile('first.ts', 'typescript', saveUser);
  for (let i = 0; i < 600; i++) small.updateFile('busy.ts', 'typescript', synthetic(i % 50));
  assert.equal(small.stats().files, 42);
  assert.ok(ask(small, 'function f(user: User) {\n  const known = users.')[0]?.text.startsWith('get(user.id)'));
});

test('no text breaks it: huge lines, no line breaks, binary, half characters, deep nesting', () => {
  const model = create();
  const hostile = [
    'x'.repeat(500_000),
    '('.repeat(100_000),
    '"'.repeat(50_001),
    '\n'.repeat(100_000),
    '\t'.repeat(9999) + 'a',
    '\u0000\ud800\udfff\uffff'.repeat(999),
    "'\\".repeat(9999),
    '/*'.repeat(9999),
    '`${'.repeat(9999),
    'é漢字'.repeat(5000),
    '\r'.repeat(5000),
    '1.'.repeat(9999),
    '',
  ];
  for (const [i, text] of hostile.entries()) {
    for (const languageId of ['typescript', 'python', 'markdown', 'no such language', 'constructor']) {
      model.addFile(`h${i}`, languageId, text);
      model.predict({ prefix: text, suffix: text, languageId, file: '', maxLines: 5, count: 3 });
    }
  }
  assert.ok(model.stats().bytes <= 16_000_000);
});

test('any text at all: predictions are well formed', () => {
  const model = createWorkspaceModel({
    maxBytes: 6_000_000,
    clock,
    log: { ...silentLog, error: (message) => assert.fail(message) },
  });
  for (const text of [loadUser, saveUser, loop]) model.addFile(text.slice(16, 24), 'typescript', text);
  const word = fc.constantFrom(
    ...`${loadUser}${saveUser}${loop}`.split(/\b/),
    '\n',
    '\r\n',
    '  ',
    '"',
    "'",
    '//',
    '/*',
    '*/',
    '{',
    '}',
  );
  const text = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc.array(word, { maxLength: 60 }).map((words) => words.join('')),
  );
  fc.assert(
    fc.property(text, text, fc.nat(4), fc.nat(5), (prefix, suffix, count, maxLines) => {
      model.addFile('fuzz', 'typescript', prefix + suffix);
      const offers = ask(model, prefix, { suffix, count, maxLines });
      assert.ok(offers.length <= count);
      for (const offer of offers) {
        assert.ok(offer.text.trim() !== '' && offer.probability > 0 && offer.probability <= 1);
        assert.ok(!offer.text.includes('\u0000'));
      }
    }),
    { numRuns: 400 },
  );
});

test('as a language model it answers fill-in requests, refuses chat with a next step, and obeys cancellation', async () => {
  const model = create();
  model.addFile('src/user.ts', 'typescript', saveUser);
  const collect = async (request: Parameters<typeof model.languageModel.stream>[0], signal: AbortSignal) => {
    const chunks: ModelChunk[] = [];
    for await (const chunk of model.languageModel.stream(request, signal)) chunks.push(chunk);
    return chunks;
  };
  const fillIn = {
    kind: 'fillIn',
    preamble: '',
    prefix: 'f(user: User) {\n  const known = users.',
    suffix: '',
    languageId: 'typescript',
    file: 'x.ts',
    maxTokens: 50,
    stop: ['\n'],
    temperature: 0,
  } as const;
  const [text, end] = await collect(fillIn, new AbortController().signal);
  assert.ok(text?.type === 'text' && text.text.startsWith('get(user.id)') && !text.text.includes('\n'));
  assert.ok(end?.type === 'end' && end.probability! > 0 && end.probability! <= 1);
  const [refused] = await collect(
    { kind: 'chat', messages: [], maxTokens: 1, temperature: 0 },
    new AbortController().signal,
  );
  assert.ok(refused?.type === 'failed' && refused.failure.reason === 'unavailable' && refused.failure.nextStep !== '');
  const cancelled = await collect(fillIn, AbortSignal.abort());
  assert.ok(cancelled.length === 1 && cancelled[0]?.type === 'failed' && cancelled[0].failure.reason === 'cancelled');
});
