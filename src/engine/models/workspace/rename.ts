/** Carries a pattern over to other names: `getUser(userId)` seen, `order` written for `user`, so `getOrder(orderId)`. */

const boundary = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^A-Za-z\d]+/g;

/** Parts of a name: words, digits, and what joins them. */
export function nameParts(name: string): string[] {
  return name.match(boundary) ?? [name];
}

export interface WordRule {
  /** Lower-case words, in a row. */
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** What changed between two names once the words they share at both ends are set aside; null: nothing usable. */
export function ruleBetween(from: string, to: string): WordRule | null {
  const a = nameParts(from).map((part) => part.toLowerCase());
  const b = nameParts(to).map((part) => part.toLowerCase());
  let head = 0;
  while (head < a.length - 1 && head < b.length - 1 && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - 1 - head && tail < b.length - 1 - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const left = a.slice(head, a.length - tail);
  const right = b.slice(head, b.length - tail);
  const usable = (parts: readonly string[]) =>
    parts.length <= 3 && parts.join('').length >= 2 && parts.every((p) => /^[a-z]+$/.test(p));
  if (!usable(left) || !usable(right) || left.join() === right.join()) return null;
  return { from: left, to: right };
}

/** `name` with the rules' words replaced, in the case the name has them; null when none is in it. */
export function applyRules(name: string, rules: readonly WordRule[]): string | null {
  const parts = nameParts(name);
  const lower = parts.map((part) => part.toLowerCase());
  for (const { from, to } of rules) {
    for (let at = 0; at + from.length <= parts.length; at++) {
      let plural = '';
      const matches = from.every((word, i) => {
        if (lower[at + i] === word) return true;
        if (i === from.length - 1 && lower[at + i] === word + 's' && !to.at(-1)!.endsWith('s')) {
          plural = 's';
          return true;
        }
        return false;
      });
      if (!matches) continue;
      const sample = parts[at]!;
      const first = at === 0;
      const inner = parts[at + 1] ?? parts[at - 1] ?? '';
      const upper = sample.length > 1 && sample === sample.toUpperCase();
      const words = to.map((word, i) => {
        if (upper) return word.toUpperCase();
        const capital = i === 0 ? /^[A-Z]/.test(sample) : inner !== '_' && inner !== '-';
        return capital && !(first && i === 0 && /^[a-z]/.test(sample)) ? word[0]!.toUpperCase() + word.slice(1) : word;
      });
      const joiner = to.length > 1 && (inner === '_' || inner === '-') ? inner : '';
      const suffix = upper ? plural.toUpperCase() : plural;
      return [...parts.slice(0, at), words.join(joiner) + suffix, ...parts.slice(at + from.length)].join('');
    }
  }
  return null;
}
