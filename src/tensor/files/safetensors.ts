/** Reads `.safetensors` files: first only where each tensor lies, then single tensors. */
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { type DType, dtypes, type TensorData } from '../dtype.ts';
import type { TensorValue } from '../model.ts';
import { errorCode } from './fileError.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from './halfFloats.ts';
import {
  headerBytes,
  parseHeader,
  prefixBytes,
  SafetensorsError,
  type SafetensorsHeader,
  type TensorPlace,
} from './safetensorsHeader.ts';

/** A tensor in a file, not read yet. */
export interface StoredTensor extends TensorPlace {
  readonly name: string;
  /** Absolute, with links resolved (downloads by Hugging Face's tools are links), as ONNX's external data needs it. */
  readonly file: string;
}

export interface SafetensorsFile {
  readonly metadata: ReadonlyMap<string, string>;
  /** By name, in the order of their bytes. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Reads and checks the header; no tensor's bytes are read. Rejects with `SafetensorsError`. */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  try {
    const file = await realpath(path);
    // Before it is opened: opening a pipe would wait for a writer.
    const facts = await stat(file);
    if (!facts.isFile()) throw new SafetensorsError(path, 'is not a file.', 'Choose a .safetensors file.');
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const prefix = new Uint8Array(Math.min(size, prefixBytes));
      await readFully(handle, path, prefix, 0);
      const json = new Uint8Array(headerBytes(path, prefix, size));
      await readFully(handle, path, json, prefixBytes);
      const { metadata, tensors } = parseHeader(path, json, size);
      return { metadata, tensors: new Map([...tensors].map(([name, place]) => [name, { name, file, ...place }])) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The elements as they are stored. Rejects with `SafetensorsError` when the file has changed since it was opened. */
export async function readTensor(stored: StoredTensor): Promise<TensorValue> {
  const { file, dtype, shape, byteOffset, byteLength } = stored;
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      if (byteOffset + byteLength > size) throw changed(file);
      const bytes = new Uint8Array(byteLength);
      await readFully(handle, file, bytes, byteOffset);
      return { dtype, shape, data: new dtypes[dtype].array(bytes.buffer) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** The elements as float32; exact for F32, F16 and BF16. Rejects with `SafetensorsError`, also for other types. */
export async function readFloat32(stored: StoredTensor): Promise<Float32Array> {
  const { data } = await readTensor(stored);
  const floats = asFloat32(stored.dtype, data);
  if (floats) return floats;
  const problem = `has tensor “${stored.name}” of type ${stored.dtype}, where one of F32, F16 or BF16 is needed.`;
  throw new SafetensorsError(stored.file, problem, 'Use a version of the model that is not quantised.');
}

/** float16 and bfloat16 (bits) become new float32; float32 is handed back as it is; null for all other types. */
export function asFloat32(dtype: DType, data: TensorData): Float32Array | null {
  if (dtype === 'float32') return data as Float32Array;
  if (dtype === 'float16') return float16ToFloat32(data as Uint16Array);
  if (dtype === 'bfloat16') return bfloat16ToFloat32(data as Uint16Array);
  return null;
}

/** A whole file that was read into memory (at the start of its buffer): the tensors are views of it where aligned. */
export function tensorsIn(
  file: string,
  bytes: Uint8Array<ArrayBuffer>,
): SafetensorsHeader & { readonly values: ReadonlyMap<string, TensorValue> } {
  const end = prefixBytes + headerBytes(file, bytes.subarray(0, prefixBytes), bytes.length);
  const header = parseHeader(file, bytes.subarray(prefixBytes, end), bytes.length);
  const values = new Map<string, TensorValue>();
  for (const [name, { dtype, shape, byteOffset, byteLength }] of header.tensors) {
    const size = dtypes[dtype].bytes;
    const from = bytes.byteOffset + byteOffset;
    const aligned = from % size === 0;
    const buffer = aligned ? bytes.buffer : bytes.buffer.slice(from, from + byteLength);
    const data = new dtypes[dtype].array(buffer, aligned ? from : 0, byteLength / size);
    values.set(name, { dtype, shape, data });
  }
  return { ...header, values };
}

/** One `read` of the system gives less than 2 GiB. */
const pieceBytes = 2 ** 30;

async function readFully(handle: FileHandle, file: string, bytes: Uint8Array, from: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, done, Math.min(bytes.length - done, pieceBytes), from + done);
    if (bytesRead === 0) throw changed(file);
    done += bytesRead;
  }
}

const changed = (file: string): SafetensorsError =>
  new SafetensorsError(file, 'became shorter while it was in use.', 'Wait until it is written, then load it again.');

const reasons: Readonly<Record<string, readonly [problem: string, advice: string]>> = {
  ENOENT: ['is not there.', 'Download the model again, or choose another folder.'],
  ENOTDIR: ['is not there.', 'Download the model again, or choose another folder.'],
  EACCES: ['may not be read.', 'Give yourself permission to read it.'],
  EPERM: ['may not be read.', 'Give yourself permission to read it.'],
  EIO: ['could not be read: the disk reports an error.', 'Check the disk, then download the file again.'],
};

function unreadable(path: string, error: unknown): SafetensorsError {
  if (error instanceof SafetensorsError) return error;
  const [problem, advice] = reasons[errorCode(error)] ?? [
    `could not be read (${error instanceof Error ? error.message : String(error)}).`,
    'Check the disk and try again.',
  ];
  return new SafetensorsError(path, problem, advice, error);
}
