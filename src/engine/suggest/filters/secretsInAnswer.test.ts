import { golden } from '../testing/golden.ts';
import { secretsInAnswer } from './secretsInAnswer.ts';

const token = ['ghp', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('_');

golden(secretsInAnswer, [
  { name: 'a token is never offered', at: 'const key = ▮', answer: `"${token}";`, kept: null },
  { name: 'the placeholder of a secret is never inserted', at: 'const key = ▮', answer: '"<redacted>";', kept: null },
  {
    name: 'where a placeholder is replaced it may stay',
    at: '▮key = "<redacted>"▮',
    answer: 'const key = "<redacted>"',
    kept: 'const key = "<redacted>"',
  },
  { name: 'ordinary code is offered', at: 'const key = ▮', answer: 'await readKey();', kept: 'await readKey();' },
]);
