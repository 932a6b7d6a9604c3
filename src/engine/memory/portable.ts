/** Export and import: JSON Lines, a header first, then one record a line. Both stream. */
import { dirname } from 'node:path';
import * as v from 'valibot';
import type { MemoryRecord } from '../../protocol/episode.ts';
import type { Ids } from '../clock.ts';
import type { StoreFiles } from './files.ts';
import { checkRecord } from './segment.ts';
import { diskError, StoreError } from './storeError.ts';

export const portableVersion = 1;
const Header = v.object({ attune: v.number(), exportedAt: v.string() });
type Header = v.InferOutput<typeof Header>;

const chunkBytes = 1024 * 1024;
/** The longest record that validates is shorter than that for any real candidate count. */
export const maxLineBytes = 32 * 1024 * 1024;
const mostProblems = 20;

/** Writes `records` to `path`, which holds its old content until all of the new is on the disk. */
export async function exportRecords(
  files: StoreFiles,
  path: string,
  header: Header,
  records: Iterable<MemoryRecord>,
  ids: Ids,
): Promise<{ records: number; bytes: number }> {
  const draft = `${path}.${ids()}.tmp`;
  try {
    const written = await writeLines(files, draft, header, records);
    await files.rename(draft, path);
    await files.syncFolder(dirname(path)).catch(() => {});
    return written;
  } catch (error) {
    await files.remove(draft).catch(() => false);
    throw diskError('Exporting the memory', error);
  }
}

async function writeLines(files: StoreFiles, path: string, header: Header, records: Iterable<MemoryRecord>) {
  const file = await files.create(path);
  let bytes = 0;
  let count = 0;
  try {
    let waiting: string[] = [`${JSON.stringify(header)}\n`];
    let waitingLength = 0;
    const drain = async (): Promise<void> => {
      const chunk = Buffer.from(waiting.join(''));
      waiting = [];
      waitingLength = 0;
      await file.write(chunk, bytes);
      bytes += chunk.length;
    };
    for (const record of records) {
      const line = `${JSON.stringify(record)}\n`;
      waiting.push(line);
      waitingLength += line.length;
      count++;
      if (waitingLength >= chunkBytes) await drain();
    }
    await drain();
    await file.sync();
  } finally {
    await file.close();
  }
  return { records: count, bytes };
}

/** A line of a file; `text` is null when it is too long to be a record. */
interface Line {
  readonly number: number;
  readonly text: string | null;
}

/** Rejects with a StoreError when the file is not there. */
export async function* linesOf(files: StoreFiles, path: string): AsyncGenerator<Line> {
  let position = 0;
  let number = 0;
  let rest: Buffer[] = [];
  let restBytes = 0;
  const take = (): Line => {
    const text = restBytes > maxLineBytes ? null : Buffer.concat(rest).toString('utf8');
    rest = [];
    restBytes = 0;
    return { number: ++number, text };
  };
  const keep = (part: Buffer): void => {
    restBytes += part.length;
    if (restBytes <= maxLineBytes) rest.push(part);
  };
  for (;;) {
    const chunk = await files.read(path, position, chunkBytes);
    if (chunk === null) throw new StoreError('disk', 'The file to import does not exist. Choose another one.');
    if (chunk.length === 0) break;
    position += chunk.length;
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      keep(chunk.subarray(start, end));
      start = end + 1;
      yield take();
    }
    keep(chunk.subarray(start));
  }
  if (restBytes > 0) yield take();
}

/** What an import did. `problems` name lines, never their content. */
export interface ImportResult {
  readonly added: number;
  readonly known: number;
  readonly rejected: number;
  readonly problems: string[];
}

/** Where an import puts its records. */
export interface ImportTarget {
  /** `buried`: its episode was deleted here. */
  state(record: MemoryRecord): 'new' | 'known' | 'buried';
  /** Resolves when they are on the disk. */
  take(records: readonly MemoryRecord[]): Promise<void>;
}

const batchSize = 500;

/** Reads all lines of `path` that are valid records into `target`. Rejects when the file or the disk can't be used. */
export async function importRecords(files: StoreFiles, path: string, target: ImportTarget): Promise<ImportResult> {
  let added = 0;
  let known = 0;
  let rejected = 0;
  let buried = 0;
  let complaints = 0;
  const problems: string[] = [];
  let batch: MemoryRecord[] = [];
  const inBatch = new Set<string>();
  const complain = (number: number, problem: string): void => {
    rejected++;
    if (++complaints <= mostProblems) problems.push(`Line ${number} ${problem}.`);
  };
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    await target.take(batch);
    added += batch.length;
    batch = [];
    inBatch.clear();
  };
  for await (const { number, text } of linesOf(files, path)) {
    if (text === null) {
      complain(number, `is longer than ${maxLineBytes / 1024 / 1024} MB`);
      continue;
    }
    const line = number === 1 && text.startsWith('\uFEFF') ? text.slice(1) : text;
    if (line.trim() === '') continue;
    const header = number === 1 ? headerIn(line) : null;
    if (header && header.attune > portableVersion) {
      return {
        added,
        known,
        rejected: 1,
        problems: ['The file was exported by a newer version of Attune. Update Attune first.'],
      };
    }
    if (header) continue;
    const checked = checkRecord(line);
    if (!checked.ok) {
      complain(number, checked.problem);
      continue;
    }
    const { record } = checked;
    if (record.record === 'directive' && record.value.use === 'deleted') {
      complain(number, 'would delete an episode, which an import may not');
      continue;
    }
    const key = `${record.record} ${record.value.id}`;
    const state = target.state(record);
    if (state === 'buried') buried++;
    if (state !== 'new' || inBatch.has(key)) {
      known++;
      continue;
    }
    inBatch.add(key);
    batch.push(record);
    if (batch.length >= batchSize) await flush();
  }
  await flush();
  if (complaints > mostProblems) problems.push(`${complaints - mostProblems} more lines were not understood.`);
  if (buried > 0) problems.push(`${buried} records belong to episodes that you deleted; they stay deleted.`);
  return { added, known, rejected, problems };
}

/** What the first line of an export says; null: it is none. */
export function headerIn(line: string): Header | null {
  try {
    const parsed = v.safeParse(Header, JSON.parse(line));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
