import { golden } from '../testing/golden.ts';
import { scopeLimit } from './scopeLimit.ts';

golden(scopeLimit, [
  {
    name: 'a body ends where the function ends',
    at: 'function f() {\n  ▮\n}',
    answer: 'const a = 1;\n  return a;\n}\n\nfunction g() {\n}',
    kept: 'const a = 1;\n  return a;\n}',
  },
  {
    name: 'a Python body ends before the next definition',
    at: 'def f():\n    ▮',
    languageId: 'python',
    answer: 'a = 1\n    return a\n\ndef g():\n    pass',
    kept: 'a = 1\n    return a',
  },
  {
    name: 'an else that belongs to an outer if is not taken along',
    at: 'def f():\n    if a:\n        ▮',
    languageId: 'python',
    answer: 'return 1\n    else:\n        return 2',
    kept: 'return 1',
  },
  {
    name: 'a line begun by hand is finished with its block, and no more',
    at: '  if (a) ▮',
    answer: '{\n    b();\n  }\n  c();',
    kept: '{\n    b();\n  }',
  },
  {
    name: 'its else goes with it',
    at: '  if (a) ▮',
    answer: '{\n    b();\n  } else {\n    c();\n  }\n  d();',
    kept: '{\n    b();\n  } else {\n    c();\n  }',
  },
  {
    name: 'Python’s elif and else go with it',
    at: '    if a▮',
    languageId: 'python',
    answer: ':\n        b()\n    elif c:\n        d()\n    else:\n        e()\n    f()',
    kept: ':\n        b()\n    elif c:\n        d()\n    else:\n        e()',
  },
  {
    name: 'a chain of calls is one statement',
    at: 'const a = list▮',
    answer: '\n  .filter(Boolean)\n  .map(f);\nconst b = 1;',
    kept: '\n  .filter(Boolean)\n  .map(f);',
  },
  {
    name: 'statements of the same block stay together',
    at: '  ▮',
    indentUnit: '  ',
    answer: 'a();\n  b();\n  c();',
    kept: 'a();\n  b();\n  c();',
  },
  {
    name: 'at the top level one definition is enough',
    at: '▮',
    answer: 'function f() {\n  a();\n}\n\nfunction g() {\n  b();\n}',
    kept: 'function f() {\n  a();\n}',
  },
]);
