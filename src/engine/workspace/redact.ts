import { redactAssignments, type Span } from './assignedSecrets.ts';

/** What stands in a secret's place; itself never taken for one, so redacting twice changes nothing. */
export const redacted = '<redacted>';

export interface Redaction {
  readonly text: string;
  /** How many values were replaced. */
  readonly count: number;
}

/** A token whose form gives it away. `check` guards forms that ordinary words could take. */
interface Format {
  /** Found by this literal first (fast), then matched at its place. Group 1 is the secret, the whole match without it. */
  readonly literal: string;
  readonly pattern: RegExp;
  readonly check?: (secret: string) => boolean;
}

const mixed = (secret: string) => /\d/.test(secret) && /[A-Za-z]/.test(secret);
const random = (secret: string) => /\d/.test(secret) && /[A-Z]/.test(secret) && /[a-z]/.test(secret);

/**
 * Forms as documented by those who issue them. Every quantifier is over one character class followed by something
 * outside it or by nothing, so a match costs no more than its length.
 */
const formats: readonly Format[] = [
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((literal) => ({ literal, pattern: /gh[a-z]_[A-Za-z0-9]{30,255}/y })),
  { literal: 'github_pat_', pattern: /github_pat_[A-Za-z0-9_]{22,255}/y },
  { literal: 'glpat-', pattern: /glpat-[\w-]{20,255}/y },
  ...['AKIA', 'ASIA', 'ABIA', 'ACCA'].map((literal) => ({ literal, pattern: /A[A-Z]{3}[A-Z0-9]{16}(?![A-Za-z0-9])/y })),
  { literal: 'AIza', pattern: /AIza[\w-]{35}/y },
  { literal: 'ya29.', pattern: /ya29\.[\w-]{20,2000}/y },
  { literal: 'GOCSPX-', pattern: /GOCSPX-[\w-]{20,100}/y },
  { literal: 'xox', pattern: /xox[abeoprs]-[\w-]{10,255}/y, check: mixed },
  { literal: 'xapp-', pattern: /xapp-[\w-]{20,255}/y, check: mixed },
  { literal: 'hooks.slack.com/services/', pattern: /hooks\.slack\.com\/services\/([\w/]{20,100})/y, check: mixed },
  { literal: 'sk-', pattern: /sk-[\w-]{20,300}/y, check: random },
  { literal: 'npm_', pattern: /npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/y, check: mixed },
  ...['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'].map((literal) => ({
    literal,
    pattern: /[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}/y,
  })),
  { literal: 'whsec_', pattern: /whsec_[A-Za-z0-9+/=]{24,255}/y },
  { literal: 'SG.', pattern: /SG\.[\w-]{16,64}\.[\w-]{16,128}/y },
  { literal: 'hf_', pattern: /hf_[A-Za-z0-9]{30,100}/y },
  { literal: 'pypi-', pattern: /pypi-[\w-]{50,500}/y },
  { literal: 'dop_v1_', pattern: /dop_v1_[a-f0-9]{64}/y },
  { literal: 'shpat_', pattern: /shpat_[a-fA-F0-9]{32}/y },
  { literal: 'AccountKey=', pattern: /AccountKey=([A-Za-z0-9+/]{40,200}={0,2})/y },
  { literal: 'eyJ', pattern: /eyJ[\w-]{8,4000}\.eyJ[\w-]{8,8000}\.[\w-]{8,2000}/y },
  ...['Bearer ', 'bearer ', 'Basic ', 'basic '].map((literal) => ({
    literal,
    pattern: /[Bb](?:earer|asic) {1,4}([\w.~+/-]{16,4000}={0,2})/y,
    check: mixed,
  })),
];

const wordCharacter = /[A-Za-z0-9_]/;

/**
 * Replaces secrets with `<redacted>`: tokens of known form, private keys, passwords in addresses, and hard-coded values
 * assigned to names like `password` or `apiKey`. The code around a value stays as it is, quotes included. Types, calls,
 * variables and placeholders are left alone. Time grows linearly with the text; redacting twice changes nothing.
 */
