import type { TensorType } from './types.ts';

/** `float32[2, 3]`. */
export const formatType = ({ dtype, shape }: TensorType): string => `${dtype}[${shape.join(', ')}]`;

/** Frames of the builder itself, which nobody looks for; a test beside it is a caller like any other. */
const builderFrame = /[\\/]tensor[\\/](graph|ops)[\\/](?![^\\/]*\.test\.)/;

/** The first line of the stack that is not the builder's: `decoder.ts:41:18`. */
function callerLine(stack: string | undefined): string {
  const frames = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const frame = frames.find((line) => !builderFrame.test(line)) ?? frames[0] ?? '';
  const place = /([^\\/(]+:\d+:\d+)\)?$/.exec(frame);
  return place ? place[1]! : 'an unknown line';
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
    super(`${op}(${types}): ${problem}`);
    this.op = op;
    this.message += ` Built at ${callerLine(this.stack)}.`;
  }
}
