/** What a built graph becomes: one ordinary ONNX model, and how a caller talks to it. */
import type { DType, TensorData } from './dtype.ts';

/** Rows first; [] is a scalar. All sizes are known when the graph is built. */
export type Shape = readonly number[];

/** A tensor that crosses the border of a model. */
export interface TensorSpec {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Elements with their type and shape, row-major. */
export interface TensorValue {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TensorData;
}

/** A tensor that stays in the runtime: each run reads `input`, and `output`, if there is one, is what the next run reads. */
export interface StateBinding extends TensorSpec {
  /** `name` is the key in the state, and the name of the model's input. */
  readonly output: string | null;
}

/**
 * Rows that a run adds to a state tensor where it lies, without a copy of the rest (key-value caches): `output`, shaped as
 * `state` but with n rows along `axis`, is written over the rows from `position` on. Only where state lives in host memory.
 */
export interface StateAppend {
  /** Key of a state binding without an output of its own. */
  readonly state: string;
  readonly output: string;
  readonly axis: number;
  /** The int64 or int32 input with the index of the first row: one for all, or one for each entry of the first dimension. */
  readonly position: string;
}

export interface Model {
  /** The serialised ModelProto (opset 21, IR 10). Large weights are outside, in `files`. */
  readonly bytes: Uint8Array;
  /** Fed by the caller in each run. */
  readonly inputs: readonly TensorSpec[];
  /** Handed to the caller by each run. */
  readonly outputs: readonly TensorSpec[];
  readonly state: readonly StateBinding[];
  readonly appends?: readonly StateAppend[];
  /** Absolute paths of the files that hold external weights, as named in `bytes`. */
  readonly files: readonly string[];
}

/** Where a parameter lies in a pack: a vector in which the runtime keeps many parameters, one after the other. */
export interface PackedParameter {
  readonly name: string;
  readonly shape: Shape;
  /** In elements. */
  readonly offset: number;
}

export interface PackLayout {
  /** The pack's name; its values are the state `parameters.<pack>`. */
  readonly pack: string;
  /** In elements. */
  readonly size: number;
  readonly parameters: readonly PackedParameter[];
}
