import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Candidate, Event } from '../../protocol/episode.ts';
import type { StoredEpisode } from '../memory/store.ts';
import { Documents } from '../workspace/documents.ts';
import { Rejections } from './rejections.ts';
import { entryOf, nextId, ratingOf } from './testing/entries.ts';

const uri = 'file:///w/a.ts';

/** A document as it is edited, with what was turned down in it. `▮` marks where something is asked. */
function desk(languageId = 'typescript') {
  const clock = {
    time: 1_000_000,
    now() {
      return this.time;
    },
  };
  const folders = [{ path: '/w', name: 'w' }];
  const documents = new Documents({ folders, rules: { excluded: () => null, invalidate: () => {} }, clock });
  const rejections = new Rejections({ documents, clock });
  let version = 1;
  const textNow = () => documents.get(uri)!.text;
  return {
    clock,
    documents,
    rejections,
    open(marked: string) {
      documents.open({ uri, path: '/w/a.ts', languageId, version, text: marked.replaceAll('▮', '') });
    },
    /** One edit: the first `find` becomes `put`; what they begin with alike is not touched. */
    edit(find: string, put: string) {
      const found = textNow().indexOf(find);
      assert.notEqual(found, -1, find);
      let same = 0;
      while (same < find.length && find[same] === put[same]) same += 1;
      version += 1;
      const change = { offset: found + same, length: find.length - same, text: put.slice(same) };
      documents.change({ uri, version, changes: [change] });
    },
    /** Every `name` becomes `other`, in one event as the editor does it. */
    rename(name: string, other: string) {
      version += 1;
      const found = [...textNow().matchAll(new RegExp(`\\b${name}\\b`, 'g'))].reverse();
      const changes = found.map(({ index }) => ({ offset: index, length: name.length, text: other }));
      documents.change({ uri, version, changes });
    },
    /** Offers `text` behind the first `after` and turns it down. */
    reject(after: string, text: string, over: Partial<StoredEpisode> = {}) {
      const episodeId = nextId();
      rejections.offered(episodeId, { uri, offset: textNow().indexOf(after) + after.length });
      const entry = judged(episodeId, [text], 'rejected', over);
      rejections.judge(entry);
      return entry;
    },
    holds: (after: string, text: string) =>
      rejections.holds(uri, { text, offset: textNow().indexOf(after) + after.length }),
    quiet: (after: string) => rejections.isQuiet(uri, textNow().indexOf(after) + after.length),
  };
}

function judged(
  episodeId: string,
  texts: readonly string[],
  type: Event['type'],
  over: Partial<StoredEpisode> = {},
): StoredEpisode {
  const made = entryOf({ text: texts[0]! });
  const candidates: Candidate[] = texts.map((text) => ({ id: nextId(), text, model: 'm' }));
  const episode = { ...made.episode, id: episodeId, candidates, offered: 0 };
  const events: Event[] = [{ id: nextId(), episodeId, candidateId: candidates[0]!.id, at: 1, type }];
  return { ...made, episode, events, rating: null, ...over };
}

const area = 'function area(r) {\n  const id = 1;\n  \n}\nfunction other(a) {\n  const key = 2;\n  \n}\n';
const spot = 'const id = 1;\n  ';
const elsewhere = 'const key = 2;\n  ';

test('a commonplace is turned down at its line alone, as that moves', () => {
  const d = desk();
  d.open(area);
  d.reject(spot, 'r();');
  assert.ok(d.holds(spot, 'r();'));
  d.edit('function area', '// new\n\nfunction area');
  d.edit('function other', 'more();\nfunction other');
  assert.ok(d.holds(spot, 'r( );'));
  assert.ok(d.holds(spot, 'r();\n  more();'), 'what goes on from it');
  assert.ok(!d.holds(spot, 'x();'));
  assert.ok(!d.holds(elsewhere, 'r();'), 'another scope');
  d.edit(spot, `${spot}first();\n  `);
  assert.ok(!d.holds('first();\n  ', 'r();'), 'the next line');
});

test('typing along, deleting back and retyping with another beginning don’t bring it back', () => {
  const d = desk();
  d.open(area);
  d.edit(spot, `${spot}const x = `);
  d.reject('const x = ', 'loadEverything(id);');
  d.edit('const x = ', 'const x = load');
  assert.ok(d.holds('const x = load', 'Everything(id);'));
  d.edit('const x = load', '');
  assert.ok(d.holds(spot, 'const x = loadEverything(id);'));
  d.edit(spot, `${spot}const all = `);
  assert.ok(d.holds('const all = ', 'loadEverything(id);'));
  assert.ok(!d.holds('const all = ', 'loadEverything(key);'), 'a choice between two known names is another suggestion');
  d.edit('const all = ', 'const all = loadEverything(id);');
  assert.ok(!d.holds('loadEverything(id);', ' // all of them'), 'typed by hand, it is the developer’s');
});

test('under another name it is the same suggestion', () => {
  const d = desk();
  d.open(area);
  d.reject(spot, 'return Math.pow(r, 2);');
  d.rename('r', 'radius');
  assert.ok(d.holds(spot, 'return Math.pow(radius, 2);'), 'renamed since');
  assert.ok(d.holds(spot, 'return Math.pow(r, 2);'), 'the old name');
  assert.ok(!d.holds(spot, 'return Math.pow(radius, 3);'));
  assert.ok(!d.holds(spot, 'return Math.abs(radius, 2);'));
  d.reject(spot, 'const result = await repository.findById(id);');
  assert.ok(d.holds(spot, 'const entity = await repository.findById(id);'), 'made up both times');
  assert.ok(!d.holds(spot, 'const entity = await other.findById(id);'), 'a known name in its stead');
});

