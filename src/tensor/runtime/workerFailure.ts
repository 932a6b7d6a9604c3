import type { FailureKind } from './protocol.ts';

/** What the runtime's process tells as a `failed` message. */
export class WorkerFailure extends Error {
  readonly kind: FailureKind;
  constructor(kind: FailureKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
