import assert from 'node:assert/strict';
import { test } from 'node:test';
import { thresholds } from './decide.ts';
import { sortFound } from './examples.ts';
import { memoryVotes } from './memoryVotes.ts';
import { type EntrySpec, entryOf, good } from './testing/entries.ts';
import { marked } from './testing/marked.ts';

const votes = (specs: readonly EntrySpec[], at: string, languageId = 'typescript', similarity = 0.6) => {
  const found = specs.map((spec) => ({ entry: entryOf({ languageId, ...spec }), similarity, score: 1 }));
  return memoryVotes(sortFound(found, { most: 20, forbidden: new Set() }).examples, marked(at, languageId));
};

const kept: EntrySpec = {
  prefix: 'async function one() {\n  const user = await load(id);\n  ',
  text: 'if (user === null) throw new NotFound(id);',
  rating: good,
};

test('what was kept below the same line is offered below that line again', () => {
  const [vote] = votes([kept], 'function two() {\n  const user = await load(id);\n  ▮\n}');
  assert.equal(vote?.text, 'if (user === null) throw new NotFound(id);');
  assert.ok(vote.probability > thresholds.normal);
});

test('with other names it is offered with those', () => {
  const [vote] = votes([kept], 'function two() {\n  const order = await load(id);\n  ▮\n}');
  assert.equal(vote?.text, 'if (order === null) throw new NotFound(id);');
});

test('a line begun by hand is finished as it was before', () => {
  const [vote] = votes([kept], 'function two() {\n  if (user ===▮\n}');
  assert.equal(vote?.text, ' null) throw new NotFound(id);');
});

test('one begun word elsewhere is too little for an automatic offer', () => {
  const [vote] = votes(
    [{ prefix: '', text: 'return cached(value);', rating: good }],
    'function f() {\n  ret▮\n}',
    'typescript',
    0.3,
  );
  assert.ok(vote !== undefined && vote.probability < thresholds.normal * 1.2);
});

test('at an unrelated place the memory is silent', () => {
  assert.deepEqual(votes([kept], 'const unrelated = 1;\n▮'), []);
  assert.deepEqual(votes([kept], '▮'), []);
});

test('several lines move to the new column and to the new document’s tabs', () => {
  const block: EntrySpec = { prefix: 'const a = read();\n', text: 'if (!a) {\n  return;\n}', rating: good };
  const found = votes([block], 'function f() {\n\tg(() => {\n\t\tconst a = read();\n\t\t▮\n\t});\n}');
  assert.deepEqual(found.map(({ text }) => text).sort(), ['if (!a) {', 'if (!a) {\n\t\t\treturn;\n\t\t}']);
});

test('in the middle of a kept block the rest of the block is offered', () => {
  const edit: EntrySpec = { kind: 'edit', before: 'x', text: 'const a = read();\nlog(a);\nsave(a);', rating: good };
  const [vote] = votes([edit], 'const a = read();\nlog(a);\n▮');
  assert.equal(vote?.text, 'save(a);');
});

test('two examples that say the same are believed more than one', () => {
  const at = 'function two() {\n  const user = await load(id);\n  ▮\n}';
  const one = votes([kept], at)[0]!;
  const other = { ...kept, prefix: `// more\n${kept.prefix}`, before: ' ' };
  const both = votes([kept, other], at)[0]!;
  assert.ok(both.probability > one.probability);
  assert.equal(both.episodes.length, 2);
});

test('a kept edit weighs more when it was rated than when it was only accepted', () => {
  const at = 'function two() {\n  const user = await load(id);\n  ▮\n}';
  const { rating: _, ...unrated } = kept;
  const accepted = votes([{ ...unrated, events: [{ type: 'accepted' }] }], at)[0]!;
  assert.ok(accepted.probability < votes([kept], at)[0]!.probability);
});

test('on a line that the editor has not indented yet the vote brings the indentation', () => {
  const at = 'function two() {\n    const user = await load(id);\n▮\n}';
  assert.equal(votes([kept], at)[0]?.text, '    if (user === null) throw new NotFound(id);');
});
