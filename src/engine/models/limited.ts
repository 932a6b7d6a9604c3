import { Silence } from './errors.ts';

/** Runs `action` with a signal that ends after `ms`, or with `signal`. */
export async function limited<T>(
  ms: number,
  signal: AbortSignal | undefined,
  action: (limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const cancel = (): void => controller.abort();
  const timer = setTimeout(() => controller.abort(new Silence('first', ms)), ms);
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await action(controller.signal);
  } catch (error) {
    // Packages replace the reason of an abort with an error of their own.
    throw controller.signal.reason instanceof Silence ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
  }
}
