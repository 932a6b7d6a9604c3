/** What a caller gives, against what a model wants: checked before anything is sent to the runtime's process. */
import { access, constants } from 'node:fs/promises';
import { isAbsolute, parse } from 'node:path';
import { type DType, dtypes, isFloat, type TensorData } from '../dtype.ts';
import { sameShape, sizeOf } from '../graph/types.ts';
import type { Model, Shape, TensorSpec, TensorValue } from '../model.ts';
import { ModelInputError, NonFiniteError } from './errors.ts';

export type Tensors = { readonly [name: string]: TensorValue };

/** "float32 [2, 3]" */
export const describe = ({ dtype, shape }: { readonly dtype: DType; readonly shape: Shape }): string =>
  `${dtype} [${shape.join(', ')}]`;

const quoted = (names: Iterable<string>): string => [...names].map((name) => `“${name}”`).join(', ') || 'none';

/** Throws when a tensor's array doesn't hold what its type and shape say, or the type can't cross the runtime's border. */
export function checkTensor(name: string, { dtype, shape, data }: TensorValue): void {
  const { array, runtime } = dtypes[dtype];
  if (runtime === null) {
    throw new ModelInputError(
      `“${name}” is ${dtype}, which ONNX Runtime takes only inside a graph: give it as float32.`,
    );
  }
  if (!(data instanceof array)) {
    throw new ModelInputError(
      `The elements of “${name}” (${dtype}) belong in ${article(array.name)}, not in ${article(data?.constructor?.name ?? String(data))}.`,
    );
  }
  if (data.length !== sizeOf(shape)) {
    throw new ModelInputError(
      `“${name}” is ${describe({ dtype, shape })}: ${sizeOf(shape)} elements are wanted, ${data.length} were given.`,
    );
  }
}

const article = (noun: string): string => `${/^[AEIO]/.test(noun) ? 'an' : 'a'} ${noun}`;

/** The arrays in the order of the model's inputs. Throws ModelInputError or, with `finite`, NonFiniteError. */
export function orderFeeds(inputs: readonly TensorSpec[], feeds: Tensors, finite: boolean): readonly TensorData[] {
  const names = new Set(inputs.map(({ name }) => name));
  for (const name of Object.keys(feeds)) {
    if (!names.has(name)) {
      throw new ModelInputError(`The model has no input “${name}”; its inputs are ${quoted(names)}.`);
    }
  }
  return inputs.map((wanted) => {
    const given = feeds[wanted.name];
    if (!given) throw new ModelInputError(`The input “${wanted.name}” (${describe(wanted)}) is missing.`);
    if (given.dtype !== wanted.dtype || !sameShape(given.shape, wanted.shape)) {
      throw new ModelInputError(
        `The input “${wanted.name}” must be ${describe(wanted)}; ${describe(given)} was given.`,
      );
    }
    checkTensor(wanted.name, given);
    if (finite && isFloat(wanted.dtype)) checkFinite(wanted.name, given.data);
    return given.data;
  });
}

function checkFinite(name: string, data: TensorData): void {
  const at = data instanceof Uint16Array ? firstNonFiniteHalf(data) : firstNonFinite(data as Float32Array);
  if (at < 0) return;
  const value = data instanceof Uint16Array ? 'NaN or infinity' : data[at];
  throw new NonFiniteError(`The input “${name}” has ${value} at element ${at}: nothing was run. Look at the batch.`);
}

/** −1: there is none. 1.5 ms for a million. */
function firstNonFinite(data: Float32Array | Float64Array): number {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return i;
  return -1;
}

/** float16 is held as bits: all ones in the exponent is infinity or NaN. */
function firstNonFiniteHalf(data: Uint16Array): number {
  for (let i = 0; i < data.length; i++) if ((data[i]! & 0x7c00) === 0x7c00) return i;
  return -1;
}

/** Throws when a state lacks a tensor that the model reads, or has another one under its name. */
export function checkState(model: Model, tensors: ReadonlyMap<string, TensorSpec> | null): void {
  if (model.state.length === 0) return;
  if (!tensors) {
    throw new ModelInputError(
      `The model reads a state with ${quoted(model.state.map(({ name }) => name))}; none was given.`,
    );
  }
  for (const wanted of model.state) {
    const held = tensors.get(wanted.name);
    if (!held) throw new ModelInputError(`The state has no tensor “${wanted.name}” (${describe(wanted)}).`);
    if (held.dtype !== wanted.dtype || !sameShape(held.shape, wanted.shape)) {
      throw new ModelInputError(
        `The state’s “${wanted.name}” is ${describe(held)}; the model wants ${describe(wanted)}.`,
      );
    }
  }
}

/** The names as asked for, all by default. Throws when the state has no such tensor. */
export function namesIn(tensors: ReadonlyMap<string, TensorSpec>, names: Iterable<string>): readonly string[] {
  const wanted = [...names];
  for (const name of wanted) {
    if (!tensors.has(name)) {
      throw new ModelInputError(`The state has no tensor “${name}”; it has ${quoted(tensors.keys())}.`);
    }
  }
  return wanted;
}

/** The root of their drive, from which the locations of external weights start. Throws when a file can't be read. */
export async function checkFiles(files: readonly string[]): Promise<string> {
  for (const file of files) {
    if (!isAbsolute(file)) throw new ModelInputError(`The path of weights “${file}” must be absolute.`);
    try {
      await access(file, constants.R_OK);
    } catch {
      throw new ModelInputError(`The weights “${file}” can’t be read. Download the model again.`);
    }
  }
  const roots = new Set(files.map((file) => parse(file).root));
  if (roots.size > 1) throw new ModelInputError(`A model’s weights must lie on one drive, not on ${quoted(roots)}.`);
  return [...roots][0] ?? parse(process.cwd()).root;
}
