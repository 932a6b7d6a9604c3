import { golden } from '../testing/golden.ts';
import { tooShort } from './tooShort.ts';

golden(tooShort, [
  { name: 'three characters are typed faster than read', at: 'a.▮', answer: 'id;', kept: null },
  { name: 'white space does not make it longer', at: 'a.▮', answer: ' i d \n', kept: null },
  { name: 'four characters may be offered', at: 'a.▮', answer: 'id()', kept: 'id()' },
  { name: 'what closes an open call is welcome however short', at: 'f(g(▮', answer: '));', kept: '));' },
  { name: 'a closing bracket on its own line is welcome', at: 'if (a) {\n  b();\n▮', answer: '}', kept: '}' },
]);
