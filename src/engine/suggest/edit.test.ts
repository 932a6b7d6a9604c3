import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { EngineConfig } from '../../protocol/config.ts';
import { type Bench, bench, fails, never, says } from './testing/bench.ts';
import { bad, good } from './testing/entries.ts';

async function start(t: TestContext, over: Partial<EngineConfig> = {}): Promise<Bench> {
  const made = await bench(over);
  t.after(() => made.close());
  return made;
}

/** Parameters for the part between two marks. */
function select(b: Bench, marked: string, instruction: string, file = 'src/a.ts') {
  const { uri, version, offset } = b.at(file, marked);
  return { requestId: 'r', uri, version, start: offset, end: marked.lastIndexOf('▮') - 1, instruction };
}
const quiet = () => {};
const source = 'class A {\n▮  area(r) {\n    return Math.pow(r, 2);\n  }▮\n}\n';

test('several proposals are asked for at once, cleaned, merged and remembered', async (t) => {
  const b = await start(t);
  const answers = [
    '```ts\narea(r) {\n  return r ** 2;\n}\n```',
    'Sure, here it is:\n```ts\n  area(r) {\n    return r ** 2;\n  }\n```',
    '```ts\narea(r) {\n  return r * r;\n}\n```',
  ];
  b.script = (_request, _signal, call) => says(answers[call]!);
  const result = await b.suggester.proposeEdit(select(b, source, 'no Math.pow'), quiet, never());
  assert.ok(result.ok);
  assert.deepEqual(
    result.candidates.map(({ text }) => text),
    ['  area(r) {\n    return r ** 2;\n  }', '  area(r) {\n    return r * r;\n  }'],
  );
  assert.deepEqual(
    b.requests.map(({ temperature }) => temperature),
    [0.2, 0.7, 0.9],
  );
  const { episode, events } = b.store.get(result.episodeId)!;
  assert.deepEqual([episode.kind, episode.instruction, episode.offered], ['edit', 'no Math.pow', 0]);
  assert.deepEqual(episode.range, { startLine: 1, startCharacter: 0, endLine: 3, endCharacter: 3 });
  assert.equal(episode.before, '  area(r) {\n    return Math.pow(r, 2);\n  }');
  assert.deepEqual(
    episode.candidates.map(({ id }) => id),
    result.candidates.map(({ candidateId }) => candidateId),
  );
  assert.deepEqual(
    events.map(({ type }) => type),
    ['offered'],
  );
});

test('progress is the code so far, for every candidate, and ends once', async (t) => {
  const b = await start(t, { candidates: 2 });
  b.script = () => [
    { type: 'text', text: 'Here:\n```ts\nare' },
    { type: 'text', text: 'a(r) {}\n``' },
    { type: 'text', text: '`\nDone.' },
    { type: 'end', finish: 'stop' },
  ];
  const heard: [number, string, boolean][] = [];
  await b.suggester.proposeEdit(select(b, source, 'empty it'), (...one) => heard.push(one), never());
  for (const index of [0, 1]) {
    const own = heard.filter(([candidate]) => candidate === index);
    assert.deepEqual(
      own.map(([, , done]) => done),
      [false, false, false, true],
    );
    assert.deepEqual(
      own.map(([, text]) => text),
      ['are', 'area(r) {}', 'area(r) {}', 'area(r) {}'],
    );
  }
});

test('one candidate that fails does not spoil the others; when all fail the failure is told', async (t) => {
  const b = await start(t);
  b.script = (_request, _signal, call) =>
    call === 0 ? fails({ reason: 'rateLimited' }) : says(`area() { return ${call}; }`);
  const some = await b.suggester.proposeEdit(select(b, source, 'x'), quiet, never());
  assert.ok(some.ok && some.candidates.length === 2);
  b.script = () => fails({ reason: 'unauthorized', message: 'The key is wrong.', nextStep: 'Set the key.' });
  const none = await b.suggester.proposeEdit(select(b, source, 'x'), quiet, never());
  assert.deepEqual(none, {
    ok: false,
    failure: { reason: 'unauthorized', message: 'The key is wrong.', nextStep: 'Set the key.' },
  });
});

test('code given back unchanged is a failure that says what to do', async (t) => {
  const b = await start(t);
  b.script = () => says('```ts\n  area(r) {\n    return Math.pow(r, 2);\n  }\n```');
  const result = await b.suggester.proposeEdit(select(b, source, 'improve'), quiet, never());
  assert.ok(!result.ok && result.failure.reason === 'malformed' && result.failure.nextStep !== '');
  assert.equal(b.store.size, 0);
});

