/** Why the store could not do what was asked. The message says what happened and what to do about it. */
export type StoreErrorReason = 'disk' | 'readOnly' | 'closed' | 'reset' | 'deleted' | 'invalid';

/** Rejection of a store operation; `reason` decides how a caller shows it, `message` is a sentence for the user. */
export class StoreError extends Error {
  readonly reason: StoreErrorReason;

  constructor(reason: StoreErrorReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StoreError';
    this.reason = reason;
  }
}

/** The `code` of a Node system error (`ENOSPC`), or an empty string. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const advice: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Free some space and try again.',
  EDQUOT: 'Your disk quota is used up. Free some space and try again.',
  EROFS: 'The disk is mounted read-only. Make it writable, or open the workspace from another place.',
  EACCES: 'The folder may not be written. Give yourself write permission to it and reload the window.',
  EPERM: 'The folder may not be written. Give yourself write permission to it and reload the window.',
  EMFILE: 'Too many files are open. Close other programs and try again.',
};

/** Turns a file system error into a `StoreError` of reason `disk`; a `StoreError` passes through. */
export function diskError(doing: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const code = errorCode(error);
  const hint = advice[code] ?? 'Check the disk and try again.';
  return new StoreError('disk', `${doing} failed${code === '' ? '' : ` (${code})`}. ${hint}`, error);
}
