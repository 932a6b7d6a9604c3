/** What the filters and prompts must know of a language: how it comments, how it blocks, how it imports. */

/** How a comment is written. `close` is empty for comments that end with the line. */
export interface CommentSyntax {
  readonly open: string;
  readonly close: string;
}

const line = (open: string): CommentSyntax => ({ open, close: '' });
const hash = line('#');
const dashes = line('--');
const slashes = line('//');
const markup: CommentSyntax = { open: '<!--', close: '-->' };
const star: CommentSyntax = { open: '/*', close: '*/' };

const comments: Readonly<Record<string, CommentSyntax>> = {
  python: hash,
  ruby: hash,
  shellscript: hash,
  yaml: hash,
  toml: hash,
  perl: hash,
  r: hash,
  julia: hash,
  elixir: hash,
  dockerfile: hash,
  makefile: hash,
  properties: hash,
  powershell: hash,
  coffeescript: hash,
  nix: hash,
  terraform: hash,
  graphql: hash,
  lua: dashes,
  sql: dashes,
  haskell: dashes,
  elm: dashes,
  ada: dashes,
  clojure: line(';;'),
  lisp: line(';;'),
  scheme: line(';;'),
  ini: line(';'),
  latex: line('%'),
  tex: line('%'),
  erlang: line('%'),
  matlab: line('%'),
  vb: line("'"),
  html: markup,
  xml: markup,
  vue: markup,
  svelte: markup,
  markdown: markup,
  css: star,
};

/** The comment syntax of a VS Code language id; `//` for everything unknown, which most languages share. */
export function commentSyntax(languageId: string): CommentSyntax {
  return comments[languageId] ?? slashes;
}

const indentationScoped = new Set([
  'python',
  'yaml',
  'coffeescript',
  'haml',
  'jade',
  'pug',
  'nim',
  'fsharp',
  'makefile',
  'elm',
]);

/** True where a block ends by its indentation and not by a bracket. */
export function scopedByIndentation(languageId: string): boolean {
  return indentationScoped.has(languageId);
}

const family: Readonly<Record<string, string>> = {
  javascript: 'ecmascript',
  javascriptreact: 'ecmascript',
  typescript: 'ecmascript',
  typescriptreact: 'ecmascript',
  vue: 'ecmascript',
  svelte: 'ecmascript',
  c: 'c',
  cpp: 'c',
  'objective-c': 'c',
  css: 'css',
  scss: 'css',
  less: 'css',
};

/** True when code of the one language can serve as an example in the other. */
export function sameFamily(a: string, b: string): boolean {
  return (family[a] ?? a) === (family[b] ?? b);
}

/**
 * True for a whole line that only brings names in (`import … from`, `from … import`, `use …;`, `#include`, `using …;`,
 * `require`).
 */
export function isImportLine(lineText: string): boolean {
  const text = lineText.trim();
  return (
    /^import\b(?!\s*\()/.test(text) ||
    /^from\s+\S+\s+import\b/.test(text) ||
    /^(pub\s+)?use\s+[\w:{}*,\s]+;?$/.test(text) ||
    /^#\s*include\b/.test(text) ||
    /^using\s+[\w.]+(\s*=\s*[\w.<>]+)?;$/.test(text) ||
    /^export\s+(\*|\{[^}]*\})\s+from\b/.test(text) ||
    /^(const|let|var)\s+[\w{},\s:$]+=\s*require\(/.test(text) ||
    /^(require|require_relative|load)\s*\(?\s*['"]/.test(text)
  );
}

/** Words that close a block on their own line in languages without brackets. */
const closingWord = /^(end|fi|done|esac|endif|endfor|endwhile|END)\b;?$/;

/** True for a line that only closes what stands above it: `}`, `});`, `],`, `</div>`, `end`. */
export function isClosingLine(lineText: string): boolean {
  const text = lineText.trim();
  if (text === '') return false;
  return /^[)\]}>;,'"`]+$/.test(text) || /^<\/[\w.:-]+>[;,)]*$/.test(text) || closingWord.test(text);
}
