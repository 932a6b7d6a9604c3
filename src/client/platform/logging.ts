/** Where diagnostics go. Code, secrets and paths only ever at `debug` and below. */
export interface Log {
  trace(message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** What a log line above `debug` may say about an exception: its kind. The message may hold code or paths. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'error';
}

/** Logs an exception once: its name at `error`, its stack at `debug`. */
export function logError(log: Log, context: string, error: unknown): void {
  log.error(`${context}: ${errorName(error)}`);
  log.debug(`${context}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}
