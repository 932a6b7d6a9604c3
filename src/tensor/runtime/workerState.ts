/** The tensors of one state, inside the runtime's process. */
import { bytesOf, type DType, dtypes, type TensorData } from '../dtype.ts';
import type { Shape, TensorSpec } from '../model.ts';
import type { NamedData } from './protocol.ts';
import {
  dataOf,
  type GpuTransfer,
  isOnGpu,
  type OrtLibrary,
  type OrtTensor,
  toTensor,
  zeros,
} from './workerTensors.ts';

/** One tensor of a state, in the host's memory or on the GPU. */
export interface StateEntry {
  readonly dtype: DType;
  readonly shape: Shape;
  current: OrtTensor;
}

export type WorkerState = Map<string, StateEntry>;

export function createState(ort: OrtLibrary, tensors: readonly TensorSpec[]): WorkerState {
  return new Map(tensors.map(({ name, dtype, shape }) => [name, { dtype, shape, current: zeros(ort, dtype, shape) }]));
}

/** Copies: what came in a message shares its memory with the rest of it. */
export function writeState(ort: OrtLibrary, state: WorkerState, tensors: readonly NamedData[]): void {
  for (const { name, dtype, shape, data } of tensors) {
    const entry = state.get(name)!;
    if (isOnGpu(entry.current)) entry.current.dispose();
    const copy = new Uint8Array(data.byteLength);
    copy.set(bytesOf(data));
    entry.current = toTensor(ort, dtype, shape, new dtypes[dtype].array(copy.buffer, 0, data.length));
  }
}

/** Views of the host's tensors, copies of the GPU's; the state stays where it is. */
export async function readState(transfer: GpuTransfer, state: WorkerState, names: readonly string[]) {
  const values: TensorData[] = [];
  for (const name of names) {
    const { current } = state.get(name)!;
    values.push(dataOf(isOnGpu(current) ? await transfer.download(current) : current));
  }
  return values;
}

/** The tensor in the host's memory; one that was on the GPU moves. */
export async function onHost(transfer: GpuTransfer, entry: StateEntry): Promise<OrtTensor> {
  if (isOnGpu(entry.current)) {
    const host = await transfer.download(entry.current);
    entry.current.dispose();
    entry.current = host;
  }
  return entry.current;
}

export async function onGpu(transfer: GpuTransfer, entry: StateEntry): Promise<OrtTensor> {
  if (!isOnGpu(entry.current)) {
    entry.current = await transfer.upload(entry.current);
  }
  return entry.current;
}

export function disposeState(state: WorkerState): void {
  for (const { current } of state.values()) if (isOnGpu(current)) current.dispose();
}
