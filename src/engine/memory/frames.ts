/**
 * Frames of a journal: `length u32le | CRC-32 u32le | payload`. A payload is JSON that begins with `{"record":` or
 * `{"journal":`. Those bytes cannot occur inside a JSON string (its quotes are escaped), so a reader that meets damage
 * finds the next frame by looking for them.
 */
import { crc32 } from 'node:zlib';

/** First bytes of every journal segment; the digit is the format's version. */
export const segmentMagic: Buffer = Buffer.from('ATTUNEJ1', 'latin1');

const headBytes = 8;
/** Longer ones are never written: 50 candidates of the longest allowed text stay below. */
const maxPayloadBytes = 128 * 1024 * 1024;
const recordStart = Buffer.from('{"record":', 'latin1');
const journalStart = Buffer.from('{"journal":', 'latin1');

/** One frame around `json`. */
export function encodeFrame(json: string): Buffer {
  const size = Buffer.byteLength(json);
  const frame = Buffer.allocUnsafe(headBytes + size);
  frame.write(json, headBytes, 'utf8');
  frame.writeUInt32LE(size, 0);
  frame.writeUInt32LE(crc32(frame.subarray(headBytes)), 4);
  return frame;
}

/** What a run of frames holds. Positions are offsets into the scanned bytes. */
export interface FrameScan {
  readonly payloads: readonly Buffer[];
  /** Stretches between valid frames that could not be read. */
  readonly damage: readonly { readonly from: number; readonly to: number }[];
  /** End of the last valid frame. */
  readonly end: number;
  /** Bytes after it: an unfinished write, or a damaged last record. */
  readonly tailBytes: number;
  /** Starts of records seen inside the unreadable parts; a lower bound of what was lost. */
  readonly lostRecords: number;
}

/** End of the valid frame at `at`, or −1. */
function frameEnd(bytes: Buffer, at: number): number {
  if (at + headBytes > bytes.length) return -1;
  const size = bytes.readUInt32LE(at);
  const end = at + headBytes + size;
  if (size === 0 || size > maxPayloadBytes || end > bytes.length) return -1;
  return crc32(bytes.subarray(at + headBytes, end)) === bytes.readUInt32LE(at + 4) ? end : -1;
}

/** Start of the next valid frame after `at`, or −1. */
function nextFrame(bytes: Buffer, at: number): number {
  for (const start of [recordStart, journalStart]) {
    let found = bytes.indexOf(start, at + headBytes + 1);
    while (found !== -1) {
      if (frameEnd(bytes, found - headBytes) !== -1) return found - headBytes;
      found = bytes.indexOf(start, found + 1);
    }
  }
  return -1;
}

function countStarts(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(recordStart); at !== -1; at = bytes.indexOf(recordStart, at + 1)) count++;
  return count;
}

/** Reads all valid frames from `from` on, skipping what is damaged. Never throws. */
export function scanFrames(bytes: Buffer, from: number): FrameScan {
  const payloads: Buffer[] = [];
  const damage: { from: number; to: number }[] = [];
  let lostRecords = 0;
  let at = Math.min(from, bytes.length);
  while (at < bytes.length) {
    const end = frameEnd(bytes, at);
    if (end !== -1) {
      payloads.push(bytes.subarray(at + headBytes, end));
      at = end;
      continue;
    }
    const next = nextFrame(bytes, at);
    if (next === -1) break;
    damage.push({ from: at, to: next });
    lostRecords += Math.max(1, countStarts(bytes.subarray(at, next)));
    at = next;
  }
  if (at < bytes.length) lostRecords += countStarts(bytes.subarray(at));
  return { payloads, damage, end: at, tailBytes: bytes.length - at, lostRecords };
}
