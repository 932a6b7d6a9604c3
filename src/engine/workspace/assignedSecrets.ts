/** Half-open, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Hard-coded secrets in assignments of any common syntax: `name = "v"`, `name: v`, `"name": "v"`, `NAME=v`,
 * `name => 'v'`, `f(name="v")`, `name := "v"`, `<name>v</name>`. Scans forward from each name by hand, a bounded way, so the
 * cost is linear.
 */

const nameWords =
  /pass(?:word|wd|phrase|code)|pwd|secret|token|api[_-]?key|apikey|(?:access|private|signing|encryption|account|auth|shared|master|service|license)[_-]?key|credentials?|authorization|connection[_-]?string/gi;

/** A name that goes on like this is about a secret and isn't one. */
const aboutIt =
  /(?:types?|names?|ur[li]s?|endpoints?|fields?|labels?|placeholders?|headers?|prefix|paths?|files?|regex|patterns?|errors?|messages?|msg|counts?|lengths?|len|limits?|ttl|expir\w*|params?|policy|schemas?|class|kinds?|hints?|texts?|titles?|formats?|ids?|index|idx|usage|max|min|size|column|input|form|page|route|help|description|required|enabled|store|manager|provider|service|version|algorithm|scopes?|issuer|audience|at|in|for|is|set|map|list|array|set|stream|pos|position|start|end|value)$/i;

const passwordName = /pass(?:word|wd|phrase|code)|pwd/i;

const words =
  /^(?:pass(?:word|wd|phrase|code)?|pwd|secrets?|tokens?|string|number|boolean|bool|none|null|undefined|true|false|required|optional|hidden|text|input|default|test|example|invalid|missing|unknown|changeme|admin|root|user|empty|redacted|bearer|basic|password123)$/i;

/** Adds the spans of values that look like secrets. */
export function redactAssignments(text: string, spans: Span[]): void {
  nameWords.lastIndex = 0;
  let done = 0;
  for (let match = nameWords.exec(text); match; match = nameWords.exec(text)) {
    if (match.index < done) continue;
    const end = match.index + match[0].length;
    const found = valueAfter(text, match.index, end);
    if (found === null) continue;
    spans.push(found);
    done = found.end;
  }
}

const longestTail = 40;
const longestValue = 2000;

