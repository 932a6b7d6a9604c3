/** How a dying engine is brought back. */
export interface RestartLimits {
  readonly firstDelayMs: number;
  readonly factor: number;
  readonly longestDelayMs: number;
  /** A run that answered this long ends the series: the next crash starts from `firstDelayMs` and is told again. */
  readonly healthyMs: number;
  /** This many crashes within `withinMs`: no more restarts until the user asks. */
  readonly crashes: number;
  readonly withinMs: number;
}

export const restartLimits: RestartLimits = {
  firstDelayMs: 250,
  factor: 2,
  longestDelayMs: 30_000,
  healthyMs: 60_000,
  crashes: 5,
  withinMs: 180_000,
};

export type CrashVerdict =
  /** `first`: of its series, so the user is told now and not again. */
  | { readonly type: 'restart'; readonly delayMs: number; readonly crashes: number; readonly first: boolean }
  | { readonly type: 'giveUp'; readonly crashes: number };

/**
 * Exponential backoff with a fuse.
 *
 *     ready ──crash──▶ 0.25 s ──crash──▶ 0.5 s ──crash──▶ 1 s … 30 s      ≥ 60 s ready: back to 0.25 s
 *                                                                        5 crashes in 3 min: give up
 */
export class RestartPolicy {
  readonly #limits: RestartLimits;
  #readySince: number | null = null;
  #crashes: number[] = [];
  #inSeries = 0;

  constructor(limits: RestartLimits = restartLimits) {
    this.#limits = limits;
  }

  /** The engine answers since `now`. */
  ready(now: number): void {
    this.#readySince = now;
  }

  /** The engine died, ready or not. */
  crashed(now: number): CrashVerdict {
    const { firstDelayMs, factor, longestDelayMs, healthyMs, crashes, withinMs } = this.#limits;
    if (this.#readySince !== null && now - this.#readySince >= healthyMs) this.reset();
    this.#readySince = null;
    this.#crashes = [...this.#crashes.filter((at) => now - at < withinMs), now];
    this.#inSeries += 1;
    if (this.#crashes.length >= crashes) return { type: 'giveUp', crashes: this.#crashes.length };
    const delayMs = Math.min(longestDelayMs, firstDelayMs * factor ** (this.#inSeries - 1));
    return { type: 'restart', delayMs, crashes: this.#inSeries, first: this.#inSeries === 1 };
  }

  /** The user asked for a restart: what was before does not count. */
  reset(): void {
    this.#readySince = null;
    this.#crashes = [];
    this.#inSeries = 0;
  }
}
