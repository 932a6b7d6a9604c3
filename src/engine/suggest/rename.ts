/** Two lines that say the same with other names: `const user = load(id)` and `const order = load(id)`. */

const token = /[\p{L}_$][\p{L}\p{N}_$]*|\d+|\s+|./gsu;
const word = /^[\p{L}_$]/u;

/** At most this many names may differ; more, and the lines have little to do with each other. */
const mostRenames = 2;

/** Old name → new name. One to one. */
export type Renames = ReadonlyMap<string, string>;

const tokensOf = (text: string): string[] => text.match(token) ?? [];

/** The text with its names changed. */
export function renamed(text: string, renames: Renames): string {
  if (renames.size === 0) return text;
  return tokensOf(text)
    .map((part) => renames.get(part) ?? part)
    .join('');
}

/**
 * The renames, added to `known`, that turn line `from` into line `to`; null when there are none, or when the lines share
 * fewer words than they differ in. White space doesn't count.
 */
export function alignLines(from: string, to: string, known: Renames = new Map()): Renames | null {
  const left = tokensOf(from).filter((part) => part.trim() !== '');
  const right = tokensOf(to).filter((part) => part.trim() !== '');
  if (left.length !== right.length) return null;
  return alignTokens(left, right, known);
}

/**
 * What follows in line `from`, renamed, once its beginning has been matched with `typed`; null when they don't match.
 * The word at the cursor may be unfinished.
 */
export function restAfter(
  from: string,
  typed: string,
  known: Renames = new Map(),
): { readonly rest: string; readonly renames: Renames } | null {
  const plain = renamed(from, known);
  if (plain.startsWith(typed)) return { rest: plain.slice(typed.length), renames: known };
  const right = tokensOf(typed.trimEnd()).filter((part) => part.trim() !== '');
  const source = tokensOf(from);
  const positions = source.flatMap((part, index) => (part.trim() === '' ? [] : [index]));
  if (right.length === 0 || right.length > positions.length) return null;
  const unfinished = word.test(right.at(-1)!) && typed === typed.trimEnd();
  const whole = unfinished ? right.length - 1 : right.length;
  const left = positions.slice(0, whole).map((index) => source[index]!);
  const renames = alignTokens(left, right.slice(0, whole), known);
  if (renames === null || renames.size === known.size) return null;
  const tail = source.slice((positions[whole - 1] ?? -1) + 1).join('');
  const rest = renamed(tail, renames);
  if (!unfinished) return { rest: /\s$/.test(typed) ? rest.trimStart() : rest, renames };
  const begun = rest.trimStart();
  return begun.startsWith(right.at(-1)!) ? { rest: begun.slice(right.at(-1)!.length), renames } : null;
}

function alignTokens(left: readonly string[], right: readonly string[], known: Renames): Renames | null {
  const renames = new Map(known);
  const taken = new Set(known.values());
  const same = new Set<string>();
  let shared = 0;
  for (const [index, from] of left.entries()) {
    const to = right[index]!;
    const expected = renames.get(from);
    if (expected !== undefined) {
      if (expected !== to) return null;
    } else if (from === to) {
      if (taken.has(to)) return null;
      if (word.test(from)) same.add(from);
      if (word.test(from)) shared += 1;
    } else if (word.test(from) && word.test(to) && !taken.has(to) && !same.has(to) && !same.has(from)) {
      renames.set(from, to);
      taken.add(to);
    } else return null;
  }
  if (renames.size > mostRenames || shared < renames.size - known.size) return null;
  return renames;
}
