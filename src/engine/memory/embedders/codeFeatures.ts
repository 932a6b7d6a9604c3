/** Splits source text into the features the built-in embedder hashes. */

/** Words that say which language it is rather than what the code is about, in the languages people use most. */
const keywords = new Set(
  `abstract and any as assert async await auto bool boolean break byte case catch char class const constexpr continue
crate debugger def default del delete do double elif else end enum except export extends extern false final finally float
fn for from func function global go goto if impl implements import in include instanceof int interface internal is lambda
let long loop match mod module mut namespace new nil none nonlocal not null number object operator or override package
pass private protected pub public raise readonly ref return self short signed sizeof static std str string struct super
switch template then this throw throws trait true try type typedef typeof undefined union unsafe unsigned use using val
var virtual void volatile when where while with yield
a an the of to and or be by on at it if that this which`.split(/\s+/),
);

export const isKeyword = (word: string): boolean => keywords.has(word);

/**
 * An identifier's parts in lower case: `parseHTTPRequest2` → parse, http, request, 2. Parts end at underscores, at digits,
 * and where the case says so: before a capital after a small letter, and before the last capital of a run.
 */
export function subTokens(identifier: string): string[] {
  const parts = identifier.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{Lt}]+|\p{N}+/gu);
  return parts ? parts.map((part) => part.toLowerCase()) : [];
}

const tokenPattern = /[\p{L}_$][\p{L}\p{N}_$]*|\p{N}+(?:\.\p{N}+)?|[^\s\p{L}\p{N}_$]{1,3}/gu;

/** Identifiers, numbers and runs of up to three punctuation characters, in order. */
export const codeTokens = (text: string): string[] => text.match(tokenPattern) ?? [];

/** Is it an identifier (or a word), rather than a number or an operator? */
export const isIdentifier = (token: string): boolean => /^[\p{L}_$]/u.test(token);