export function redactSecrets(text: string): Redaction {
  const spans = secretSpans(text);
  let out = '';
  let at = 0;
  for (const { start, end } of spans) {
    out += text.slice(at, start) + redacted;
    at = end;
  }
  return { text: out + text.slice(at), count: spans.length };
}

/** Where the secrets stand, in order; those that overlap are one. */
export function secretSpans(text: string): readonly Span[] {
  const found: Span[] = [];
  privateKeys(text, found);
  addresses(text, found);
  for (const format of formats) known(text, format, found);
  redactAssignments(text, found);
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const spans: Span[] = [];
  for (const { start, end } of found) {
    const last = spans.at(-1);
    if (last === undefined || start >= last.end) spans.push({ start, end });
    else if (end > last.end) spans[spans.length - 1] = { start: last.start, end };
  }
  return spans;
}

function known(text: string, { literal, pattern, check }: Format, spans: Span[]): void {
  for (let at = text.indexOf(literal); at >= 0; ) {
    let next = at + literal.length;
    if (at === 0 || !wordCharacter.test(text[at - 1]!) || !wordCharacter.test(literal[0]!)) {
      pattern.lastIndex = at;
      const match = pattern.exec(text);
      if (match) {
        const secret = match[1] ?? match[0];
        const end = at + match[0].length;
        next = end;
        if (!check || check(secret)) spans.push({ start: end - secret.length, end });
      }
    }
    at = text.indexOf(literal, next);
  }
}

/** The body between the markers; of a key cut off by the edge of the text, the part that is there. */
function privateKeys(text: string, spans: Span[]): void {
  const marker = /-----(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
  let open: number | null = null;
  let at = text.indexOf('PRIVATE KEY');
  if (at < 0) return;
  for (let match = marker.exec(text); match; match = marker.exec(text)) {
    at = match.index;
    const end = at + match[0].length;
    if (match[1] === 'BEGIN') {
      if (open !== null) keyBody(text, open, at, spans);
      open = end;
    } else {
      keyBody(text, open ?? 0, at, spans, open === null);
      open = null;
    }
  }
  if (open !== null) keyBody(text, open, text.length, spans);
}

const keyCharacters = /[A-Za-z0-9+/=\s\\"'`,;:.()-]/;

/** Marks what looks like base64 between `from` and `to`; walks in from the marker that is there. */
function keyBody(text: string, from: number, to: number, spans: Span[], fromEnd = false): void {
  let start = from;
  let end = to;
  const longest = 20_000;
  if (fromEnd) {
    start = end;
    while (start > from && end - start < longest && keyCharacters.test(text[start - 1]!)) start--;
    // The first line may be code: begin after it, unless the key fills the text.
    if (start > from) start = Math.min(end, text.indexOf('\n', start) + 1 || end);
  } else {
    end = start;
    while (end < to && end - start < longest && keyCharacters.test(text[end]!)) end++;
  }
  const first = text.slice(start, end).search(/[A-Za-z0-9+/]{16}/);
  if (first < 0) return;
  start += first;
  while (end > start && !/[A-Za-z0-9+/=]/.test(text[end - 1]!)) end--;
  if (!fromEnd && end === text.length - 0 && to === text.length) end = text.length;
  spans.push({ start, end });
}

const placeholder = /^(?:pass(?:word|wd)?|pwd|secret|token|p|x+|\*+|\.+|test|pw|abc|foo|bar|changeme|your.*|my.*)$/i;

/** `scheme://user:password@host`. */
function addresses(text: string, spans: Span[]): void {
  const credentials = /[^\s:@/'"`<>\\]{0,100}:([^\s@/'"`<>\\]{1,200})@[\w[]/y;
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at + 3)) {
    credentials.lastIndex = at + 3;
    const match = credentials.exec(text);
    if (!match) continue;
    const secret = match[1]!;
    const end = credentials.lastIndex - 2;
    if (/^[$%{[(]/.test(secret) || secret.includes('${') || placeholder.test(secret)) continue;
    spans.push({ start: end - secret.length, end });
  }
}
