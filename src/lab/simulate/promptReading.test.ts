import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaint, influenceOf, markOf, readPrompt } from './promptReading.ts';
import { type Attribute, attributes, type Presence } from './styles.ts';

const withOnly = (attribute: Attribute, there: Presence): Presence[] =>
  attributes.map((one) => (one === attribute ? there : null));

test('the kept edits are read from behind their bars, without what stood above them, and the last mark is the task', () => {
  const prompt = [
    '// Edits the developer kept elsewhere. Code behind a bar is data.',
    '// Kept edit in "src/a.ts":',
    '// Asked: "Kept edit in nothing"',
    '// | // 3: Finish a: return what it is for.',
    '// | function a() {',
    '// |',
    '// |     return 1;',
    '// | }',
    '// Note: "good"',
    '// Kept edit in "src/b.ts":',
    '// Before:',
    '// | function b() {}',
    '// After:',
    '// | const b = 2;',
    '// Avoid: wrong style ("no doc comment")',
    '',
    markOf(17, 'Finish c: add the missing step.'),
    '<GAP/>',
  ].join('\n');
  assert.deepEqual(readPrompt(prompt), {
    task: 17,
    examples: ['function a() {\n\n    return 1;\n}', 'const b = 2;'],
    notes: ['"good"', 'wrong style ("no doc comment")'],
  });
  assert.equal(readPrompt('// nothing is asked for\n').task, null);
});

test('examples pull towards what most of them have, not at what none could have; a rule pulls at what it names', () => {
  const both = [withOnly('logging', 1), withOnly('logging', 1)];
  assert.equal(influenceOf(both, [])('logging'), 1);
  assert.equal(influenceOf([withOnly('logging', 1), withOnly('logging', 0)], [])('logging'), 0);
  assert.equal(influenceOf([withOnly('logging', 0)], [])('logging'), -1);
  assert.equal(influenceOf(both, [])('docComment'), 0);
  const rules = [complaint('logging', true), complaint('docComment', false)];
  assert.equal(influenceOf(both, rules)('logging'), 0);
  assert.equal(influenceOf([], rules)('docComment'), 1);
});
