import { golden } from '../testing/golden.ts';
import { indentation } from './indentation.ts';

golden(indentation, [
  {
    name: 'white space that completes the indentation is kept',
    at: 'if (a) {\n ▮',
    indentUnit: '  ',
    answer: ' b();\n  c();',
    kept: ' b();\n  c();',
  },
  {
    name: 'indentation that stands already is not doubled',
    at: 'if (a) {\n  ▮',
    answer: '  b();\n  c();',
    kept: 'b();\n  c();',
  },
  {
    name: 'an answer from another column moves as a block',
    at: 'if (a) {\n  ▮',
    answer: '    b(() => {\n      c();\n    });',
    kept: 'b(() => {\n    c();\n  });',
  },
  {
    name: 'a chat model’s answer from column 0 moves to the cursor',
    at: 'class A {\n  m() {\n    ▮\n  }\n}',
    answer: 'if (x) {\n  y();\n}',
    kept: 'if (x) {\n      y();\n    }',
  },
  {
    name: 'a Python block from column 0 moves to the cursor',
    at: 'def f():\n    ▮',
    languageId: 'python',
    answer: 'if x:\n    return y',
    kept: 'if x:\n        return y',
  },
  {
    name: 'the block of a line begun by hand gets deeper than that line',
    at: 'class A {\n  m() ▮\n}',
    answer: '{\n  return 1;\n}',
    kept: '{\n    return 1;\n  }',
  },
  {
    name: 'lines that are in place stay',
    at: '  m() ▮',
    indentUnit: '  ',
    answer: '{\n    return 1;\n  }',
    kept: '{\n    return 1;\n  }',
  },
  {
    name: 'spaces become the document’s tabs',
    at: '▮',
    indentUnit: '\t',
    answer: 'if (a) {\n  b(() => {\n    c();\n  });\n}',
    kept: 'if (a) {\n\tb(() => {\n\t\tc();\n\t});\n}',
  },
  {
    name: 'tabs become the document’s spaces',
    at: '▮',
    indentUnit: '    ',
    answer: 'if (a) {\n\tb();\n\t\tc();\n}',
    kept: 'if (a) {\n    b();\n        c();\n}',
  },
  {
    name: 'at column 0 the answer’s own first indentation is kept',
    at: 'a:\n▮',
    languageId: 'yaml',
    answer: '  b: 1',
    kept: '  b: 1',
  },
  { name: 'blank lines stay blank', at: '  ▮', indentUnit: '  ', answer: 'a();\n\n  b();', kept: 'a();\n\n  b();' },
]);
