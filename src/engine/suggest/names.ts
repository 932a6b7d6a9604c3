/** Telling the same suggestion under other names: what is left of two texts when identifiers stand for each other. */
import { commentSyntax } from './language.ts';

/** Where words are content and not names that could be others. */
const namesNothing =
  /^(plaintext|markdown|mdx|html|xml|css|scss|less|json|jsonc|yaml|toml|ini|properties|dockerfile|shellscript|latex|tex|git-commit|diff)$/;

const keywords = new Set(
  (
    'abstract and any as assert async await base bool boolean break by byte case catch chan char class const constexpr continue ' +
    'crate debugger def default defer del delete do double dyn elif else elsif end ensure enum except explicit export extends ' +
    'extern False false final finally float fn for foreach from func function global go goto if impl implements import in int ' +
    'interface internal is lambda let local long loop match mod module mut namespace new nil None nonlocal not null nullptr ' +
    'number object of operator or out override package pass private protected public pub raise range readonly ref require ' +
    'rescue return Self self short signed sizeof static string struct super switch template then this throw throws trait True ' +
    'true try type typedef typeof undefined union unknown unless unsafe unsigned use using val var virtual void volatile when ' +
    'where while with yield'
  ).split(' '),
);

interface Token {
  readonly text: string;
  /** An identifier that could have another name: no keyword, no member after a dot, no part of a literal or comment. */
  readonly name: boolean;
}

const token =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\d[\w.]*|[\p{L}_$][\p{L}\p{N}_$]*|\S/gu;

/** The same texts are compared at every key. */
const known = new Map<string, readonly Token[]>();
const mostKnown = 300;

function tokensOf(text: string, languageId: string): readonly Token[] {
  const key = `${languageId}\n${text}`;
  let found = known.get(key);
  if (found === undefined) {
    if (known.size >= mostKnown) known.clear();
    found = tokenized(text, languageId);
    known.set(key, found);
  }
  return found;
}

function tokenized(text: string, languageId: string): readonly Token[] {
  const { open, close } = commentSyntax(languageId);
  const tokens: Token[] = [];
  let before = '';
  for (const match of text.matchAll(token)) {
    const [found] = match;
    if (close === '' && open !== '//' && found[0] === open[0] && text.startsWith(open, match.index)) {
      tokens.push({ text: text.slice(match.index).replace(/\s+/g, ''), name: false });
      break;
    }
    const member = before === '.' || before === '>' || before === ':';
    const word = /^[\p{L}_$]/u.test(found);
    tokens.push({
      text: word ? found : found.replace(/\s+/g, ''),
      name: word && !keywords.has(found) && !(member && isMember(text, match.index)),
    });
    before = found;
  }
  return tokens;
}

/** Behind `.`, `?.`, `->` or `::`. */
const isMember = (text: string, at: number): boolean =>
  /(?:(?<!\.)\.|->|::)\s*$/.test(text.slice(Math.max(0, at - 8), at));

/** Identifiers of a text, as names could be taken from it. */
export function namesIn(text: string): ReadonlySet<string> {
  return new Set(text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? []);
}

/**
 * How many visible characters two texts have in common when they are the same but for white space and names; null when
 * they are not. Every name of the one stands for one name of the other throughout (keywords, members, literals and
 * punctuation stay themselves), and `interchangeable` must grant each pair that differs. `begins`: `text` may go on.
 */
export function sameButNames(
  text: string,
  other: string,
  options: {
    readonly languageId: string;
    readonly begins: boolean;
    readonly interchangeable: (name: string, other: string) => boolean;
  },
): number | null {
  if (namesNothing.test(options.languageId)) return null;
  const a = tokensOf(text, options.languageId);
  const b = tokensOf(other, options.languageId);
  if (b.length === 0 || a.length < b.length || (!options.begins && a.length > b.length)) return null;
  const to = new Map<string, string>();
  const back = new Map<string, string>();
  let shared = 0;
  for (const [index, theirs] of b.entries()) {
    const ours = a[index]!;
    if (ours.name !== theirs.name) return null;
    if (!ours.name) {
      if (ours.text !== theirs.text) return null;
      shared += ours.text.length;
      continue;
    }
    const known = to.get(ours.text);
    if (known === undefined) {
      if (back.has(theirs.text)) return null;
      if (ours.text !== theirs.text && !options.interchangeable(ours.text, theirs.text)) return null;
      to.set(ours.text, theirs.text);
      back.set(theirs.text, ours.text);
    } else if (known !== theirs.text) return null;
    if (ours.text === theirs.text) shared += ours.text.length;
  }
  return shared;
}
