/**
 * Vectors on the disk, so that opening needs no embedding. Derived data: written whole from time to time, last writer wins,
 * and whatever is wrong with a file, it counts as absent.
 *
 *     "ATV1" · header length u32 · header (JSON) · ids, 36 bytes each · zeros up to a multiple of 4 · float32 rows · CRC-32
 *
 * All little-endian, as every machine that VS Code runs on is.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import * as v from 'valibot';
import { placeTextVersion } from './placeText.ts';
import type { PackedVectors } from './vectors.ts';

const magic = Buffer.from('ATV1');
const idLength = 36;
const Header = v.object({ identity: v.string(), placeText: v.number(), dimensions: v.number(), count: v.number() });

export const vectorFileName = (identity: string): string =>
  `vectors-${createHash('sha256').update(identity).digest('hex').slice(0, 16)}.bin`;

/** Null: absent, damaged, or of another embedder or text. */
export async function readVectors(dir: string, identity: string, dimensions: number): Promise<PackedVectors | null> {
  try {
    return parse(await readFile(join(dir, vectorFileName(identity))), identity, dimensions);
  } catch {
    return null;
  }
}

function parse(bytes: Buffer, identity: string, dimensions: number): PackedVectors | null {
  const end = bytes.length - 4;
  if (end < 8 || !bytes.subarray(0, 4).equals(magic) || crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end))
    return null;
  const headerEnd = 8 + bytes.readUInt32LE(4);
  const header = v.parse(Header, JSON.parse(bytes.toString('utf8', 8, headerEnd)));
  if (header.identity !== identity || header.placeText !== placeTextVersion || header.dimensions !== dimensions)
    return null;
  const idsEnd = headerEnd + header.count * idLength;
  const rowsStart = padded(idsEnd);
  const rowBytes = header.count * dimensions * 4;
  if (rowsStart + rowBytes !== end) return null;
  const ids = Array.from({ length: header.count }, (_, i) =>
    bytes.toString('latin1', headerEnd + i * idLength, headerEnd + (i + 1) * idLength),
  );
  // A copy, because a view would keep the whole file alive and needs alignment.
  const matrix = new Float32Array(header.count * dimensions);
  new Uint8Array(matrix.buffer).set(bytes.subarray(rowsStart, end));
  return { ids, matrix };
}

/** Replaces the file at once, so that a reader never sees half of one. Throws what the file system throws. */
export async function writeVectors(
  dir: string,
  identity: string,
  dimensions: number,
  packed: PackedVectors,
): Promise<void> {
  const path = join(dir, vectorFileName(identity));
  const header = Buffer.from(
    JSON.stringify({ identity, placeText: placeTextVersion, dimensions, count: packed.ids.length }),
  );
  const headerLength = Buffer.alloc(4);
  headerLength.writeUInt32LE(header.length);
  const ids = Buffer.from(packed.ids.join(''), 'latin1');
  const idsEnd = 8 + header.length + ids.length;
  const { buffer, byteOffset, byteLength } = packed.matrix;
  const parts = [
    magic,
    headerLength,
    header,
    ids,
    Buffer.alloc(padded(idsEnd) - idsEnd),
    Buffer.from(buffer, byteOffset, byteLength),
  ];
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(parts.reduce((sum, part) => crc32(part, sum), 0));
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, [...parts, crc]);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

/** Deletes the files of other embedders, and what killed processes left half written. */
export async function deleteOtherVectors(dir: string, keep: readonly string[]): Promise<void> {
  const names = new Set(keep.map(vectorFileName));
  for (const name of await readdir(dir).catch(() => [])) {
    if (/^vectors-[0-9a-f]{16}\.bin(\..*\.tmp)?$/.test(name) && !names.has(name))
      await rm(join(dir, name), { force: true }).catch(() => {});
  }
}

const padded = (offset: number): number => Math.ceil(offset / 4) * 4;
