/** Of a short text, one changed character would be in all of its 4-grams. */
function gramOf(characters: number): number {
  if (characters >= 16) return 4;
  return Math.min(2, characters);
}

/** White space says nothing: a formatter may have been there. */
const bare = (text: string): string => text.replace(/\s+/g, '');

function grams(text: string, length: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let at = 0; at + length <= text.length; at += 1) {
    const one = text.slice(at, at + length);
    counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  return counts;
}

/**
 * How much of `taken` is left in `now`: the share of its character 4-grams that stand there still, white space aside. 0 to 1.
 * (As in Copilot's edit survival tracker; of a text below 16 characters the grams are pairs.)
 */
export function survival(taken: string, now: string): number {
  const [before, after] = [bare(taken), bare(now)];
  if (before === after) return 1;
  const length = gramOf(before.length);
  if (length === 0) return 1;
  const there = grams(after, length);
  let found = 0;
  let all = 0;
  for (const [one, count] of grams(before, length)) {
    found += Math.min(count, there.get(one) ?? 0);
    all += count;
  }
  return found / all;
}
