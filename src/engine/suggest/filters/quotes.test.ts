import { golden } from '../testing/golden.ts';
import { quotes } from './quotes.ts';

golden(quotes, [
  {
    name: 'a closing quote that stands already is not inserted',
    at: "import a from '▮';",
    answer: "./a.js';\nimport b",
    kept: './a.js',
  },
  { name: 'a quote outside a string begins one', at: 'f(▮"b")', answer: '"a", ', kept: '"a", ' },
  {
    name: 'an escaped quote is part of the string',
    at: 'const s = "▮"',
    answer: 'say \\"hi\\" now"',
    kept: 'say \\"hi\\" now',
  },
  {
    name: 'without a quote after the cursor the answer brings its own',
    at: "import a from '▮",
    answer: "./a.js';",
    kept: "./a.js';",
  },
]);
