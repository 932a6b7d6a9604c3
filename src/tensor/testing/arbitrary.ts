/** Shapes and arrays for property tests. Small ones: each is a run of a model. */
import * as fc from 'fast-check';
import { sizeOf } from '../graph/types.ts';
import type { Shape } from '../model.ts';
import type { Plain } from './reference.ts';

export const shapes = (minRank = 0, maxRank = 4): fc.Arbitrary<Shape> =>
  fc.array(fc.integer({ min: 1, max: 4 }), { minLength: minRank, maxLength: maxRank });

/** Multiples of 1/8 up to ±8: sums and products of a few are exact. */
export const eighths = fc.integer({ min: -64, max: 64 }).map((n) => n / 8);

export const arrays = (shape: Shape, element: fc.Arbitrary<number> = eighths): fc.Arbitrary<Plain> =>
  fc.array(element, { minLength: sizeOf(shape), maxLength: sizeOf(shape) }).map((values) => ({ shape, values }));

/** Shapes that broadcast to one: each lacks axes at its front, or has size 1 in some. */
export const broadcastable = (count: number): fc.Arbitrary<readonly Shape[]> =>
  shapes().chain((full) =>
    fc.array(
      fc
        .tuple(fc.integer({ min: 0, max: full.length }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
        .map(([missing, ones]) => full.slice(missing).map((size, i) => (ones[i] ? 1 : size))),
      { minLength: count, maxLength: count },
    ),
  );

/** Some of a shape's axes, each once, some counted from the end. */
export const axesOf = (shape: Shape): fc.Arbitrary<readonly number[]> =>
  fc
    .subarray(shape.map((_, i) => i))
    .chain((axes) => fc.tuple(...axes.map((axis) => fc.constantFrom(axis, axis - shape.length))));
