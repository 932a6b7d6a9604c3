/** Whether what was typed is a change, or still on its way to be one. */
import { addedOf, type Hunk, removedOf } from './hunk.ts';
import { balance } from './lex.ts';

/** Without a key for this long, with the cursor still at a name, the name is whole (twice a slow typist's pause). */
export const settleMs = 1000;

export type Settled =
  | { readonly type: 'settled' }
  /** In this time it is, if no key comes. */
  | { readonly type: 'soon'; readonly inMs: number }
  /** Something opened is not closed: another key must come. */
  | { readonly type: 'unbalanced' };

/** `cursor`: offset in the lines as they are; null: somewhere else. `quietMs`: time since the last key. */
export function settled(hunk: Hunk, cursor: number | null, quietMs: number): Settled {
  if (balance(removedOf(hunk)) !== balance(addedOf(hunk))) return { type: 'unbalanced' };
  if (cursor === null || quietMs >= settleMs) return { type: 'settled' };
  const { after, from, afterTo } = hunk;
  const first = after.tokens[Math.max(0, from - 1)];
  const last = after.tokens[Math.min(after.tokens.length - 1, afterTo)];
  const added = addedOf(hunk);
  const start = added[0]?.start ?? first?.end ?? 0;
  const end = added.at(-1)?.end ?? last?.start ?? after.text.length;
  if (cursor < start || cursor > end) return { type: 'settled' };
  return { type: 'soon', inMs: settleMs - quietMs };
}
