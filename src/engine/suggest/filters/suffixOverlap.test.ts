import { golden } from '../testing/golden.ts';
import { suffixOverlap } from './suffixOverlap.ts';

golden(suffixOverlap, [
  {
    name: 'what stands after the cursor is not inserted twice',
    at: 'const total = ▮ + tax;',
    answer: 'price + tax;',
    kept: 'price ',
  },
  { name: 'a semicolon is not doubled', at: 'call(▮);', answer: 'a, b', kept: 'a, b' },
  { name: 'the same without brackets', at: 'x = ▮;', answer: 'a + b;', kept: 'a + b' },
  {
    name: 'lines that follow already are cut',
    at: 'function f() {\n  ▮\n  const b = 2;\n  return b;\n}',
    answer: 'const a = 1;\n  const b = 2;\n  return b;',
    kept: 'const a = 1;',
  },
  {
    name: 'a last line that the token limit cut off counts',
    at: '▮\nconst b = 2;\nreturn compute(b);',
    answer: 'const a = 1;\nconst b = 2;\nreturn comp',
    kept: 'const a = 1;',
  },
  {
    name: 'blank lines between do not hide the repetition',
    at: '▮\n\n\nexport const b = 2;',
    answer: 'const a = 1;\n\nexport const b = 2;',
    kept: 'const a = 1;\n',
  },
  {
    name: 'a closing bracket alone is no repetition',
    at: 'if (a) {\n  ▮\n}',
    answer: 'if (b) {\n    c();\n  }',
    kept: 'if (b) {\n    c();\n  }',
  },
  {
    name: 'lines that go on differently stay',
    at: '▮\nconst b = 2;\nreturn b;',
    answer: 'const a = 1;\nconst b = 2;\nreturn a;',
    kept: 'const a = 1;\nconst b = 2;\nreturn a;',
  },
  { name: 'two shared letters are no overlap', at: 'f(▮id, x)', answer: 'valid', kept: 'valid' },
]);
