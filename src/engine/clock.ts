import { v7 } from 'uuid';

/** Time and ids are passed in, so that recordings replay exactly. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}
export const systemClock: Clock = { now: () => Date.now() };

/** Makes ids that sort by time. */
export type Ids = () => string;
export const systemIds: Ids = () => v7();

/** Where diagnostics go. Code, secrets and paths only ever at `debug` and below. */
export interface Log {
  trace(message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
export const silentLog: Log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
