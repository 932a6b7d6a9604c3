/** What a scripted session is, and how what became of its suggestions is written down. */
import type { Event } from '../../../../src/protocol/episode.ts';
import type { Stage } from './stage.ts';

/** One thing that is really done, or waited for. */
export interface Step {
  /** For the table; empty for a step that only waits. */
  readonly says: string;
  act(stage: Stage): PromiseLike<unknown>;
}

export interface Session {
  readonly name: string;
  /** The document, with the cursor at ▮. */
  readonly start: string;
  /** Ending of the file's name: it chooses the language. `java` by default, for which no language server starts. */
  readonly language?: string;
  /** What the model answers at the cursor, first the one that is drawn. */
  readonly answers: readonly string[];
  /** Ghost text as drawn; the first answer by default. */
  readonly drawn?: string;
  /**
   * How the suggestion comes: `asked` for by hand (default), or after these characters were `typed`. `none`: the steps see
   * to it themselves.
   */
  readonly comes?: 'asked' | 'none' | { readonly typed: string };
  /** What must have been told before the first step; `read` by default. */
  readonly after?: 'drawn' | 'read';
  /**
   * The first step is done the moment that was told, and must be done so soon. Played again if the machine was too slow, for
   * then something else was done.
   */
  readonly within?: { readonly ms: number; readonly of: 'shown' };
  /** Settings of the editor for this session, with their whole names. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Before the suggestion is asked for. */
  readonly before?: readonly Step[];
  readonly does: readonly Step[];
  /** Text that must stand in the document in the end (line ends as `\n`): what was done was really done. */
  readonly leaves?: string;
  /** What may be told, one string an episode: events as `toldAs` writes them. `offered` is written by the engine, not told. */
  readonly expected: readonly string[];
  /** What survives is looked at, so the document stays open until that was told. */
  readonly keeps?: boolean;
}

/** One row of the table. */
export interface Row {
  readonly name: string;
  readonly done: string;
  readonly expected: readonly string[];
  readonly inferred: readonly string[];
  /** What could not be done, or was not so in the editor; null when all was as scripted. */
  readonly problem: string | null;
}

type Told = Omit<Event, 'id'>;

/** An event in one word: `type`, `type:reason`, `partlyAccepted:text` (spaces as ·), `retained:all|most|part|none`. */
export function toldAs(event: Told, indexOf: (candidateId: string) => number): string {
  switch (event.type) {
    case 'accepted': {
      const index = event.candidateId === undefined ? -1 : indexOf(event.candidateId);
      return `accepted${event.reason ? `:${event.reason}` : ''}${index === 0 ? '' : `#${index + 1}`}`;
    }
    case 'partlyAccepted':
      return `partlyAccepted:${visibleSpace(event.text ?? '')}`;
    case 'retained':
      return `retained:${shareIn(event.share ?? Number.NaN)}`;
    case 'rejected':
    case 'ignored':
      return `${event.type}:${event.reason ?? '?'}`;
    case 'offered':
    case 'shown':
    case 'read':
    case 'reverted':
      return event.type;
  }
}

const visibleSpace = (text: string): string => text.replaceAll(' ', '·').replaceAll('\n', '⏎').replaceAll('\t', '⇥');

function shareIn(share: number): string {
  if (Number.isNaN(share)) return '?';
  if (share === 1) return 'all';
  return share >= 0.5 ? 'most' : share > 0 ? 'part' : 'none';
}

export const agrees = (row: Row): boolean =>
  row.problem === null && row.expected.join('\n') === row.inferred.join('\n');

/** The table of what was done, what is to be inferred from it and what was. */
export function tableOf(rows: readonly Row[]): string {
  const columns = rows.map((row) => [
    agrees(row) ? '✔' : '✖',
    row.name,
    row.done,
    row.expected.join(' | ') || '–',
    row.inferred.join(' | ') || '–',
    row.problem ?? '',
  ]);
  const head = ['', 'session', 'done', 'expected', 'inferred', 'problem'];
  const widths = head.map((title, at) => Math.max(title.length, ...columns.map((cells) => [...cells[at]!].length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell + ' '.repeat(widths[at]! - [...cell].length))
      .join('  ')
      .trimEnd();
  return [line(head), ...columns.map(line)].join('\n');
}
