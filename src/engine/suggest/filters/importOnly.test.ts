import { golden } from '../testing/golden.ts';
import { importOnly } from './importOnly.ts';

golden(importOnly, [
  {
    name: 'imports are not offered in the middle of code',
    at: 'const a = 1;\n▮',
    answer: "import { b } from './b.js';",
    kept: null,
  },
  {
    name: 'below imports they are welcome',
    at: "import a from 'a';\n▮",
    answer: "import { b } from './b.js';",
    kept: "import { b } from './b.js';",
  },
  {
    name: 'at the top of a file they are welcome',
    at: '▮',
    languageId: 'python',
    answer: 'from a import b',
    kept: 'from a import b',
  },
  {
    name: 'an import begun by hand is finished',
    at: 'const a = 1;\nimport ▮',
    answer: "{ b } from './b.js';",
    kept: "{ b } from './b.js';",
  },
  {
    name: 'code with an import in it is code',
    at: 'a = 1\n▮',
    languageId: 'python',
    answer: 'import os\nos.remove(a)',
    kept: 'import os\nos.remove(a)',
  },
  {
    name: 'a dynamic import is code',
    at: 'const a = 1;\n▮',
    answer: "import('./b.js').then(run);",
    kept: "import('./b.js').then(run);",
  },
]);
