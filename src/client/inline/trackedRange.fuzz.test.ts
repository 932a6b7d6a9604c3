import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shiftRange, type TrackedRange, trackRange } from './trackedRange.ts';

const documents = 600;
const editsEach = 300;

/** A small generator with a seed (mulberry32), so that a failure can be repeated. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Characters that never come twice, so that two texts can be compared without doubt; some of them are line ends. */
type Character = number;
const isLineEnd = (character: Character): boolean => character % 17 === 0;
const string = (characters: readonly Character[]): string =>
  characters.map((character) => (isLineEnd(character) ? '\n' : 'x')).join('');

/**
 * The range kept the naive way: which characters belong to it. After every edit the whole text is compared with the one before,
 * and what is new belongs to the range if it stands among its characters, or in place of some of them.
 */
class Rediffed {
  #text: readonly Character[];
  #members: Set<Character>;
  /** Where the range is when nothing of it is left. */
  #hole: number;
  /** The last character was deleted, and what is typed there now takes its place. */
  #open = false;

  constructor(text: readonly Character[], start: number, end: number) {
    this.#text = text;
    this.#members = new Set(text.slice(start, end));
    this.#hole = start;
  }

  get range(): { readonly start: number; readonly end: number } {
    const at = this.#text.flatMap((character, index) => (this.#members.has(character) ? [index] : []));
    return at.length === 0 ? { start: this.#hole, end: this.#hole } : { start: at[0]!, end: at.at(-1)! + 1 };
  }

  become(text: readonly Character[]): void {
    const before = this.#text;
    const { start, end } = this.range;
    let head = 0;
    while (head < before.length && head < text.length && before[head] === text[head]) head += 1;
    let tail = 0;
    while (tail < before.length - head && tail < text.length - head && before.at(-1 - tail) === text.at(-1 - tail))
      tail += 1;
    const gone = before.slice(head, before.length - tail);
    const fresh = text.slice(head, text.length - tail);
    this.#text = text;
    const empty = this.#members.size === 0;
    const lost = gone.filter((character) => this.#members.has(character));
    const lostTheLast = !empty && lost.includes(before[end - 1]!);
    const swallowed = empty && head < start && head + gone.length > start;
    const inside = gone.length === 0 && head > start && head < end;
    const atTheEnd = gone.length === 0 && head === end && (this.#open || empty);
    if (lost.length > 0 || inside || atTheEnd || swallowed) for (const one of fresh) this.#members.add(one);
    for (const one of gone) this.#members.delete(one);
    if (lostTheLast || swallowed) this.#open = !fresh.some(isLineEnd);
    else if (atTheEnd) this.#open &&= !fresh.some(isLineEnd);
    if (empty && head + gone.length <= start && !atTheEnd) this.#hole += fresh.length - gone.length;
    else if (this.#members.size === 0) this.#hole = empty ? Math.min(this.#hole, head) : Math.min(start, head);
    else if (swallowed) this.#hole = head;
  }
}

test('100 000 edits and more: the range is where comparing the whole text after each puts it', () => {
  let edits = 0;
  for (let seed = 1; seed <= documents; seed += 1) {
    const random = generator(seed);
    let last = 0;
    const fresh = (length: number): Character[] => Array.from({ length }, () => ++last);
    let text: readonly Character[] = fresh(20 + random(200));
    const start = random(text.length + 1);
    const end = start + random(Math.min(60, text.length - start) + 1);
    let range: TrackedRange = trackRange(start, end);
    const naive = new Rediffed(text, start, end);
    for (let nth = 0; nth < editsEach; nth += 1) {
      // Most edits near the range, where it is hard.
      const near = range.start - 8 + random(range.end - range.start + 16);
      const offset = Math.max(0, Math.min(text.length, random(3) === 0 ? random(text.length + 1) : near));
      const longest = random(10) === 0 ? text.length : 12;
      const length = random(2) === 0 ? 0 : Math.min(random(longest + 1), text.length - offset);
      const inserted = fresh(random(3) === 0 ? 0 : random(text.length > 400 ? 2 : 9));
      if (length === 0 && inserted.length === 0) continue;
      range = shiftRange(range, { offset, length, text: string(inserted) });
      text = [...text.slice(0, offset), ...inserted, ...text.slice(offset + length)];
      naive.become(text);
      edits += 1;
      assert.deepEqual({ start: range.start, end: range.end }, naive.range, `seed ${seed}, edit ${nth}`);
    }
  }
  assert.ok(edits >= 100_000, `${edits} edits`);
});
