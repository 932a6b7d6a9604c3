import { basename } from 'node:path';

/** A file of a model that can't be used. The message names the file, says what is wrong with it and what to do. */
export class ModelFileError extends Error {
  /** Path of the file or folder. */
  readonly file: string;

  constructor(file: string, problem: string, advice: string, cause?: unknown) {
    super(`“${basename(file)}” ${problem} ${advice}`, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.file = file;
  }
}

/** The disk refused: full, read-only, not permitted. What was there before is still there. */
export class DiskError extends ModelFileError {
  /** The system's code (`ENOSPC`), or an empty string. */
  readonly code: string;

  constructor(file: string, error: unknown) {
    const code = errorCode(error);
    const known = reasons[code];
    const problem = `could not be written${known === undefined && code !== '' ? ` (${code})` : ''}.`;
    super(file, problem, known ?? 'Check the disk and try again.', error);
    this.code = code;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free some space and try again.',
  EDQUOT: 'Your disk quota is used up: free some space and try again.',
  EFBIG: 'It is larger than a file may be here: choose a folder on another disk.',
  EROFS: 'The disk is read-only: choose another folder.',
  EACCES: 'Its folder may not be written: give yourself permission, or choose another folder.',
  EPERM: 'Its folder may not be written: give yourself permission, or choose another folder.',
  ENOENT: 'Its folder is not there: make it, or choose another one.',
  EMFILE: 'Too many files are open: close other programs and try again.',
};

/** The `code` of a Node system error, or an empty string. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** A name or value out of a file, fit for a message: in quotes, short, without control characters. */
export function quoted(text: string): string {
  const short = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return `“${short.replace(/\p{Cc}/gu, '�')}”`;
}

/** At most eight of `items`, and how many more there are. */
export function listed(items: readonly string[]): string {
  const shown = items.slice(0, 8).join(', ');
  return items.length > 8 ? `${shown} and ${items.length - 8} more` : shown;
}
