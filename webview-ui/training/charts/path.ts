/** SVG path data; a gap in the data is a gap in the drawing. */
import { isGap, type Point } from './downsample.ts';
import type { Scale } from './scale.ts';

/** A band's place: x, lower and upper bound; null: not known. */
export type BandPoint = readonly [number, number | null, number | null];

const round = (value: number): number => Math.round(value * 10) / 10;

/** A point between two gaps becomes a line of no length, which round caps show as a dot. */
export function linePath(points: readonly Point[], x: Scale, y: Scale): string {
  let path = '';
  let pen: 'up' | 'down' = 'up';
  for (const [i, [at, value]] of points.entries()) {
    if (isGap(value)) {
      pen = 'up';
      continue;
    }
    const place = `${round(x(at))} ${round(y(value))}`;
    const next = points[i + 1];
    const alone = pen === 'up' && (next === undefined || isGap(next[1]));
    path += `${pen === 'up' ? 'M' : 'L'}${place}${alone ? `L${place}` : ''}`;
    pen = 'down';
  }
  return path;
}

/** The area between the bounds, as far as both are known. */
export function bandPath(points: readonly BandPoint[], x: Scale, y: Scale): string {
  const areas: (readonly [number, number, number])[][] = [[]];
  for (const [at, low, high] of points) {
    if (isGap(low) || isGap(high)) areas.push([]);
    else areas.at(-1)!.push([at, low, high]);
  }
  return areas
    .filter((area) => area.length > 0)
    .map((area) => {
      const there = area.map(([at, , high]) => `${round(x(at))} ${round(y(high))}`);
      const back = area.map(([at, low]) => `${round(x(at))} ${round(y(low))}`).reverse();
      return `M${[...there, ...back].join('L')}Z`;
    })
    .join('');
}
