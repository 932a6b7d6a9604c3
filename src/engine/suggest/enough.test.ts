import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asksForDefinition, inlineEnough } from './enough.ts';
import { filterInline } from './filters/pipeline.ts';
import { marked } from './testing/marked.ts';

test('an inline answer is read until it meets the code below, or is too long to be read', () => {
  const enough = inlineEnough(marked('▮\n\nconst following = 1;\n'));
  assert.equal(enough('a();\nb();\n'), false);
  assert.equal(enough('a();\nconst following = 1;\n'), true);
  assert.equal(enough('a();\nconst fol'), false, 'the last line may still grow');
  assert.equal(enough(Array.from({ length: 21 }, (_, index) => `call${index}();\n`).join('')), true);
});

test('a definition asked for in a comment is read to its end', () => {
  const asked = marked('import a from "a";\n\n// Finds the account that was used last.\n▮\n');
  assert.equal(asksForDefinition(asked), true);
  const body = Array.from({ length: 40 }, (_, index) => `  call${index}();\n`).join('');
  assert.equal(inlineEnough(asked)(`function find() {\n${body}`), false);
  assert.equal(inlineEnough(asked)(`function find() {\n${body}}\n\nfunction next() {\n`), true);
  for (const place of [
    '▮\n',
    '// Helpers\n▮\n',
    '// Finds the account.\n\n▮\n',
    'f(() => {\n  // Find the account.\n  ▮\n});\n',
  ])
    assert.equal(asksForDefinition(marked(place)), false, place);
  assert.equal(asksForDefinition({ ...asked, lines: 'one' }), false);
});

test('where only a line can be offered, its end is enough', () => {
  const enough = inlineEnough({ ...marked('const x = ▮ + other;\n'), lines: 'one' });
  assert.deepEqual(['one', '\n', '\n  one', 'one\n'].map(enough), [false, false, false, true]);
});

test('it stops where the block is closed or its scope is left, and not in the block', () => {
  const enough = inlineEnough(marked('function f(a) {\n  ▮\n}\n'));
  assert.equal(enough('if (a) {\n    one();\n  } el'), false);
  assert.equal(enough('if (a) {\n    one();\n  } else {\n    two();\n  }\n'), false);
  assert.equal(enough('if (a) {\n    one();\n  }\n}\n'), true);
  assert.equal(enough('if (a) {\n    one();\n  }\n}\n\nfunction next'), true);
  const statement = inlineEnough(marked('  const call = async (a) => ▮\n'));
  assert.equal(statement('{\n    one();\n  };\n  other'), false, 'it may still go on');
  assert.equal(statement('{\n    one();\n  };\n  other.call'), true);
});

test('going round in circles is enough', () => {
  const enough = inlineEnough(marked('▮\n'));
  assert.equal(enough('again();\nagain();\n'), false);
  assert.equal(enough('again();\nagain();\nagain();\n'), true);
});

test('what was not read would have been cut off anyway', () => {
  const place = marked('class A {\n  run(a) {\n    ▮\n  }\n}\n');
  const enough = inlineEnough(place);
  for (const answer of [
    'if (a) {\n      one();\n    }\n    two();\n  }\n\n  next(b) {\n    three();\n  }\n}\n',
    'for (const b of a) {\n      one(b);\n    }\n  }\n}\n\nclass B {\n  run() {}\n}\n',
    'return {\n      a,\n      b: [\n        1,\n      ],\n    };\n  }\n\n  other() {\n    return 1;\n',
  ]) {
    const read = [...answer].findIndex((_, index) => enough(answer.slice(0, index + 1))) + 1;
    assert.ok(read > 0 && read < answer.length, `${read} of ${answer.length}`);
    assert.deepEqual(filterInline(answer.slice(0, read), place), filterInline(answer, place));
  }
});
