/** Names taken apart: `userName`, `user_name` and `USER_NAME` are the same two words. */

/** One word of a name, where it stands in it. */
export interface NamePart {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const part = /\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lo}+|\p{N}+/gu;

/** `HTTPServer2` → `HTTP`, `Server`, `2`. */
export function partsOf(name: string): NamePart[] {
  return [...name.matchAll(part)].map((match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
}

export const wordsOf = (name: string): string[] => partsOf(name).map(({ text }) => text.toLowerCase());

/** Reserved or near enough in the languages people write most: no name to be changed, no call. */
const reserved = new Set(
  (
    'abstract and as assert async await bool boolean break byte case catch char class const continue def default defer del ' +
    'delete do double elif else end enum except export extends false final finally float fn for from func function global go ' +
    'if impl implements import in instanceof int interface is lambda let long loop match mod module mut namespace new nil None ' +
    'not null number object of or package pass private protected pub public raise readonly ref return select self short signed ' +
    'sizeof static string struct super switch then this throw throws trait true True False try type typeof undefined unless ' +
    'unsigned until use using val var void when where while with yield any never unknown str dict list tuple set map range error ' +
    'int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 float32 float64 i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 usize isize ' +
    'bytes rune Boolean String Number Object Array Integer Promise Map Set Record Partial Readonly Error'
  ).split(' '),
);

export const isReserved = (word: string): boolean => reserved.has(word);

/** Words that stand in many names which have nothing to do with each other. */
const commonplace = new Set(
  (
    'get set is has can on to from of by in at as with for add new make create update delete remove find load save read write ' +
    'open close start stop run init build parse format handle render test list all data value values name names id ids key keys ' +
    'type types index count item items entry result results error errors text file files path paths line lines node args arg ' +
    'params options config state context info obj object array map string number date time size length max min first last next ' +
    'prev current old temp tmp res req err ctx fn cb self this input output url status code message msg log print'
  ).split(' '),
);

/** A name, or one word of one, that by itself says what is meant. */
export const isTelling = (word: string): boolean =>
  word.length >= 3 && !isReserved(word) && !commonplace.has(word.toLowerCase());

/** `words` written as the stretch `like` of `name` is: `CUSTOMER_ACCOUNT`, `customer_account`, `CustomerAccount`. */
export function inStyle(words: readonly string[], like: string, name: string): string {
  const upper = like === like.toUpperCase() && like !== like.toLowerCase();
  const snake = /[\p{L}\p{N}]_[\p{L}\p{N}]/u.test(name);
  const loud = upper && (snake || (name === name.toUpperCase() && like.length > 1));
  if (loud) return words.map((word) => word.toUpperCase()).join('_');
  const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
  const first = like.charAt(0) === like.charAt(0).toLowerCase() ? words[0]! : capital(words[0]!);
  if (snake) return [first, ...words.slice(1)].join('_');
  return [first, ...words.slice(1).map(capital)].join('');
}
