/** Which removed line became which added one. */

/** Lines that share less than this of their characters are not two versions of one line. */
const leastSimilar = 0.4;
/** Past so many comparisons lines are left unpaired: such a block is new code, not an edit. */
const maxComparisons = 2500;

/**
 * Pairs in order, without crossings, so that the sum of similarities is greatest (the alignment of Needleman and Wunsch,
 * gaps for free). Returns for each removed line the index of its added line, or −1.
 */
export function pairLines(removed: readonly string[], added: readonly string[]): readonly number[] {
  const [rows, columns] = [removed.length, added.length];
  if (rows * columns > maxComparisons) return removed.map(() => -1);
  const oldWords = removed.map(countWords);
  const newWords = added.map(countWords);
  const similar = (i: number, j: number): number => {
    const value = similarity(oldWords[i]!, newWords[j]!);
    return value < leastSimilar ? 0 : value;
  };
  // best[i][j]: the greatest sum for the lines from i and j on.
  const best = Array.from({ length: rows + 1 }, () => new Float64Array(columns + 1));
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      const value = similar(i, j);
      const paired = value === 0 ? 0 : value + best[i + 1]![j + 1]!;
      best[i]![j] = Math.max(paired, best[i + 1]![j]!, best[i]![j + 1]!);
    }
  }
  const pairs = removed.map(() => -1);
  for (let i = 0, j = 0; i < rows && j < columns; ) {
    const value = similar(i, j);
    if (value > 0 && best[i]![j] === value + best[i + 1]![j + 1]!) pairs[i++] = j++;
    else if (best[i]![j] === best[i + 1]![j]) i++;
    else j++;
  }
  return pairs;
}

interface Words {
  readonly counts: ReadonlyMap<string, number>;
  readonly length: number;
}

function countWords(line: string): Words {
  const counts = new Map<string, number>();
  let length = 0;
  for (const [word] of line.matchAll(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu)) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
    length += word.length;
  }
  return { counts, length };
}

/**
 * Share of characters in common words: of both lines (Dice), or nearly all of the shorter one when text was inserted
 * into it. Two lines of brackets are not called similar by that.
 */
function similarity(a: Words, b: Words): number {
  let shared = 0;
  for (const [word, count] of a.counts) shared += word.length * Math.min(count, b.counts.get(word) ?? 0);
  const shorter = Math.min(a.length, b.length);
  const whole = a.length + b.length === 0 ? 0 : (2 * shared) / (a.length + b.length);
  const contained = shorter >= 6 && shared / shorter >= 0.8 ? leastSimilar : 0;
  return Math.max(whole, contained);
}
