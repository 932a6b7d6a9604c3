/** A map from texts to values that finds every key which a given text begins with (a Patricia trie; Morrison, 1968). */

interface Node<T> {
  /** What is added to the parent's key; empty at the root only. */
  edge: string;
  value: T | undefined;
  /** By the first UTF-16 unit of the edge. */
  readonly children: Map<string, Node<T>>;
}

const node = <T>(edge: string, value: T | undefined): Node<T> => ({ edge, value, children: new Map() });

/** Keys that begin alike share the way to where they part. The tree keeps slices of the keys it is given. */
export class RadixTree<T extends object> {
  readonly #root = node<T>('', undefined);
  #size = 0;

  /** Keys. */
  get size(): number {
    return this.#size;
  }

  set(key: string, value: T): void {
    let at = this.#root;
    let done = 0;
    while (done < key.length) {
      const next = at.children.get(key[done]!);
      if (next === undefined) {
        const leaf = node(key.slice(done), value);
        at.children.set(leaf.edge[0]!, leaf);
        this.#size += 1;
        return;
      }
      const common = commonLength(next.edge, key, done);
      at = common === next.edge.length ? next : split(at, next, common);
      done += common;
    }
    if (at.value === undefined) this.#size += 1;
    at.value = value;
  }

  /** The values of all keys that `text` begins with, the shortest key first. */
  *along(text: string): Generator<T, void, undefined> {
    let at: Node<T> | undefined = this.#root;
    let done = 0;
    for (;;) {
      if (at.value !== undefined) yield at.value;
      at = done < text.length ? at.children.get(text[done]!) : undefined;
      if (at === undefined || !text.startsWith(at.edge, done)) return;
      done += at.edge.length;
    }
  }

  get(key: string): T | undefined {
    return this.#path(key)?.at(-1)?.value;
  }

  delete(key: string): boolean {
    const path = this.#path(key);
    const last = path?.at(-1);
    if (path === null || last?.value === undefined) return false;
    last.value = undefined;
    this.#size -= 1;
    for (let depth = path.length - 1; depth > 0; depth -= 1) {
      const here = path[depth]!;
      if (here.value !== undefined || here.children.size > 1) break;
      const [child] = here.children.values();
      const above = path[depth - 1]!;
      // A node without a value stands only where keys part.
      if (child === undefined) above.children.delete(here.edge[0]!);
      else above.children.set(here.edge[0]!, { ...child, edge: here.edge + child.edge });
    }
    return true;
  }

  /** From the root to the node of exactly this key. */
  #path(key: string): Node<T>[] | null {
    const path = [this.#root];
    let done = 0;
    while (done < key.length) {
      const next = path.at(-1)!.children.get(key[done]!);
      if (next === undefined || !key.startsWith(next.edge, done)) return null;
      path.push(next);
      done += next.edge.length;
    }
    return path;
  }
}

/** Puts a node in between, after the first `length` units of the edge to `child`. */
function split<T>(parent: Node<T>, child: Node<T>, length: number): Node<T> {
  const between = node<T>(child.edge.slice(0, length), undefined);
  parent.children.set(between.edge[0]!, between);
  child.edge = child.edge.slice(length);
  between.children.set(child.edge[0]!, child);
  return between;
}

/** How many units of `edge` stand in `text` from `from` on; at least the first does. */
function commonLength(edge: string, text: string, from: number): number {
  if (text.startsWith(edge, from)) return edge.length;
  let length = 1;
  while (edge[length] === text[from + length]) length += 1;
  return length;
}
