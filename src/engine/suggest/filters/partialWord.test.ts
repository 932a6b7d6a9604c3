import { golden } from '../testing/golden.ts';
import { partialWord } from './partialWord.ts';

golden(partialWord, [
  { name: 'a word begun by hand is not begun again', at: '  ret▮', answer: 'return x;', kept: 'urn x;' },
  { name: 'a word the model goes on with stays', at: '  ret▮', answer: 'urn x;', kept: 'urn x;' },
  { name: 'one letter proves nothing', at: '  a▮', answer: 'are', kept: 'are' },
  { name: 'a last word does not melt into the next', at: 'f(▮name)', answer: 'a, other', kept: 'a, ' },
  { name: 'a whole word before a bracket stays', at: 'f(▮)', answer: 'other', kept: 'other' },
  { name: 'letters of other alphabets are letters', at: 'прив▮', answer: 'привет()', kept: 'ет()' },
]);
