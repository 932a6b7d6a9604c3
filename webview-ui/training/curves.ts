/** The curves of a training under way, as they come. */
import type { TrainingStep } from '../../src/protocol/trainingPanel.ts';
import { downsample, type Point } from './charts/downsample.ts';

export type Curves = ReadonlyMap<string, readonly Point[]>;

/** Beyond so many points of one curve the older ones are thinned out, keeping their extremes. */
const mostPoints = 4000;
const thinnedColumns = 500;

/** Steps come in order, but for a stage that is begun again: then a later word on a step replaces the former. */
export function withScalars(curves: Curves, steps: readonly Pick<TrainingStep, 'scalars'>[]): Curves {
  const fresh = new Map<string, Point[]>();
  for (const { scalars } of steps) {
    for (const { tag, step, value } of scalars) {
      let points = fresh.get(tag);
      if (!points) {
        points = [...(curves.get(tag) ?? [])];
        fresh.set(tag, points);
      }
      insert(points, [step, Number.isFinite(value) ? value : null]);
    }
  }
  if (fresh.size === 0) return curves;
  const next = new Map(curves);
  for (const [tag, points] of fresh)
    next.set(tag, points.length > mostPoints ? downsample(points, thinnedColumns) : points);
  return next;
}

function insert(points: Point[], point: Point): void {
  let at = points.length;
  while (at > 0 && points[at - 1]![0] > point[0]) at--;
  if (at > 0 && points[at - 1]![0] === point[0]) points[at - 1] = point;
  else points.splice(at, 0, point);
}
