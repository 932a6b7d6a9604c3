/** Which journal segments a fold takes in, and what is wrong with them. */
import type { Log } from '../clock.ts';
import type { StoreFiles } from './files.ts';
import { hasEnded, type Owner } from './owner.ts';
import {
  journalVersion,
  readHeader,
  readSegment,
  type SegmentContent,
  type SegmentFile,
  segmentPath,
  segmentsAmong,
} from './segment.ts';
import type { Folded } from './snapshot.ts';

export interface TakenSegment {
  readonly file: SegmentFile;
  /** It was taken from a window that may be in the middle of a write, which it will repeat elsewhere. */
  readonly live: boolean;
  readonly content: SegmentContent;
}

export interface Taken {
  /** To be folded now. */
  readonly fresh: readonly TakenSegment[];
  /** From before a reset: to be removed. */
  readonly foreign: readonly SegmentFile[];
}

export interface TakeOptions {
  readonly files: StoreFiles;
  readonly folder: string;
  readonly log: Log;
  /** This process. */
  readonly owner: Owner;
  /** The store's life; null when nothing tells. Then live windows' segments must be taken too, or they'd be orphaned. */
  readonly epoch: string | null;
  /** What the snapshot has in it already. */
  readonly folded: readonly Folded[];
  /** Live windows' segments too. */
  readonly all: boolean;
}

/** Seals and reads them. A segment of a live window is taken only when `all` is set or a deletion was found. */
export async function takeSegments(options: TakeOptions): Promise<Taken> {
  const all = options.all || options.epoch === null;
  const first = await take(options, all);
  const deletes = first.fresh.some(({ content }) =>
    content.records.some(({ record }) => record.record === 'directive' && record.value.use === 'deleted'),
  );
  // The deleted text may also stand in the segment of a live window.
  return deletes && !all ? take(options, true) : first;
}

async function take({ files, folder, log, owner, epoch, folded }: TakeOptions, all: boolean): Promise<Taken> {
  const done = new Map(folded.map((one) => [one.name, one.bytes]));
  const fresh: TakenSegment[] = [];
  const foreign: SegmentFile[] = [];
  for (const file of segmentsAmong(await files.list(folder))) {
    const sealed = segmentPath(folder, file.name, 'sealed');
    let live = false;
    if (file.state === 'active') {
      const path = segmentPath(folder, file.name, 'active');
      const header = await readHeader(files, path);
      live = header !== null && !hasEnded(header.owner, owner);
      if (live && !all) continue;
      await files.rename(path, sealed);
    }
    const stat = await files.stat(sealed);
    if (!stat || stat.sizeBytes === done.get(file.name)) continue;
    const content = await readSegment(files, sealed);
    if (!content || (content.header && content.header.journal > journalVersion)) continue;
    if (content.header && epoch !== null && content.header.epoch !== epoch) {
      log.info('memory: a journal from before a reset is removed');
      foreign.push(file);
    } else {
      fresh.push({ file, live, content });
    }
  }
  // A sealed name must be durable before a snapshot says that it was folded.
  if (fresh.length > 0) await files.syncFolder(folder);
  return { fresh, foreign };
}

/** The life the newest of the journals belongs to. */
export function epochOf(taken: readonly TakenSegment[]): string | null {
  let newest: SegmentContent['header'] = null;
  for (const { content } of taken)
    if (content.header && content.header.at >= (newest?.at ?? 0)) newest = content.header;
  return newest?.epoch ?? null;
}

/** Says what is unreadable in a journal; null when nothing is. */
export function describeDamage(content: SegmentContent): string | null {
  if (content.damagedBytes > 0) {
    const bytes = content.damagedBytes + content.tailBytes;
    return (
      `A journal was damaged: ${bytes} bytes could not be read, and with them at least ${content.lostRecords} ` +
      `records; ${content.records.length} records could.`
    );
  }
  if (content.tailBytes > 0) {
    return (
      `A journal ended in ${content.tailBytes} unreadable bytes: an unfinished write of a program that was stopped, or ` +
      `damage. They were cut off; the ${content.records.length} records before them were read.`
    );
  }
  return null;
}