test('the model reads the kept edit with its instruction, and not the badly rated one', async (t) => {
  const b = await start(t, { candidates: 1 });
  b.script = () => says('return legacyPow(a, 2);');
  const disliked = await b.suggester.proposeEdit(
    select(b, 'function f(a) {\n  ▮return Math.pow(a, 2);▮\n}\n', 'no Math.pow', 'src/f.ts'),
    quiet,
    never(),
  );
  assert.ok(disliked.ok);
  await b.rate(disliked.episodeId, { ...bad, comment: 'no extra functions' });
  b.script = () => says('return b ** 2;');
  const liked = await b.suggester.proposeEdit(
    select(b, 'function g(b) {\n  ▮return Math.pow(b, 2);▮\n}\n', 'no Math.pow', 'src/g.ts'),
    quiet,
    never(),
  );
  assert.ok(liked.ok);
  await b.rate(liked.episodeId, good);
  b.script = () => says('return c ** 2;');
  const result = await b.suggester.proposeEdit(
    select(b, 'function h(c) {\n  ▮return Math.pow(c, 2);▮\n}\n', 'no Math.pow', 'src/h.ts'),
    quiet,
    never(),
  );
  assert.ok(result.ok);
  const request = b.requests.at(-1)!;
  assert.ok(request.kind === 'chat');
  const { content } = request.messages.at(-1)!;
  assert.match(
    content,
    /Before:\n```typescript\n {2}return Math\.pow\(b, 2\);\n```\nAfter:\n```typescript\n {2}return b \*\* 2;\n```/,
  );
  assert.doesNotMatch(content, /legacyPow/);
  assert.match(content, /Avoid:\n- "no extra functions"/);
  assert.deepEqual(
    result.examples.map(({ episodeId }) => episodeId),
    [liked.episodeId],
  );
});

test('a follow-up carries the earlier instruction and the proposal that was on screen', async (t) => {
  const b = await start(t, { candidates: 2 });
  b.script = (_request, _signal, call) => says(call === 0 ? 'area(r) { return r ** 2; }' : 'area(r) { return r * r; }');
  const first = await b.suggester.proposeEdit(select(b, source, 'no Math.pow'), quiet, never());
  assert.ok(first.ok);
  b.script = () => says('area(radius) { return radius * radius; }');
  const followUpOf = { episodeId: first.episodeId, candidateId: first.candidates[1]!.candidateId };
  const second = await b.suggester.proposeEdit({ ...select(b, source, 'rename r'), followUpOf }, quiet, never());
  assert.ok(second.ok);
  const request = b.requests.at(-1)!;
  assert.ok(request.kind === 'chat');
  assert.deepEqual(
    request.messages.map(({ role }) => role),
    ['system', 'user', 'assistant', 'user'],
  );
  assert.match(request.messages[1]!.content, /Instruction: no Math\.pow$/);
  assert.match(request.messages[2]!.content, /return r \* r/);
  assert.match(request.messages[3]!.content, /Instruction: rename r$/);
  assert.equal(b.store.get(second.episodeId)!.episode.followUpOf, first.episodeId);
});

const token = ['ghp', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('_');

test('a secret in the selection is not sent or stored, and is there again in the proposal', async (t) => {
  const b = await start(t, { candidates: 1 });
  b.script = () => says('```ts\nexport const key = "<redacted>";\n```');
  const result = await b.suggester.proposeEdit(select(b, `▮const key = "${token}";▮\n`, 'export it'), quiet, never());
  assert.ok(result.ok);
  assert.equal(result.candidates[0]?.text, `export const key = "${token}";`);
  assert.ok(!JSON.stringify(b.requests).includes(token));
  assert.ok(!JSON.stringify([...b.store.entries()]).includes(token));
});

test('excluded and changed documents, and selections that are too long, are said to be so', async (t) => {
  const b = await start(t);
  const excluded = await b.suggester.proposeEdit(select(b, '▮A=1▮', 'x', 'secret/a.ts'), quiet, never());
  assert.ok(!excluded.ok && excluded.failure.reason === 'excluded');
  const params = select(b, source, 'x');
  b.at('src/a.ts', 'changed ▮');
  const changed = await b.suggester.proposeEdit(params, quiet, never());
  assert.ok(!changed.ok && changed.failure.nextStep === 'Ask again.');
  const long = await b.suggester.proposeEdit(select(b, `▮${'const a = 1;\n'.repeat(5000)}▮`, 'x'), quiet, never());
  assert.ok(!long.ok && long.failure.reason === 'contextTooLong');
  assert.equal(b.requests.length, 0);
});

test('a cancelled edit is told as such and leaves nothing behind', async (t) => {
  const b = await start(t);
  const controller = new AbortController();
  b.script = () => {
    controller.abort();
    return says('x();');
  };
  const result = await b.suggester.proposeEdit(select(b, source, 'x'), quiet, controller.signal);
  assert.ok(!result.ok && result.failure.reason === 'cancelled');
  assert.equal(b.store.size, 0);
});

test('a deletion can be proposed', async (t) => {
  const b = await start(t, { candidates: 1 });
  b.script = () => says('```\n```');
  const result = await b.suggester.proposeEdit(select(b, 'a();\n▮b();\n▮c();\n', 'delete it'), quiet, never());
  assert.ok(result.ok && result.candidates[0]?.text === '');
});
