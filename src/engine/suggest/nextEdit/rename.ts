/** A name that got another: what of it changed, and what other names become. */
import type { RenamePattern } from './pattern.ts';
import { inStyle, isReserved, isTelling, partsOf, wordsOf } from './words.ts';

/** The pattern of `from` becoming `to`; null when it says too little to be repeated. */
export function renamePattern(from: string, to: string): RenamePattern | null {
  if (from === to || isReserved(from) || isReserved(to) || from.length < 3 || to.length < 2) return null;
  const part = changedPart(from, to);
  if (part) {
    const pattern: RenamePattern = { type: 'rename', from, to, part };
    if (part.from.some(isTelling) && renamePart(from, pattern) === to) return pattern;
  }
  const words = wordsOf(from);
  return words.length > 1 || isTelling(from) ? { type: 'rename', from, to, part: null } : null;
}

/** The words in the middle that differ; null when none is common to both, or nothing is left of one. */
function changedPart(from: string, to: string): { readonly from: string[]; readonly to: string[] } | null {
  const a = wordsOf(from);
  const b = wordsOf(to);
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  if (head + tail === 0) return null;
  const part = { from: a.slice(head, a.length - tail), to: b.slice(head, b.length - tail) };
  return part.from.length === 0 || part.to.length === 0 ? null : part;
}

/** What `name` becomes; null when it has nothing of what changed. */
export function renamed(name: string, pattern: RenamePattern): string | null {
  if (name === pattern.from) return pattern.to;
  return pattern.part ? renamePart(name, pattern) : null;
}

function renamePart(name: string, { part }: RenamePattern): string | null {
  if (!part) return null;
  const parts = partsOf(name);
  const words = parts.map(({ text }) => text.toLowerCase());
  const length = part.from.length;
  let result = '';
  let copied = 0;
  let index = 0;
  while (index + length <= words.length) {
    const plural = fits(words, index, part.from);
    if (plural === null || fits(words, index, part.to) !== null) {
      index += 1;
      continue;
    }
    const { start } = parts[index]!;
    const { end } = parts[index + length - 1]!;
    const to = plural ? [...part.to.slice(0, -1), `${part.to.at(-1)!}s`] : part.to;
    result += name.slice(copied, start) + inStyle(to, name.slice(start, end), name);
    copied = end;
    index += length;
  }
  return copied === 0 ? null : result + name.slice(copied);
}

/** Whether `wanted` stands in `words` at `index`; true: its last word in the plural. */
function fits(words: readonly string[], index: number, wanted: readonly string[]): boolean | null {
  let plural = false;
  for (const [offset, want] of wanted.entries()) {
    const word = words[index + offset];
    if (word === want) continue;
    if (offset !== wanted.length - 1 || word !== `${want}s`) return null;
    plural = true;
  }
  return plural;
}
