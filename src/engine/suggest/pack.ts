/** Fits text into a number of tokens. Whole lines, whole blocks: half an example teaches half an edit. */

/** Tokens of a text as the model counts them. */
export type CountTokens = (text: string) => number;

/** Shares of a prompt, near those of Copilot (half for the file, half for context): what one part leaves over goes to the next. */
export const shares = { prefix: 0.45, suffix: 0.15, context: 0.25, examples: 0.15 } as const;

/** Remembers what lines count; one keystroke changes one of them. */
export class LineCounts {
  #counts = new Map<string, number>();
  #yardstick = 0;
  #asked = 0;

  /** `count` with a memory. Forgets when the counter measures differently: its tables were loaded, or it was calibrated. */
  over(count: CountTokens): CountTokens {
    // Measuring takes as long as counting all that one key changes; a few requests may still be counted the old way.
    if (this.#asked++ % measuredEvery === 0) {
      const yardstick = count(yardstickText);
      if (yardstick !== this.#yardstick) this.#counts.clear();
      this.#yardstick = yardstick;
    }
    if (this.#counts.size > mostCounts) this.#counts.clear();
    return (text) => {
      let sum = 0;
      for (let start = 0; start < text.length; ) {
        const end = text.indexOf('\n', start) + 1 || text.length;
        sum += this.#line(text.slice(start, end), count);
        start = end;
      }
      return sum;
    };
  }

  #line(line: string, count: CountTokens): number {
    const known = this.#counts.get(line);
    if (known !== undefined) return known;
    const counted = count(line);
    this.#counts.set(line, counted);
    return counted;
  }
}

const mostCounts = 20_000;
const measuredEvery = 8;
const yardstickText =
  'export function yardstick(value: number): number {\n  return Math.round(value * 1.25) / 100;\n}\n'.repeat(3);

/** The last whole lines that fit; the line at the cursor always stays. */
export function lastLines(text: string, tokens: number, count: CountTokens): string {
  let start = text.lastIndexOf('\n') + 1;
  let left = tokens - count(text.slice(start));
  while (start > 0) {
    const previous = start === 1 ? 0 : text.lastIndexOf('\n', start - 2) + 1;
    left -= count(text.slice(previous, start));
    if (left < 0) break;
    start = previous;
  }
  return text.slice(start);
}

/** The first whole lines that fit; the rest of the cursor's line always stays. */
export function firstLines(text: string, tokens: number, count: CountTokens): string {
  let end = text.indexOf('\n') + 1 || text.length;
  let left = tokens - count(text.slice(0, end));
  while (end < text.length) {
    const next = text.indexOf('\n', end) + 1 || text.length;
    left -= count(text.slice(end, next));
    if (left < 0) break;
    end = next;
  }
  return text.slice(0, end);
}

/** The items that fit, in order; one that doesn't is left out whole and the next is tried. */
export function whole<T>(
  items: readonly T[],
  render: (item: T) => string,
  tokens: number,
  count: CountTokens,
): { readonly kept: readonly T[]; readonly used: number } {
  const kept: T[] = [];
  let used = 0;
  for (const item of items) {
    const size = count(`${render(item)}\n`);
    if (used + size > tokens) continue;
    kept.push(item);
    used += size;
  }
  return { kept, used };
}

export interface Packed<E, C> {
  readonly prefix: string;
  readonly suffix: string;
  readonly examples: readonly E[];
  readonly context: readonly C[];
  readonly tokens: number;
}

/** Divides `budget` tokens between the file, the examples and the other context. */
export function pack<E, C>(parts: {
  readonly prefix: string;
  readonly suffix: string;
  readonly examples: readonly E[];
  readonly renderExample: (example: E) => string;
  readonly context: readonly C[];
  readonly renderContext: (item: C) => string;
  readonly budget: number;
  readonly count: CountTokens;
}): Packed<E, C> {
  const { budget, count } = parts;
  const suffix = firstLines(parts.suffix, budget * shares.suffix, count);
  const near = lastLines(parts.prefix, budget * shares.prefix, count);
  const spare = Math.max(0, budget - count(suffix) - count(near));
  const forContext = Math.min(spare, budget * shares.context);
  const examples = whole(
    parts.examples,
    parts.renderExample,
    Math.max(budget * shares.examples, spare - forContext),
    count,
  );
  const context = whole(parts.context, parts.renderContext, Math.max(0, spare - examples.used), count);
  const left = budget - count(suffix) - examples.used - context.used;
  const prefix = left > count(near) ? lastLines(parts.prefix, left, count) : near;
  const tokens = count(prefix) + count(suffix) + examples.used + context.used;
  return { prefix, suffix, examples: examples.kept, context: context.kept, tokens };
}
