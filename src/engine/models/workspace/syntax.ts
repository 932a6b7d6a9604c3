/** What the tokeniser must know of a language: where comments and strings are, and what a name is. */
export interface Syntax {
  /** Languages of one family learn from each other at full weight. */
  readonly family: string;
  readonly lineComments: readonly string[];
  readonly blockComments: readonly (readonly [open: string, close: string])[];
  /** Characters that open and close a string on one line. */
  readonly quotes: string;
  /** Python's and others' `"""`. */
  readonly tripleQuotes: boolean;
  /** `-` belongs to names. */
  readonly dashes: boolean;
}

const cBlock = [['/*', '*/']] as const;

function syntax(family: string, options: Partial<Omit<Syntax, 'family'>> = {}): Syntax {
  return { family, lineComments: [], blockComments: [], quotes: `"'`, tripleQuotes: false, dashes: false, ...options };
}

const slashes = { lineComments: ['//'], blockComments: cBlock };
const hash = { lineComments: ['#'] };
const markup = { blockComments: [['<!--', '-->']] as const, quotes: '"', dashes: true };

const script = syntax('script', slashes);
const python = syntax('python', { ...hash, tripleQuotes: true });
const shell = syntax('shell', hash);
const prose = syntax('prose', { quotes: '' });
const other = syntax('other', slashes);

const byLanguage: Readonly<Record<string, Syntax>> = {
  javascript: script,
  javascriptreact: script,
  typescript: script,
  typescriptreact: script,
  vue: script,
  svelte: script,
  python,
  c: syntax('c', slashes),
  cpp: syntax('c', slashes),
  'cuda-cpp': syntax('c', slashes),
  'objective-c': syntax('c', slashes),
  'objective-cpp': syntax('c', slashes),
  java: syntax('jvm', { ...slashes, tripleQuotes: true }),
  kotlin: syntax('jvm', { ...slashes, tripleQuotes: true }),
  scala: syntax('jvm', { ...slashes, tripleQuotes: true }),
  groovy: syntax('jvm', slashes),
  csharp: syntax('csharp', slashes),
  rust: syntax('rust', slashes),
  go: syntax('go', slashes),
  swift: syntax('swift', { ...slashes, tripleQuotes: true }),
  dart: syntax('dart', slashes),
  php: syntax('php', { ...slashes, lineComments: ['//', '#'] }),
  ruby: syntax('ruby', hash),
  perl: syntax('perl', hash),
  r: syntax('r', hash),
  julia: syntax('julia', { ...hash, tripleQuotes: true }),
  elixir: syntax('elixir', { ...hash, tripleQuotes: true }),
  shellscript: shell,
  dockerfile: shell,
  makefile: shell,
  cmake: syntax('cmake', hash),
  powershell: syntax('powershell', { ...hash, blockComments: [['<#', '#>']] }),
  yaml: syntax('yaml', { ...hash, dashes: true }),
  toml: syntax('toml', { ...hash, dashes: true }),
  ini: syntax('ini', { lineComments: ['#', ';'], dashes: true }),
  properties: syntax('ini', { lineComments: ['#', ';'], dashes: true }),
  ignore: syntax('ini', { lineComments: ['#'], dashes: true }),
  terraform: syntax('terraform', { lineComments: ['#', '//'], blockComments: cBlock }),
  json: syntax('json', { quotes: '"' }),
  jsonc: syntax('json', { ...slashes, quotes: '"' }),
  html: syntax('markup', markup),
  xml: syntax('markup', markup),
  css: syntax('style', { blockComments: cBlock, dashes: true }),
  scss: syntax('style', { ...slashes, dashes: true }),
  less: syntax('style', { ...slashes, dashes: true }),
  sass: syntax('style', { ...slashes, dashes: true }),
  sql: syntax('sql', { lineComments: ['--'], blockComments: cBlock }),
  lua: syntax('lua', { lineComments: ['--'], blockComments: [['--[[', ']]']] }),
  haskell: syntax('haskell', { lineComments: ['--'], blockComments: [['{-', '-}']] }),
  elm: syntax('haskell', { lineComments: ['--'], blockComments: [['{-', '-}']] }),
  clojure: syntax('clojure', { lineComments: [';'], quotes: '"', dashes: true }),
  erlang: syntax('erlang', { lineComments: ['%'] }),
  latex: syntax('latex', { lineComments: ['%'], quotes: '' }),
  markdown: prose,
  plaintext: prose,
  restructuredtext: prose,
};

/** Unknown languages are read as C-like. */
export function syntaxOf(languageId: string): Syntax {
  return Object.hasOwn(byLanguage, languageId) ? byLanguage[languageId]! : other;
}

/** Words of the languages themselves: never renamed when a pattern is carried over to other names. */
export const keywords: ReadonlySet<string> = new Set(
  `abstract and any as assert async await auto base bool boolean break byte case catch char chan class const constexpr
  continue crate debugger declare def default defer del delete do done double dyn elif else elseif end ensure enum except
  exec explicit export extends extern false final finally fi float fn for foreach from func function get global go goto if
  impl implements import in include inline instanceof int interface internal is keyof lambda let local long loop macro map
  match mod module mut namespace native never new nil none None nonlocal not null nullptr number object of operator or
  override package pass private protected protocol pub public raise range readonly ref register require rescue return
  satisfies sealed select self Self set short signed sizeof static string String struct super switch symbol synchronized
  template then this throw throws trait True False true try type typedef typename typeof undefined union unknown unless
  unsafe unsigned until use using val var virtual void volatile when where while with yield`.split(/\s+/),
);
