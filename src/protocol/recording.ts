/**
 * A recorded editing session: exactly what the lifecycle of suggestions is inferred from, so that it can be replayed. A
 * file is JSON Lines: the header, then one entry a line. Secrets are masked before a file is written.
 */
import * as v from 'valibot';
import { Id, Time } from './episode.ts';

/** Raise when older readers could no longer replay a file. */
export const recordingVersion = 1;
/** Recording ends by itself after so long, or with so many characters of JSON. */
export const recordingLimits = { ms: 30 * 60_000, characters: 5_000_000 } as const;

const Offset = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Documents are numbered in the order in which the recording first speaks of them. */
const DocumentNumber = Offset;
/** Path inside its workspace folder with `/`; empty for an untitled document. On the way to the engine: absolute. */
const File = v.pipe(v.string(), v.maxLength(8192));
const Text = v.pipe(v.string(), v.maxLength(recordingLimits.characters));

export const RecordingHeader = v.object({
  recording: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(recordingVersion)),
  /** Entries count from here. */
  startedAt: Time,
});
export type RecordingHeader = v.InferOutput<typeof RecordingHeader>;

const entry = <const T extends string, const E extends v.ObjectEntries>(type: T, entries: E) =>
  v.object({
    /** Whole milliseconds since the recording began; never less than that of the entry before. */
    at: Offset,
    type: v.literal(type),
    ...entries,
  });

/** Offsets are UTF-16 units in the document as it is when the entry happens. */
export const RecordedChange = v.object({ offset: Offset, length: Offset, text: Text });
export type RecordedChange = v.InferOutput<typeof RecordedChange>;

export const RecordedItem = v.object({ candidateId: Id, insertText: Text, start: Offset, end: Offset });
export type RecordedItem = v.InferOutput<typeof RecordedItem>;

export const RecordingEntry = v.variant('type', [
  /** A document is open with this text: the first time it is spoken of, and when it is open again. Keeps its line ends. */
  entry('opened', {
    document: DocumentNumber,
    file: File,
    languageId: v.pipe(v.string(), v.maxLength(100)),
    text: Text,
  }),
  /** In the order VS Code gives them: last in the document first, all of them against the text before. */
  entry('changed', {
    document: DocumentNumber,
    changes: v.pipe(v.array(RecordedChange), v.minLength(1)),
    reason: v.picklist(['undo', 'redo', 'other']),
  }),
  /** Null: several cursors, or a selection. */
  entry('moved', { document: DocumentNumber, cursor: v.nullable(Offset) }),
  /** Null: no document of the recording has the focus. */
  entry('focused', { document: v.nullable(DocumentNumber) }),
  entry('closed', { document: DocumentNumber }),
  /** A file, or the folder it is in, has a new name. */
  entry('renamed', { from: File, to: File }),
  /** What was returned to VS Code for the cursor; each item takes the place of `start` to `end` on the cursor's line. */
  entry('offered', {
    document: DocumentNumber,
    episodeId: Id,
    cursor: Offset,
    items: v.pipe(v.array(RecordedItem), v.maxLength(50)),
  }),
  /** The answer came too late to be drawn. */
  entry('unseen', { episodeId: Id }),
  /** What the suggest widget would insert; null: it is closed. */
  entry('selected', { text: v.nullable(Text) }),
  /** VS Code ran the command of an item: it was taken with a key. */
  entry('taken', { episodeId: Id, candidateId: Id }),
  /** Escape on the ghost text. */
  entry('dismissed', {}),
  /** A requested edit was accepted and stands here now. */
  entry('kept', { document: DocumentNumber, episodeId: Id, candidateId: Id, start: Offset, end: Offset }),
  /** The last one: so long was recorded. */
  entry('ended', {}),
]);
export type RecordingEntry = v.InferOutput<typeof RecordingEntry>;

export const Recording = v.object({ header: RecordingHeader, entries: v.array(RecordingEntry) });
export type Recording = v.InferOutput<typeof Recording>;

export function recordingLines({ header, entries }: Recording): string {
  return [header, ...entries].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Throws when a line is not what it should be; the message names the line, never its content. */
export function parseRecording(lines: string): Recording {
  const [first, ...rest] = lines.split('\n').filter((line) => line.trim() !== '');
  const checked = <const S extends v.GenericSchema>(schema: S, line: string, number: number): v.InferOutput<S> => {
    const parsed = v.safeParse(schema, json(line));
    if (!parsed.success) throw new Error(`Line ${number} is not one of a recording of version ${recordingVersion}.`);
    return parsed.output;
  };
  return {
    header: checked(RecordingHeader, first ?? '', 1),
    entries: rest.map((line, index) => checked(RecordingEntry, line, index + 2)),
  };
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
