import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { EngineConfig } from '../../protocol/config.ts';
import { type Bench, bench, never, says } from './testing/bench.ts';

async function start(t: TestContext, over: Partial<EngineConfig> = {}): Promise<Bench> {
  const made = await bench(over);
  t.after(() => made.close());
  return made;
}

const area = 'export function area(r: number) {\n  ▮\n}\n';
const twoLines = 'const square = r * r;\n  return Math.PI * square;';

test('subtle offers only what is rather taken than not, eager what is worth a look', async (t) => {
  const b = await start(t);
  b.script = () => says('return Math.PI * r ** 2;', 0.2);
  const shown = async (mode: 'eager' | 'normal' | 'subtle') => {
    const { items } = await b.suggester.suggest({ ...b.at('src/area.ts', area), mode }, never());
    return items.length;
  };
  assert.deepEqual([await shown('subtle'), await shown('normal'), await shown('eager')], [0, 0, 1]);
  b.script = () => says('return Math.PI * r * r;', 0.4);
  assert.deepEqual([await shown('subtle'), await shown('normal')], [0, 1]);
  b.script = () => says('return r * r * Math.PI;', 0.8);
  assert.equal(await shown('subtle'), 1);
});

test('subtle offers one line and reads no further', async (t) => {
  const b = await start(t);
  let pieces = 0;
  b.script = async function* () {
    for (const text of ['```ts\n', 'const square', ' = r * r;\n', '  return Math.PI', ' * square;\n', '```']) {
      pieces += 1;
      yield { type: 'text', text };
    }
    yield { type: 'end', finish: 'stop' };
  };
  const { items } = await b.suggester.suggest({ ...b.at('src/area.ts', area), mode: 'subtle' }, never());
  assert.deepEqual(
    items.map(({ insertText }) => insertText),
    ['const square = r * r;'],
  );
  assert.equal(pieces, 3);
});

test('what one mode offered is not shown by a quieter one', async (t) => {
  const b = await start(t);
  b.script = () => says(twoLines);
  const at = b.at('src/area.ts', area);
  const texts = async (mode: 'normal' | 'subtle') =>
    (await b.suggester.suggest({ ...at, mode }, never())).items.map(({ insertText }) => insertText);
  assert.deepEqual(await texts('normal'), [twoLines]);
  assert.deepEqual(await texts('subtle'), ['const square = r * r;']);
  assert.deepEqual(await texts('normal'), [twoLines]);
  assert.equal(b.requests.length, 2, 'and what a mode offered is remembered for it');
});

test('a rest that begins on the next line is none in subtle mode', async (t) => {
  const b = await start(t);
  b.script = () => says('\n    return Math.PI * r * r;\n  }');
  const at = b.at('src/area.ts', 'export function area(r: number) {\n  if (r > 0) {▮\n}\n');
  assert.deepEqual((await b.suggester.suggest({ ...at, mode: 'subtle' }, never())).items, []);
  assert.equal((await b.suggester.suggest({ ...at, mode: 'normal' }, never())).items.length, 1);
});

test('in manual mode no model is asked until somebody asks, and then all may come', async (t) => {
  const b = await start(t);
  b.script = () => says(twoLines, 0.1);
  const at = { ...b.at('src/area.ts', area), mode: 'manual' as const };
  const unasked = await b.suggester.suggest(at, never());
  assert.deepEqual([unasked.items, unasked.silence], [[], 'Only when asked for.']);
  assert.equal(b.requests.length, 0);
  const { items } = await b.suggester.suggest({ ...at, trigger: 'explicit' }, never());
  assert.equal(items[0]?.insertText, twoLines);
});

test('a driver that knows no modes gets the normal one', async (t) => {
  const b = await start(t);
  b.script = () => says(twoLines, 0.3);
  const { items } = await b.suggester.suggest(b.at('src/area.ts', area), never());
  assert.equal(items[0]?.insertText, twoLines);
});
