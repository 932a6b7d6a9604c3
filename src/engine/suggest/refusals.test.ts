import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Refusal } from './examples.ts';
import { isRefused } from './refusals.ts';
import { marked } from './testing/marked.ts';

/** Dismissed in the file of `marked` places, where the embedder has not compared anything. */
const dismissed = (at: string, text: string, over: Partial<Refusal> = {}): Refusal => {
  const { file, prefix, suffix } = marked(at);
  return {
    episodeId: 'e5',
    similarity: 0,
    file,
    prefix,
    suffix,
    text,
    rated: false,
    reasons: [],
    comment: '',
    ...over,
  };
};
const elsewhere = { file: 'src/there.ts' };

test('a dismissed text does not come back at its place, however much of it is typed', () => {
  const refusals = [dismissed('f() {\n  const x = ▮\n}', 'load( id );')];
  const at = (typed: string) => marked(`f() {\n  const x = ${typed}▮\n}`);
  assert.equal(isRefused('load(id);', at(''), refusals), true);
  assert.equal(isRefused('ad(id);', at('lo'), refusals), true);
  assert.equal(isRefused('load(key);', at(''), refusals), false);
});

test('nor after edits above and below, nor after the line above was changed', () => {
  const refusals = [dismissed('start();\nf() {\n  const x = ▮\n}\nend();', 'load(id);')];
  for (const now of [
    '// a\n// new\nstart();\nf() {\n  const x = ▮\n  more(x);\n}\nend();',
    'start();\nf() {\n  before(1);\n  before(2);\n  const x = ▮\n}',
    'start();\ng(renamed) {\n  const x = ▮\n}\nother();',
  ]) {
    assert.equal(isRefused('load(id);', marked(now), refusals), true, now);
  }
});

test('what goes on from the dismissed text does not come either, unless there was too little of it', () => {
  const at = 'f() {\n  const x = ▮\n}';
  assert.equal(isRefused('load(id).then(use);', marked(at), [dismissed(at, 'load(id)')]), true);
  const tooLittle = dismissed(at, 'load(id)', { rated: true, reasons: ['tooLittle'] });
  assert.equal(isRefused('load(id).then(use);', marked(at), [tooLittle]), false);
  assert.equal(isRefused('load(id)', marked(at), [tooLittle]), true);
});

test('who types the dismissed text out by hand is helped on from there', () => {
  const at = (typed: string) => marked(`f() {\n  const x = ${typed}▮\n}`);
  const refusals = [dismissed('f() {\n  const x = ▮\n}', 'load(id)')];
  assert.equal(isRefused('.then(use);', at('load(id)'), refusals), false);
  assert.equal(isRefused(').then(use);', at('load(id'), refusals), true);
});

test('a short text that was dismissed once may come everywhere else', () => {
  const word = dismissed('  first(line);\n  ▮\n}', 'const');
  assert.equal(isRefused('const', marked('  first(line);\n  ▮\n}'), [word]), true);
  assert.equal(isRefused('const', marked('  first(line);\n  second(line);\n  ▮\n}'), [word]), false);
  const short = dismissed('a.map((one▮', ') =>', { similarity: 0.95 });
  assert.equal(isRefused(') =>', marked('function f() {\n  return b.filter((other▮\n}'), [short]), false);
  const closing = dismissed('if (a) {\n  b();\n▮\nrest();', '}', { ...elsewhere, similarity: 0.95 });
  assert.equal(isRefused('}', marked('if (c) {\n  d();\n▮'), [closing]), false);
});

test('a line that was rated badly does not come at similar places; a dismissed one only where it is nearly the same', () => {
  const at = 'f() {\n  const x = ▮\n}';
  const place = marked('g() {\n  const x = ▮\n}');
  const refused = (similarity: number, rated: boolean) =>
    isRefused('load(id);', place, [dismissed(at, 'load(id);', { ...elsewhere, similarity, rated })]);
  assert.deepEqual([refused(0.65, true), refused(0.3, true)], [true, false]);
  assert.deepEqual([refused(0.9, false), refused(0.6, false)], [true, false]);
});

test('a longer text does not come back behind other words either', () => {
  const place = marked('g() {\n  const y = ▮\n}');
  const far = (text: string) =>
    isRefused(text, place, [dismissed('f() {\n  const x = ▮\n}', text, { ...elsewhere, similarity: 0.9 })]);
  assert.equal(far('await loadOrder(id);'), true);
  assert.equal(far('load();'), false);
});

test('taken at such a place later it may come again, but not where it was turned down', () => {
  const at = 'f() {\n  const x = ▮\n}';
  const far = dismissed(at, 'await loadOrder(id);', { ...elsewhere, similarity: 0.9 });
  const here = dismissed(at, 'await loadOrder(id);');
  const takenAs = (episodeId: string) => [{ episodeId, text: 'await loadOrder(id);' }];
  const asked = (refusal: Refusal, episodeId: string) =>
    isRefused('await loadOrder(id);', marked(at), [refusal], takenAs(episodeId));
  assert.equal(asked(far, 'e9'), false);
  assert.equal(asked(far, 'e1'), true, 'taken before it was turned down');
  assert.equal(asked(here, 'e9'), true);
});
