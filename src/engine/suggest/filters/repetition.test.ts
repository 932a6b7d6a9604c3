import assert from 'node:assert/strict';
import { test } from 'node:test';
import { golden } from '../testing/golden.ts';
import { repetition, shortestPeriod } from './repetition.ts';

golden(repetition, [
  { name: 'one word ten times is a loop', at: '▮', answer: 'x = ' + 'very '.repeat(10), kept: null },
  { name: 'nine times may be meant', at: '▮', answer: 'x = ' + 'very '.repeat(9), kept: 'x = ' + 'very '.repeat(9) },
  {
    name: 'a short phrase over and over is a loop',
    at: '▮',
    answer: 'const a = 1; const b = 2; '.repeat(6),
    kept: null,
  },
  {
    name: 'three equal lines are cut after the first',
    at: '▮',
    answer: 'a();\nlog(x);\nlog(x);\nlog(x);\nb();',
    kept: 'a();\nlog(x);',
  },
  { name: 'two equal lines may be meant', at: '▮', answer: 'tick();\ntick();\nb();', kept: 'tick();\ntick();\nb();' },
  {
    name: 'ordinary code of some length is no loop',
    at: '▮',
    answer:
      'for (const user of users) {\n  if (user.age > 18 && user.name !== "") {\n    adults.push({ id: user.id, name: user.name, mail: user.mail });\n  } else {\n    minors.push(user);\n  }\n}\nreturn { adults, minors };',
    kept: 'for (const user of users) {\n  if (user.age > 18 && user.name !== "") {\n    adults.push({ id: user.id, name: user.name, mail: user.mail });\n  } else {\n    minors.push(user);\n  }\n}\nreturn { adults, minors };',
  },
  {
    name: 'many closing brackets are no loop',
    at: '▮',
    answer: 'f(((((((((((1)))))))))))',
    kept: 'f(((((((((((1)))))))))))',
  },
]);

test('the shortest period is found where the last round is cut off', () => {
  assert.equal(shortestPeriod([...'abcabcab']), 3);
  assert.equal(shortestPeriod([...'aaaa']), 1);
  assert.equal(shortestPeriod([...'abcd']), 4);
  assert.equal(shortestPeriod([]), 0);
});