function valueAfter(text: string, nameStart: number, nameEnd: number): Span | null {
  let at = nameEnd;
  while (at - nameEnd < longestTail && /[\w-]/.test(text[at] ?? '')) at++;
  if (aboutIt.test(text.slice(nameEnd, at))) return null;
  const before = nameBefore(text, nameStart);
  const name = before + text.slice(nameStart, at);
  const nameClosed = /["'`\]\\]/.test(text[at] ?? '');
  while (/["'`\]\\]/.test(text[at] ?? '') && at - nameEnd < longestTail + 3) at++;
  const spaceBefore = at;
  at = blanks(text, at);
  // XML and HTML: <password>value</password>.
  if (text[at] === '>' && text[nameStart - before.length - 1] === '<') return bare(text, at + 1, name, 'markup');
  at = skipType(text, at);
  const operator = /(?:===?|!==?|=>|:=|\?\?=|\|\|=|=|:)/y;
  operator.lastIndex = at;
  const sign = operator.exec(text)?.[0];
  if (sign === undefined) return null;
  at += sign.length;
  const spaced = text[at] === ' ' || spaceBefore !== at - sign.length;
  at = blanks(text, at);
  // String prefixes: Python's r"", C#'s @"", Rust's b"".
  const prefixed = /(?:[rbuf]{1,2}|@|\$@|@\$|L|u8)(?=["'])/iy;
  prefixed.lastIndex = at;
  at += prefixed.exec(text)?.[0].length ?? 0;
  // JSON inside a string: the quotes are escaped.
  if (text[at] === '\\' && (text[at + 1] === '"' || text[at + 1] === "'")) return escapedQuoted(text, at + 2, name);
  const quote = text[at];
  if (quote === '"' || quote === "'" || quote === '`') return quoted(text, at, quote, name);
  const env =
    sign === '=' &&
    !spaced &&
    !nameClosed &&
    /^[A-Z][A-Z0-9_]*$/.test(name) &&
    startsLine(text, nameStart - before.length);
  if (env) return bare(text, at, name, 'env');
  // --password=…, and a connection string's ;Password=…;
  const before1 = text[nameStart - before.length - 1];
  if (sign === '=' && !spaced && (name.startsWith('--') || before1 === ';')) return bare(text, at, name, 'argument');
  if (sign === ':' && spaced && startsLine(text, nameStart - before.length - (nameClosed ? 1 : 0)))
    return bare(text, at, name, 'yaml');
  if (sign === '=' && startsLine(text, nameStart - before.length)) return bare(text, at, name, 'ini');
  return bare(text, at, name, 'inline');
}

/** The letters of the name before the telling word: `DB_` of `DB_PASSWORD`. */
function nameBefore(text: string, nameStart: number): string {
  let at = nameStart;
  while (at > 0 && nameStart - at < longestTail && /[\w.-]/.test(text[at - 1]!)) at--;
  return text.slice(at, nameStart);
}

function blanks(text: string, from: number): number {
  let at = from;
  while (at - from < 40 && (text[at] === ' ' || text[at] === '\t')) at++;
  return at;
}

/** `password: string = "…"`, `password: &str = "…"`, `var password string = "…"`: on to the `=` after a short type. */
function skipType(text: string, from: number): number {
  const typed =
    /(?:[?!]?:[ \t]{0,4}|[ \t]?)[A-Za-z&][\w&' <>.|[\]]{0,30}[\w>\]?][ \t]{1,4}(?==[ \t]{0,4}[rbu@]?["'`])/y;
  typed.lastIndex = from;
  return from + (typed.exec(text)?.[0].length ?? 0);
}

/** Only white space, a list dash or `export`-like words stand before it on its line. */
function startsLine(text: string, at: number): boolean {
  let from = at;
  while (from > 0 && at - from < 60 && text[from - 1] !== '\n') from--;
  if (from > 0 && text[from - 1] !== '\n') return false;
  return /^(?:[\s#;"'-]|export |set |ENV |ARG |setx |-e )*$/.test(text.slice(from, at));
}

function quoted(text: string, at: number, quote: string, name: string): Span | null {
  const start = at + 1;
  let end = start;
  while (end - start <= longestValue) {
    const c = text[end];
    if (c === undefined || c === '\n' || c === '\r') {
      // Cut off by the edge of the text: what is there still counts.
      if (c === undefined && quote !== '`') break;
      return null;
    }
    if (c === quote) break;
    end += c === '\\' ? 2 : 1;
  }
  if (end - start > longestValue) return null;
  return secretive(text.slice(start, Math.min(end, text.length)), name, 'quoted')
    ? { start, end: Math.min(end, text.length) }
    : null;
}

/** Up to the escaped quote that closes it. */
function escapedQuoted(text: string, start: number, name: string): Span | null {
  let end = start;
  while (end < text.length && end - start <= longestValue && !/[\\\n"']/.test(text[end]!)) end++;
  if (end === start || end - start > longestValue || text[end] !== '\\') return null;
  return secretive(text.slice(start, end), name, 'quoted') ? { start, end } : null;
}

type Syntax = 'quoted' | 'env' | 'argument' | 'yaml' | 'ini' | 'inline' | 'markup';

function bare(text: string, start: number, name: string, syntax: Syntax): Span | null {
  const stop =
    syntax === 'markup' ? /[\s<]/ : syntax === 'inline' || syntax === 'argument' ? /[\s,;)\]}&"'`<>]/ : /[\s"'`]/;
  let end = start;
  while (end < text.length && end - start <= longestValue && !stop.test(text[end]!)) end++;
  if (end - start > longestValue || end === start) return null;
  if (syntax === 'markup' && text[end] !== '<') return null;
  if (syntax === 'yaml' || syntax === 'ini') {
    // A value that ends in code punctuation, or isn't alone on its line, is code.
    if (/[,;({[]$/.test(text.slice(start, end))) return null;
    const rest = /[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/y;
    rest.lastIndex = end;
    if (!rest.test(text)) return null;
  }
  const value = text.slice(start, end);
  return secretive(value, name, syntax) ? { start, end } : null;
}

/** Whether a literal in this place is worth hiding. */
function secretive(value: string, name: string, syntax: Syntax): boolean {
  if (value.length < 6 || /\s/.test(value)) return false;
  // Templates, references, redactions, paths to it, and addresses (their passwords are found elsewhere).
  if (
    /^[$%{<[(*&!|>@#.]|\$\{|\{\{|<redacted>|:\/\/|^(?:process|os|env|import|System|this|self|config|secrets?|vars?)[.[]/.test(
      value,
    )
  ) {
    return /^[$%!@#*&][^\s({<\w]*\w*\d\w*[!@#$%^&*]/.test(value) && syntax === 'quoted';
  }
  if (words.test(value) || /^(.)\1*$/.test(value)) return false;
  const isPassword = passwordName.test(name);
  const letters = /[A-Za-z]/.test(value);
  const digits = (value.match(/\d/g) ?? []).length;
  const mixedCase = /[a-z]/.test(value) && /[A-Z]/.test(value);
  const literal = syntax === 'quoted' || syntax === 'env' || syntax === 'argument' || syntax === 'markup';
  if (!literal && /[()[\]{}]|^[A-Za-z_$][\w$]*\.[A-Za-z_$]/.test(value)) return false;
  // Paths, and names of constants, routes and types that speak of it.
  if (/^\.{0,2}\/[\w.-]*(?:\/|$)/.test(value) && !/\d{3}/.test(value)) return false;
  if (/^[A-Za-z_$][\w$.-]*$/.test(value) && /pass(?:word|code)|secret|token|credential/i.test(value) && digits < 3)
    return false;
  if (isPassword) {
    if (/pass|secret|token|example|your|_KEY$/i.test(value) && digits === 0) return false;
    const symbol = /[^A-Za-z0-9_.\-/: ]/.test(value);
    switch (syntax) {
      case 'env':
      case 'argument':
        return !/[()]/.test(value);
      case 'quoted':
      case 'markup':
        if (/[()=>]|^[./]|\.[a-z]{2,4}$/.test(value) && digits === 0) return false;
        return letters && (digits > 0 || symbol)
          ? !/^[a-z]+(?:[._-][a-z]+)*\d?$/.test(value) || (/\d/.test(value) && !/[._-]/.test(value))
          : exactly(name) && /^[a-z]{8,}$/.test(value);
      case 'yaml':
      case 'ini':
        return letters && (digits > 0 || symbol) && !/^[A-Z][A-Za-z]*\d*[A-Za-z]*$/.test(value) && !/[?|=]/.test(value);
      case 'inline':
        return value.length >= 12 && digits >= 2 && mixedCase && bits(value) >= 3;
    }
  }
  // Tokens and keys are long, random, of one charset, and hold digits.
  if (!/^[\w+/=.~:-]+$/.test(value) || value.length < 16 || digits < 2) return false;
  if (/^[a-z]+(?:[._/:-][a-z0-9]+)+$/i.test(value) && !/[a-z]\d[a-z]|\d[a-z]\d|[A-Z]\d[a-z]|\d{4}/i.test(value))
    return false;
  if (
    !literal &&
    syntax === 'inline' &&
    !(digits >= 4 && (mixedCase || /^[0-9a-f-]+$/.test(value)) && value.length >= 20)
  )
    return false;
  return bits(value) >= 2.8;
}

/** The name itself is a password's: nothing but qualifiers before it, nothing after. */
function exactly(name: string): boolean {
  return /(?:password|passwd|passphrase|pwd)$/i.test(name);
}

/** Shannon entropy of the characters, in bits. */
function bits(value: string): number {
  const counts = new Map<string, number>();
  for (const c of value) counts.set(c, (counts.get(c) ?? 0) + 1);
  let sum = 0;
  for (const n of counts.values()) sum -= (n / value.length) * Math.log2(n / value.length);
  return sum;
}
