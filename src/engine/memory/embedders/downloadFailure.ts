import type { Failure } from '../../../protocol/rpc.ts';

/** A download that can't go on, in words the user can act on. Never leaves `downloadModel`, which returns its `failure`. */
export class DownloadFailed extends Error {
  readonly failure: Failure;
  constructor(reason: Failure['reason'], message: string, nextStep: string, retryAfterMs?: number) {
    super(message);
    this.name = 'DownloadFailed';
    this.failure = { reason, message, nextStep, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
}

const again = 'Run the download again; it goes on where it stopped.';

/** What an HTTP status means here; `retryAfter` is the header of that name. `nowMs` is only used where it holds a date. */
export function failureOfStatus(
  status: number,
  host: string,
  retryAfter: string | null,
  nowMs: number,
): DownloadFailed {
  if (status === 401 || status === 403 || status === 404) {
    // The hub answers 401 for a model that does not exist.
    return new DownloadFailed(
      'modelMissing',
      `${host} has no such model for everyone to read, or it has no quantised ONNX form (answer ${status}).`,
      'Check “attune.memory.semanticModel”; it must name a feature-extraction model with onnx/model_quantized.onnx.',
    );
  }
  if (status === 429) {
    const seconds = Number(retryAfter);
    const waitMs =
      retryAfter === null ? undefined : Number.isFinite(seconds) ? seconds * 1000 : Date.parse(retryAfter) - nowMs;
    const known = waitMs !== undefined && Number.isFinite(waitMs) && waitMs >= 0;
    const when = known ? `in ${Math.ceil(waitMs / 1000)} s` : 'in a few minutes';
    return new DownloadFailed(
      'rateLimited',
      `${host} asks to slow down.`,
      `Run the download again ${when}; it goes on where it stopped.`,
      known ? waitMs : undefined,
    );
  }
  return new DownloadFailed('unavailable', `${host} answered ${status}.`, again);
}

/** Every way a download ends early, as a failure. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (error instanceof DownloadFailed) return error.failure;
  if (signal.aborted) return { reason: 'cancelled', message: 'The download was cancelled.', nextStep: again };
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    if (/^(ENOSPC|EDQUOT|EFBIG)$/.test(code)) {
      return {
        reason: 'disk',
        message: 'The disk is full.',
        nextStep: 'Free some space and run the download again; it goes on where it stopped.',
      };
    }
    if (/^(EACCES|EPERM|EROFS)$/.test(code)) {
      return {
        reason: 'disk',
        message: 'The folder for downloads can’t be written.',
        nextStep: 'Check the permissions of VS Code’s global storage folder.',
      };
    }
    if (/^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|UND_ERR_CONNECT_TIMEOUT)$/.test(code)) {
      return {
        reason: 'refused',
        message: 'The model’s server can’t be reached.',
        nextStep: 'Check the network or the proxy and run the download again.',
      };
    }
    if (/^(ECONNRESET|EPIPE|ETIMEDOUT|UND_ERR_.*)$/.test(code)) {
      return { reason: 'timeout', message: 'The connection broke off.', nextStep: again };
    }
  }
  return {
    reason: 'other',
    message: `The download failed (${error instanceof Error ? error.message : String(error)}).`,
    nextStep: again,
  };
}
