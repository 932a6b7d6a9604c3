/** What stands in place of a masked letter or digit; the second and third where two texts must not become equal. */
const masks = ['x', 'y', 'z'] as const;
const maskable = /[\p{L}\p{N}\p{M}\ud800-\udfff]/u;

/**
 * Every character that a recording writes down, by number. An edit moves characters, a mask follows them: what was part of a
 * secret once stays masked wherever it stood before and after. Characters that the replay compares are linked (equal, and
 * masked together) or kept apart (different, and different under the mask too).
 */
export class Characters {
  readonly #codes: string[] = [];
  /** Union-find: linked characters have one root. */
  readonly #parents: number[] = [];
  readonly #marked = new Set<number>();
  readonly #apart = new Map<number, number[]>();
  #masks: Map<number, string> | null = null;

  /** Numbers the UTF-16 units of `text` one after the other; returns the first number. */
  add(text: string): number {
    const first = this.#codes.length;
    for (let index = 0; index < text.length; index += 1) {
      this.#codes.push(text[index]!);
      this.#parents.push(first + index);
    }
    return first;
  }

  link(a: number, b: number): void {
    const [from, to] = [this.#root(a), this.#root(b)];
    if (from === to) return;
    this.#parents[from] = to;
    if (this.#marked.delete(from)) this.#marked.add(to);
    const apart = this.#apart.get(from);
    if (apart) this.#apart.set(to, [...(this.#apart.get(to) ?? []), ...apart]);
    this.#apart.delete(from);
  }

  keepApart(a: number, b: number): void {
    for (const [one, other] of [
      [this.#root(a), b],
      [this.#root(b), a],
    ] as const) {
      this.#apart.set(one, [...(this.#apart.get(one) ?? []), other]);
    }
  }

  mark(character: number): void {
    this.#marked.add(this.#root(character));
  }

  /** Characters that come out masked. */
  get masked(): number {
    const out = this.#assigned();
    return this.#parents.reduce((sum, _, character) => sum + (out.has(this.#root(character)) ? 1 : 0), 0);
  }

  /** As many UTF-16 units as `text`, which was numbered from `first`. Call it when all is marked and linked. */
  maskedText(first: number, text: string): string {
    const out = this.#assigned();
    let result = '';
    for (let index = 0; index < text.length; index += 1) result += out.get(this.#root(first + index)) ?? text[index]!;
    return result;
  }

  /** Root → its mask; only of what is marked and a letter or digit. */
  #assigned(): ReadonlyMap<number, string> {
    if (this.#masks) return this.#masks;
    const out = new Map<number, string>();
    for (const root of [...this.#marked].sort((a, b) => a - b)) {
      if (!maskable.test(this.#codes[root]!)) continue;
      const taken = new Set<string>();
      for (const other of this.#apart.get(root) ?? []) {
        const its = this.#root(other);
        // One that is masked later than this one looks at this one then.
        const code = this.#marked.has(its) && maskable.test(this.#codes[its]!) ? out.get(its) : this.#codes[its];
        if (code !== undefined) taken.add(code);
      }
      out.set(root, masks.find((mask) => !taken.has(mask)) ?? masks[0]);
    }
    this.#masks = out;
    return out;
  }

  #root(character: number): number {
    let root = character;
    while (this.#parents[root] !== root) root = this.#parents[root]!;
    // Later look-ups are short.
    for (let at = character; at !== root; ) {
      const next = this.#parents[at]!;
      this.#parents[at] = root;
      at = next;
    }
    return root;
  }
}
