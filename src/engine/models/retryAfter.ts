/** The longest wait believed: a date far off, or in a wrong time zone, must not lock the user out. */
const longestMs = 24 * 3600 * 1000;

/**
 * Milliseconds until a server wants to be asked again: `retry-after-ms`, or `Retry-After` in seconds or as an HTTP date
 * (RFC 9110, section 10.2.3). Undefined without a header that can be read.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const exact = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (Number.isFinite(exact) && exact >= 0) return Math.min(longestMs, exact);
  const value = headers.get('retry-after')?.trim();
  if (!value) return undefined;
  const inSeconds = Number(value);
  if (Number.isFinite(inSeconds)) return inSeconds >= 0 ? Math.min(longestMs, inSeconds * 1000) : undefined;
  const at = Date.parse(value);
  return Number.isFinite(at) ? Math.min(longestMs, Math.max(0, at - nowMs)) : undefined;
}
