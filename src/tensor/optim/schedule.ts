/** Learning rates as functions of the step, inside the graph. */
import type { Tensor } from '../graph/graph.ts';
import { add, div, mul, sub } from '../ops/basic.ts';
import { clamp, minimum } from '../ops/select.ts';
import { cos } from '../ops/unary.ts';

/** From the number of updates done before (a float scalar, from 0) to the factor of the learning rate. */
export type Schedule = (step: Tensor) => Tensor;

export interface ScheduleOptions {
  /** Updates over which the factor rises linearly; the first one gets 1/warmup of the full rate, not 0. */
  readonly warmup?: number;
  /** Updates in all; after them the factor stays. */
  readonly total: number;
  /** The factor at the end; 0 by default. */
  readonly final?: number;
}

const warm = (step: Tensor, warmup: number, factor: Tensor): Tensor =>
  warmup > 0 ? mul(minimum(div(add(step, 1), warmup), 1), factor) : factor;

/** From 0 at the end of the warm-up to 1 at the end of training. */
const progress = (step: Tensor, { warmup = 0, total }: ScheduleOptions): Tensor =>
  clamp(div(sub(step, warmup), Math.max(1, total - warmup)), 0, 1);

/** Always the full rate, after a linear warm-up. */
export const constantSchedule =
  ({ warmup = 0 }: { readonly warmup?: number } = {}): Schedule =>
  (step) =>
    warm(step, warmup, step.graph.scalar(1, step.dtype));

/** Falls in a straight line. */
export const linearSchedule =
  (options: ScheduleOptions): Schedule =>
  (step) => {
    const { warmup = 0, final = 0 } = options;
    return warm(step, warmup, sub(1, mul(progress(step, options), 1 - final)));
  };

/** Falls along half a cosine (arXiv:1608.03983, without restarts). */
export const cosineSchedule =
  (options: ScheduleOptions): Schedule =>
  (step) => {
    const { warmup = 0, final = 0 } = options;
    const half = mul(add(cos(mul(progress(step, options), Math.PI)), 1), (1 - final) / 2);
    return warm(step, warmup, add(half, final));
  };
