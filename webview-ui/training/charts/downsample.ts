/** What a line of thousands of points needs to look like itself: per pixel column its first, lowest, highest and last point. */

/** [x, y]; y null, or not finite: a gap. Sorted by x. */
export type Point = readonly [number, number | null];

export const isGap = (y: number | null): y is null => y === null || !Number.isFinite(y);

/**
 * M4 (Jugel et al., VLDB 2014): drawn into `columns` pixel columns, the line of the result covers the same pixels as that of
 * all points, so no spike is smoothed away. A column with a gap in it keeps one. Few points come back as they are.
 */
export function downsample(points: readonly Point[], columns: number): readonly Point[] {
  if (points.length <= 4 * columns || columns < 1) return points;
  const from = points[0]![0];
  const width = (points.at(-1)![0] - from) / columns;
  if (!(width > 0)) return points;
  const kept: Point[] = [];
  let column = -1;
  let members: Point[] = [];
  const close = (): void => {
    for (const point of essential(members)) kept.push(point);
    members = [];
  };
  for (const point of points) {
    const mine = Math.min(columns - 1, Math.floor((point[0] - from) / width));
    if (mine !== column) close();
    column = mine;
    members.push(point);
  }
  close();
  return kept;
}

/** In their order, each once. */
function essential(members: readonly Point[]): readonly Point[] {
  if (members.length <= 4) return members;
  let low = -1;
  let high = -1;
  let gap = -1;
  for (const [i, [, y]] of members.entries()) {
    if (isGap(y)) gap = i;
    else {
      if (low < 0 || y < members[low]![1]!) low = i;
      if (high < 0 || y > members[high]![1]!) high = i;
    }
  }
  const indices = new Set([0, low, high, gap, members.length - 1]);
  return [...indices]
    .filter((i) => i >= 0)
    .sort((a, b) => a - b)
    .map((i) => members[i]!);
}