test('in the same scope a telling text is known again, in another it is not', () => {
  const d = desk();
  d.open('function f(id) {\n  one();\n  two();\n  if (id) {\n    three();\n  }\n}\nfunction g(id) {\n  four();\n}\n');
  d.edit('one();', 'one();\n  ');
  d.reject('one();\n  ', 'const user = await repository.findById(id);');
  d.edit('two();', 'two();\n  ');
  d.edit('three();', 'three();\n    ');
  d.edit('four();', 'four();\n  ');
  assert.ok(d.holds('two();\n  ', 'const user  = await repository.findById(id);'));
  assert.ok(d.holds('two();\n  ', 'const order = await repository.findById(id);'));
  assert.ok(!d.holds('three();\n    ', 'const user = await repository.findById(id);'));
  assert.ok(!d.holds('four();\n  ', 'const user = await repository.findById(id);'));
});

test('taken elsewhere since, it is only wrong at its own line', () => {
  const d = desk();
  d.open('function f(id) {\n  one();\n  \n  two();\n  \n}\n');
  const text = 'const user = await repository.findById(id);';
  d.reject('one();\n  ', text);
  assert.ok(d.holds('two();\n  ', text));
  d.rejections.judge(judged(nextId(), [text], 'accepted'));
  assert.ok(!d.holds('two();\n  ', text));
  assert.ok(d.holds('one();\n  ', text));
});

test('reindenting, other line ends and an undo keep it', () => {
  const d = desk();
  d.open(area);
  d.reject(spot, 'r();');
  d.edit('  const id = 1;\n  \n', '    const id = 1;\n    \n');
  assert.ok(d.holds('const id = 1;\n    ', 'r();'));
  const text = d.documents.get(uri)!.text;
  d.edit(text, text.replaceAll('\n', '\r\n'));
  assert.ok(d.holds('const id = 1;\r\n    ', 'r();'));
  const now = d.documents.get(uri)!.text;
  d.edit(now, '');
  d.edit('', now);
  assert.ok(d.holds('const id = 1;\r\n    ', 'r();'), 'everything deleted, and undone');
  assert.ok(!d.holds('const key = 2;\r\n  ', 'r();'));
});

test('the newest twenty are kept', () => {
  const d = desk();
  d.open(area);
  for (let index = 0; index < 21; index += 1) d.reject(spot, `call${index}();`);
  assert.ok(!d.holds(spot, 'call0();'));
  assert.ok(d.holds(spot, 'call1();'));
  assert.ok(d.holds(spot, 'call20();'));
});

test('a changed mind counts: rated good, or taken after all, it may come again', () => {
  const d = desk();
  d.open(area);
  const entry = d.reject(spot, 'r();');
  d.rejections.judge({ ...entry, events: [...entry.events, { ...entry.events[0]!, id: nextId(), type: 'accepted' }] });
  assert.ok(!d.holds(spot, 'r();'));
  const undone = [...entry.events, { ...entry.events[0]!, id: nextId(), type: 'reverted' as const }];
  d.rejections.judge({ ...entry, events: undone });
  assert.ok(d.holds(spot, 'r();'), 'undone again');
  d.rejections.drop(entry.episode.id);
  assert.ok(!d.holds(spot, 'r();'), 'deleted from the memory');
});

test('ignored is not turned down', () => {
  const d = desk();
  d.open(area);
  const id = nextId();
  d.rejections.offered(id, { uri, offset: area.indexOf(spot) + spot.length });
  d.rejections.judge(judged(id, ['r();'], 'ignored'));
  assert.ok(!d.holds(spot, 'r();'));
  assert.ok(!d.quiet(spot));
});

test('what was said of it decides how far it reaches', () => {
  const d = desk();
  d.open(area);
  const block = 'const rows = load(id);\n  return rows;';
  const entry = d.reject(spot, block);
  assert.ok(d.holds(spot, 'const rows = load(id);'), 'its first line is no news');
  d.rejections.judge({ ...entry, rating: ratingOf(entry.episode.id, { thumb: 'down', reasons: ['tooMuch'] }) });
  assert.ok(!d.holds(spot, 'const rows = load(id);'), 'unless it was too much');
  assert.ok(d.holds(spot, block));
  const short = d.reject(spot, 'load(id)');
  d.rejections.judge({ ...short, rating: ratingOf(short.episode.id, { thumb: 'down', reasons: ['tooLittle'] }) });
  assert.ok(!d.holds(spot, 'load(id).then(use);'));
  assert.ok(d.holds(spot, 'load(id)'));
});

test('the line is quiet for five seconds, wherever it moves', () => {
  const d = desk();
  d.open(area);
  d.reject(spot, 'r();');
  d.edit('function area', '// new\nfunction area');
  assert.ok(d.quiet(spot));
  assert.ok(!d.quiet(elsewhere));
  d.clock.time += 4999;
  assert.ok(d.quiet(spot));
  d.clock.time += 1;
  assert.ok(!d.quiet(spot));
  assert.ok(d.holds(spot, 'r();'), 'the text stays turned down');
});

test('who types on fast is helped again after as many keys as five seconds take', () => {
  const d = desk();
  d.open(area);
  d.reject(spot, 'r();');
  for (let key = 0; key < 24; key += 1) d.edit(spot, `${spot}x`);
  assert.ok(d.quiet(spot));
  d.edit(spot, `${spot}x`);
  assert.ok(!d.quiet(spot));
});

test('a closed document is forgotten: the memory knows the rest', () => {
  const d = desk();
  d.open(area);
  d.reject(spot, 'r();');
  d.documents.close(uri);
  d.open(area);
  assert.ok(!d.holds(spot, 'r();'));
});
