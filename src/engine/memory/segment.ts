/** Journal segments: their names, their header and how they are read. */
import { join } from 'node:path';
import * as v from 'valibot';
import { describeIssues } from '../../protocol/connection.ts';
import { MemoryRecord } from '../../protocol/episode.ts';
import type { StoreFiles } from './files.ts';
import { encodeFrame, scanFrames, segmentMagic } from './frames.ts';
import { Owner } from './owner.ts';

/** `active`: its window appends to it. `sealed`: nobody does any more; it may be folded. */
export type SegmentState = 'active' | 'sealed';
/** A segment in the folder. `name` stays the same when the state changes. */
export interface SegmentFile {
  readonly name: string;
  readonly window: string;
  readonly state: SegmentState;
}

export const journalVersion = 1;
export const SegmentHeader = v.object({
  journal: v.number(),
  /** The store's life it belongs to; a reset begins a new one. */
  epoch: v.string(),
  window: v.string(),
  owner: Owner,
  /** Milliseconds since the epoch. */
  at: v.number(),
});
export type SegmentHeader = v.InferOutput<typeof SegmentHeader>;

const namePattern = /^(journal-([0-9a-f-]{36})-\d{6,})\.(active|sealed)$/;

/** Name of the `number`-th segment of a window, without its state. */
export function segmentName(window: string, number: number): string {
  return `journal-${window}-${String(number).padStart(6, '0')}`;
}

export function segmentPath(folder: string, name: string, state: SegmentState): string {
  return join(folder, `${name}.${state}`);
}

/** Picks the segments among the names of a folder; in the order their windows opened (ids sort by time). */
export function segmentsAmong(names: readonly string[]): SegmentFile[] {
  const found: SegmentFile[] = [];
  for (const file of names) {
    const match = namePattern.exec(file);
    if (match) found.push({ name: match[1]!, window: match[2]!, state: match[3] as SegmentState });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** First bytes of a new segment. */
export function segmentStart(header: SegmentHeader): Buffer {
  return Buffer.concat([segmentMagic, encodeFrame(JSON.stringify(header))]);
}

/** Reads only the header; null when it can't be read. */
export async function readHeader(files: StoreFiles, path: string): Promise<SegmentHeader | null> {
  const bytes = await files.read(path, 0, 4096);
  return bytes ? headerOf(scanFrames(bytes, segmentMagic.length).payloads[0]) : null;
}

function headerOf(payload: Buffer | undefined): SegmentHeader | null {
  if (!payload) return null;
  const parsed = v.safeParse(SegmentHeader, parseJson(payload.toString('utf8')));
  return parsed.success ? parsed.output : null;
}

/** A record and how many bytes its JSON takes. */
export interface SizedRecord {
  readonly record: MemoryRecord;
  readonly bytes: number;
}

/** A line that is no valid record, kept for a person to look at. */
export interface InvalidRecord {
  readonly json: string;
  readonly problem: string;
}

export interface SegmentContent {
  /** Null when damaged, or when reading began behind it. */
  readonly header: SegmentHeader | null;
  readonly records: readonly SizedRecord[];
  readonly invalid: readonly InvalidRecord[];
  /** Offset to go on reading from. */
  readonly end: number;
  readonly sizeBytes: number;
  /** Unreadable bytes after the last record: an unfinished write or damage. */
  readonly tailBytes: number;
  /** Unreadable bytes elsewhere. */
  readonly damagedBytes: number;
  /** Lower bound of records in the unreadable parts. */
  readonly lostRecords: number;
}

/** Reads `path` from offset `from`; null when it is absent. Damage is described, never thrown. */
export async function readSegment(files: StoreFiles, path: string, from = 0): Promise<SegmentContent | null> {
  const bytes = await files.read(path, from);
  return bytes && parseSegment(bytes, from);
}

/** As `readSegment`, on `bytes` that begin at offset `from` of the segment. */
export function parseSegment(bytes: Buffer, from = 0): SegmentContent {
  const start = from === 0 ? segmentMagic.length : 0;
  const scan = scanFrames(bytes, start);
  const header = from === 0 ? headerOf(scan.payloads[0]) : null;
  const records: SizedRecord[] = [];
  const invalid: InvalidRecord[] = [];
  for (const payload of header ? scan.payloads.slice(1) : scan.payloads) {
    const json = payload.toString('utf8');
    const parsed = checkRecord(json);
    if (parsed.ok) records.push({ record: parsed.record, bytes: payload.length });
    else invalid.push({ json, problem: parsed.problem });
  }
  const headless = from === 0 && (bytes.length < start || !bytes.subarray(0, start).equals(segmentMagic));
  return {
    header,
    records,
    invalid,
    end: from + scan.end,
    sizeBytes: from + bytes.length,
    tailBytes: scan.tailBytes,
    damagedBytes: scan.damage.reduce(
      (sum, part) => sum + part.to - part.from,
      headless ? Math.max(1, Math.min(start, bytes.length)) : 0,
    ),
    lostRecords: scan.lostRecords,
  };
}

/** Parses and validates one line of JSON. */
export function checkRecord(json: string): { ok: true; record: MemoryRecord } | { ok: false; problem: string } {
  const value = parseJson(json);
  if (value === undefined) return { ok: false, problem: 'is not valid JSON' };
  const parsed = v.safeParse(MemoryRecord, value);
  return parsed.success
    ? { ok: true, record: parsed.output }
    : { ok: false, problem: `has ${describeIssues(parsed.issues)}` };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
