import { v7 } from 'uuid';
import type { Clock, Ids } from '../engine/clock.ts';
import type { Timer } from '../engine/suggest/deadline.ts';
import { standardNormal } from '../tensor/random.ts';

interface Waiting {
  readonly at: number;
  readonly fire: () => void;
}

/** The morning of a Monday: any fixed time will do. */
export const startOfTime = Date.UTC(2025, 0, 6, 9);

/** Time that passes only when told to: what runs under it twice does the same twice, however fast the machine is. */
export class VirtualTime {
  readonly clock: Clock;
  readonly timer: Timer;
  #now: number;
  #waiting: readonly Waiting[] = [];

  /** `start`: milliseconds since the epoch. */
  constructor(start: number) {
    this.#now = start;
    this.clock = { now: () => this.#now };
    this.timer = {
      after: (ms, fire) => {
        const waiting = { at: this.#now + Math.max(0, ms), fire };
        this.#waiting = [...this.#waiting, waiting];
        return () => {
          this.#waiting = this.#waiting.filter((one) => one !== waiting);
        };
      },
    };
  }

  /** Fires what becomes due on the way, each at its time; of equal times the one set first goes first. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#waiting.reduce<Waiting | null>(
        (first, one) => (one.at <= end && (first === null || one.at < first.at) ? one : first),
        null,
      );
      if (next === null) break;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.fire();
    }
    this.#now = end;
  }
}

/** UUIDv7 of virtual time. The order in which they are made is their order as texts, within a millisecond too. */
export function virtualIds(clock: Clock, random: () => number): Ids {
  let msecs = -1;
  let seq = 0;
  return () => {
    const now = clock.now();
    seq = now === msecs ? seq + 1 : 0;
    msecs = now;
    return v7({ msecs, seq, random: Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256)) });
  };
}

/** Mean and standard deviation of the time between two keys, of 168 000 people (Dhakal et al., CHI 2018). */
const betweenKeysMs = { mean: 238.7, deviation: 111.6 };

/** Milliseconds before the next key, log-normal, whole; a new line is thought about three times as long. */
export function typingRhythm(random: () => number): (previous: string) => number {
  const { mean, deviation } = betweenKeysMs;
  const variance = Math.log(1 + (deviation / mean) ** 2);
  return (previous) => {
    const ms = Math.exp(Math.log(mean) - variance / 2 + Math.sqrt(variance) * standardNormal(random));
    return Math.max(1, Math.round(previous === '\n' ? 3 * ms : ms));
  };
}
