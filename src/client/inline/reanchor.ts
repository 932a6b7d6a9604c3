/** The visible characters of a text, and where each stands in it. */
function ink(text: string): { readonly bare: string; readonly at: readonly number[] } {
  const at: number[] = [];
  let bare = '';
  for (let index = 0; index < text.length; index += 1) {
    if (/\s/.test(text[index]!)) continue;
    bare += text[index];
    at.push(index);
  }
  return { bare, at };
}

/** Where `part` stands in `text`, the nearest to `near`; −1: nowhere. */
function nearest(text: string, part: string, near: number): number {
  const [before, after] = [text.lastIndexOf(part, near), text.indexOf(part, near)];
  if (before < 0 || after < 0) return Math.max(before, after);
  return near - before <= after - near ? before : after;
}

/** Fewer visible characters are found by chance. */
const leastAnchor = 8;

/**
 * Finds `known` in a text that took the place of everything around it, as a formatter does that rewrites the whole document.
 * White space may differ; of a rewritten text its beginning and its end are looked for. `near`: where it should stand, if nothing
 * else had changed. Offsets in `text`, end exclusive; null when it is not there.
 */
export function reanchor(
  text: string,
  known: string,
  near: number,
): { readonly start: number; readonly end: number } | null {
  const sought = ink(known).bare;
  if (sought === '') return null;
  const there = ink(text);
  const expected = there.at.findIndex((offset) => offset >= near);
  const hint = expected === -1 ? there.bare.length : expected;
  const range = (from: number, to: number) => ({ start: there.at[from]!, end: there.at[to - 1]! + 1 });

  const whole = nearest(there.bare, sought, hint);
  if (whole >= 0) return range(whole, whole + sought.length);
  // Long ends are the surest; short ones still hold when something near them was rewritten.
  for (const length of [Math.floor(sought.length / 3), leastAnchor]) {
    if (length < leastAnchor || sought.length < 2 * length) continue;
    const head = nearest(there.bare, sought.slice(0, length), hint);
    const tail = head < 0 ? -1 : there.bare.indexOf(sought.slice(-length), head + length);
    if (tail >= 0 && tail - head <= 3 * sought.length) return range(head, tail + length);
  }
  return null;
}
