/** The family tree of versions beside their list: one lane per line of descent, as beside a list of commits. */

export interface LineageRow {
  /** Of this row's dot. */
  readonly lane: number;
  /** Lines of this row: `through` it, `in`to its dot from above (a child), `out` of it downwards (to the parent). */
  readonly lines: readonly { readonly type: 'through' | 'in' | 'out'; readonly lane: number }[];
}

/** `versions`: newest first. A parent that is not among them ends its line. */
export function lineageRows(
  versions: readonly { readonly id: string; readonly parent: string | null }[],
): readonly LineageRow[] {
  const ids = new Set(versions.map(({ id }) => id));
  /** Which version each lane leads to. */
  const lanes: (string | null)[] = [];
  return versions.map(({ id, parent }) => {
    const children = lanes.flatMap((wanted, lane) => (wanted === id ? [lane] : []));
    const free = lanes.indexOf(null);
    const lane = children[0] ?? (free < 0 ? lanes.length : free);
    const through = lanes.flatMap((wanted, i) => (wanted !== null && wanted !== id ? [i] : []));
    for (const child of children) lanes[child] = null;
    lanes[lane] = parent !== null && ids.has(parent) ? parent : null;
    return {
      lane,
      lines: [
        ...through.map((i) => ({ type: 'through' as const, lane: i })),
        ...children.map((i) => ({ type: 'in' as const, lane: i })),
        ...(lanes[lane] === null ? [] : [{ type: 'out' as const, lane }]),
      ],
    };
  });
}
