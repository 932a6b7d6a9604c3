import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, isRefused, noisyOr } from './decide.ts';
import type { Refusal } from './examples.ts';
import { marked } from './testing/marked.ts';

const candidate = (text: string, probability: number, model = 'workspace') => ({
  text,
  probability,
  model,
  replaces: '',
});
const refusal = (prefix: string, text: string, similarity: number): Refusal => ({
  episodeId: 'e',
  similarity,
  prefix,
  text,
  rated: true,
  reasons: [],
  comment: '',
});

test('below the threshold there is silence', () => {
  const { offer, silent } = decide([candidate('unlikely();', 0.2)], 0.25, 3);
  assert.deepEqual([offer.length, silent.length], [0, 1]);
});

test('the memory lifts a text the model alone was not sure enough of', () => {
  const { offer } = decide(
    [candidate('same();', 0.2), candidate('same();', 0.2, 'memory'), candidate('other();', 0.3)],
    0.31,
    3,
  );
  assert.deepEqual(
    offer.map(({ text }) => text),
    ['same();'],
  );
  assert.equal(noisyOr(0.2, 0.2).toFixed(2), '0.36');
});

test('two samples of one model are no second opinion', () => {
  assert.equal(decide([candidate('a();', 0.2), candidate('a();', 0.2)], 0.25, 3).offer.length, 0);
});

test('a dropped text is never offered, whatever its probability', () => {
  const { offer, silent } = decide(
    [{ ...candidate('bad();', 0.99), droppedBy: 'refused' }, candidate('good();', 0.5)],
    0.25,
    3,
  );
  assert.deepEqual(
    offer.map(({ text }) => text),
    ['good();'],
  );
  assert.equal(silent[0]?.droppedBy, 'refused');
});

test('among likely texts the one that saves most keystrokes comes first', () => {
  const { offer } = decide([candidate('ab();', 0.6), candidate('aLongCallThatIsTedious(toType);', 0.55)], 0.25, 3);
  assert.equal(offer[0]?.text, 'aLongCallThatIsTedious(toType);');
});

test('a dismissed text does not come back below the same line, however much of it is typed', () => {
  const place = (typed: string) => marked(`f() {\n  const x = ${typed}▮\n}`);
  const refused = [{ ...refusal('f() {\n  const x = ', 'load( id );', 0.1), rated: false }];
  assert.equal(isRefused('load(id);', place(''), refused), true);
  assert.equal(isRefused('ad(id);', place('lo'), refused), true);
  assert.equal(isRefused('load(key);', place(''), refused), false);
});

test('below another line it may be right', () => {
  const place = marked('g() {\n  const x = ▮\n}');
  const dismissed = (similarity: number) => [
    { ...refusal('f() {\n  const x = ', 'load(id);', similarity), rated: false },
  ];
  assert.equal(isRefused('load(id);', place, dismissed(0.6)), false);
  assert.equal(isRefused('load(id);', place, dismissed(0.9)), true);
});

test('a line that was rated badly does not come back at similar places', () => {
  const place = marked('g() {\n  const x = ▮\n}');
  assert.equal(isRefused('load(id);', place, [refusal('f() {\n  const x = ', 'load(id);', 0.6)]), true);
  assert.equal(isRefused('load(id);', place, [refusal('f() {\n  const x = ', 'load(id);', 0.3)]), false);
});

test('at a place nearly the same it does not come back behind other words either', () => {
  const place = marked('f() {\n  const y = ▮\n}');
  assert.equal(isRefused('load(id);', place, [refusal('f() {\n  const x = ', 'load(id);', 0.9)]), true);
  assert.equal(isRefused('load(id);', place, [refusal('f() {\n  const x = ', 'load(id);', 0.6)]), false);
});
