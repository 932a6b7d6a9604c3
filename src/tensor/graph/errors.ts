import type { TensorType } from './types.ts';

/** `float32[2, 3]`. */
export const formatType = ({ dtype, shape }: TensorType): string => `${dtype}[${shape.join(', ')}]`;

/** Frames of the builder itself, which nobody looks for; a test beside it is a caller like any other. */
const builderFrame = /[\\/]tensor[\\/](graph|ops)[\\/](?![^\\/]*\.test\.)/;

/** `decoder.ts:41:18`, of a frame that has a place in a file. */
const placeOf = /([^\\/(]+:\d+:\d+)\)?$/;

/** The first line of the stack that is not the builder's. */
function callerLine(): string {
  const limit = Error.stackTraceLimit;
  // An op in a gradient in a fused op is deeper than the usual ten.
  Error.stackTraceLimit = 100;
  const frames = (new Error().stack ?? '').split('\n').filter((line) => placeOf.test(line) && !line.includes('node:'));
  Error.stackTraceLimit = limit;
  const frame = frames.find((line) => !builderFrame.test(line));
  return (frame && placeOf.exec(frame)?.[1]) ?? 'an unknown line';
}

/**
 * An op that can't be built: its name, the types it was given, what is wrong, and the line that built it. A bug of the
 * caller's, never a user's.
 */
export class GraphError extends Error {
  override readonly name = 'GraphError';
  readonly op: string;

  constructor(op: string, inputs: readonly (TensorType | null)[], problem: string) {
    const types = inputs.map((input) => (input ? formatType(input) : 'nothing')).join(', ');
    super(`${op}(${types}): ${problem} Built at ${callerLine()}.`);
    this.op = op;
  }
}
