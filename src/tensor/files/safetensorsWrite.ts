/** Writes `.safetensors` files, byte for byte as the format's reference does. */
import { bytesOf, type DType, dtypes, type TensorData } from '../dtype.ts';
import type { Shape } from '../model.ts';
import { type Disk, nodeDisk, replaceFile, type WrittenFile } from './disk.ts';
import { formatNames, maxHeaderBytes, prefixBytes } from './safetensorsHeader.ts';

export interface TensorToWrite {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Or a function that gives it when its turn comes, so that not all need to be in memory at once. */
  readonly data: TensorData | (() => TensorData | Promise<TensorData>);
}

/** Free text of the writer (`format`: `pt`). */
export type Metadata = Readonly<Record<string, string>>;

const order = Object.keys(formatNames);

/**
 * Writes all tensors to `path`, atomically: the old content stays until the new is on the disk. Rejects with `DiskError`;
 * a tensor that does not fit its shape, or a name that is there twice, is a bug of the caller and throws `TypeError`.
 */
export const writeSafetensors = (
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: Metadata = {},
  disk: Disk = nodeDisk,
): Promise<WrittenFile> => replaceFile(disk, path, safetensorsPieces(tensors, metadata));

/** The content of the file, piece by piece: the same for the same tensors in any order. */
export async function* safetensorsPieces(
  tensors: readonly TensorToWrite[],
  metadata: Metadata = {},
): AsyncGenerator<Uint8Array> {
  const sorted = tensors.toSorted(
    (a, b) =>
      order.indexOf(a.dtype) - order.indexOf(b.dtype) || Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  );
  yield headerOf(sorted, metadata);
  for (const { name, dtype, shape, data } of sorted) {
    const value = typeof data === 'function' ? await data() : data;
    if (value.length !== elementsOf(shape)) {
      throw new TypeError(`Tensor ${name} of shape [${shape}] has ${value.length} elements.`);
    }
    if (value.BYTES_PER_ELEMENT !== dtypes[dtype].bytes) throw new TypeError(`Tensor ${name} is no ${dtype}.`);
    yield bytesOf(value);
  }
}

function headerOf(sorted: readonly TensorToWrite[], metadata: Metadata): Uint8Array {
  const entries: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) entries.push(['__metadata__', metadata]);
  let end = 0;
  for (const { name, dtype, shape } of sorted) {
    const from = end;
    end += elementsOf(shape) * dtypes[dtype].bytes;
    entries.push([name, { dtype: formatNames[dtype], shape, data_offsets: [from, end] }]);
  }
  if (new Set(sorted.map(({ name }) => name).concat('__metadata__')).size !== sorted.length + 1) {
    throw new TypeError('Two tensors have the same name, or one is called “__metadata__”.');
  }
  // Not by JSON.stringify of an object: that would put names like “7” first.
  const json = Buffer.from(`{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)}}`);
  const padded = Math.ceil(json.length / 8) * 8;
  if (padded > maxHeaderBytes) throw new TypeError(`The header would have ${padded} bytes.`);
  const header = Buffer.alloc(prefixBytes + padded, ' ');
  header.writeBigUInt64LE(BigInt(padded));
  json.copy(header, prefixBytes);
  return header;
}

const elementsOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);
