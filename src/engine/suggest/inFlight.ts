/** Model requests under way, which a request a few keystrokes later joins instead of asking the same again. */
import type { Arm } from './control.ts';
import type { Timer } from './deadline.ts';
import { closedAt, copied, mostClosers, tailOf } from './offerCache.ts';
import { toLf } from './place.ts';

/** A document and the cursor in it, at the time of a request. */
export interface At {
  readonly uri: string;
  readonly text: string;
  readonly offset: number;
  /** Requests of different arms ask different things, and don't join. */
  readonly arm?: Arm;
}

/** What a model request says while and when it is answered. */
export interface Asking<T> {
  /** How many different answers it brings; 0: it is not to be joined. */
  readonly count: number;
  /** `heard` is told the first answer's text so far. Aborting the signal closes the connection. */
  run(signal: AbortSignal, heard: (soFar: string) => void): Promise<T>;
}

/** A part in a model request. */
export interface Seat<T> {
  /** What was typed since the place the model was asked about; empty for who asked. */
  readonly typed: string;
  /** The answer; null when the signal was aborted first, or the request was to make room. */
  answer(signal: AbortSignal): Promise<T | null>;
}

interface Flight<T> {
  readonly uri: string;
  readonly arm: Arm | undefined;
  readonly offset: number;
  /** Of the whole document. */
  readonly length: number;
  /** Text right before and after the offset. */
  readonly head: string;
  readonly tail: string;
  readonly count: number;
  readonly controller: AbortController;
  readonly answered: Promise<T | null>;
  soFar: string;
  /** It has been waited for too long without a word: a server may have lost it. */
  mute: boolean;
  settled: boolean;
  /** Who waits for it now. */
  waiting: number;
  stopLingering: () => void;
  stopWatching: () => void;
}

/** As with Cody and Zed: the newest, and the one before it. */
const mostAlive = 2;
/**
 * The editor calls off a request with the keystroke, and asks anew when it and the client have waited for the typing to pause:
 * 50 ms and 75 ms, with a quick typist's next key and some delay between.
 */
const lingerMs = 400;
/** A model at work says something by then (Tabby calls three seconds healthy); who joined a lost request would wait with it. */
const muteMs = 3000;
const headCharacters = 2000;

/**
 * Counts who waits for each model request. It is aborted when nobody does any more; but while the user types on from its place, and
 * not against what the model has said so far, it is given until the next request to be joined.
 */
export class InFlight<T> {
  readonly #timer: Timer;
  readonly #textNow: (uri: string) => string | undefined;
  #flights: Flight<T>[] = [];

  constructor(timer: Timer, textNow: (uri: string) => string | undefined) {
    this.#timer = timer;
    this.#textNow = textNow;
  }

  /** A seat in a request whose place this one extends; null: there is none. What typing has proved wrong is aborted. */
  join(at: At, count: number): Seat<T> | null {
    for (const flight of this.#flights.toReversed()) {
      const typed = typedSince(flight, at);
      if (typed === null || typed === '' || flight.count < count || flight.mute) continue;
      if (!contradicts(typed, flight)) return this.#seat(flight, typed);
      this.#drop(flight);
    }
    return null;
  }

  /** Asks the model. The oldest of more than two requests makes room. */
  start(at: At, { count, run }: Asking<T>): Seat<T> {
    const alive = this.#flights.filter(({ settled }) => !settled);
    for (const flight of alive.slice(0, Math.max(0, alive.length - mostAlive + 1))) this.#drop(flight);
    const controller = new AbortController();
    const { promise: aborted, resolve: abort } = Promise.withResolvers<null>();
    controller.signal.addEventListener('abort', () => abort(null), { once: true });
    const heard = (soFar: string): void => {
      flight.soFar = soFar;
    };
    const flight: Flight<T> = {
      uri: at.uri,
      arm: at.arm,
      offset: at.offset,
      length: at.text.length,
      head: copied(at.text.slice(Math.max(0, at.offset - headCharacters), at.offset)),
      tail: copied(tailOf(at.text, at.offset)),
      count,
      controller,
      answered: Promise.race([run(controller.signal, heard), aborted]).finally(() => this.#settled(flight)),
      soFar: '',
      mute: false,
      settled: false,
      waiting: 0,
      stopLingering: () => {},
      stopWatching: this.#timer.after(muteMs, () => {
        flight.mute = flight.soFar === '';
      }),
    };
    // Whoever waits hears of a failure; when nobody does, nobody need.
    flight.answered.catch(() => {});
    this.#flights.push(flight);
    return this.#seat(flight, '');
  }

  /** Aborts everything. */
  close(): void {
    for (const flight of [...this.#flights]) this.#drop(flight);
  }

  #seat(flight: Flight<T>, typed: string): Seat<T> {
    return {
      typed,
      answer: async (signal) => {
        flight.waiting += 1;
        flight.stopLingering();
        const { promise: left, resolve: leave } = Promise.withResolvers<null>();
        const leaving = (): void => leave(null);
        if (signal.aborted) leaving();
        else signal.addEventListener('abort', leaving, { once: true });
        try {
          return await Promise.race([flight.answered, left]);
        } finally {
          signal.removeEventListener('abort', leaving);
          flight.waiting -= 1;
          if (flight.waiting === 0) this.#leave(flight);
        }
      },
    };
  }

  #settled(flight: Flight<T>): void {
    flight.settled = true;
    flight.stopWatching();
    // An answer that came with a keystroke can't be offered where it was asked for, but perhaps one character further.
    if (flight.waiting === 0 || this.#typedOn(flight)) this.#linger(flight);
    else this.#drop(flight);
  }

  /** Nobody waits any more. */
  #leave(flight: Flight<T>): void {
    if (!this.#flights.includes(flight)) return;
    if (this.#typedOn(flight)) this.#linger(flight);
    else this.#drop(flight);
  }

  #linger(flight: Flight<T>): void {
    flight.stopLingering();
    if (!this.#flights.includes(flight)) return;
    const stop = this.#timer.after(lingerMs, () => {
      if (flight.waiting === 0) this.#drop(flight);
    });
    flight.stopLingering = stop;
  }

  #typedOn(flight: Flight<T>): boolean {
    const { uri, arm, offset, length } = flight;
    const text = this.#textNow(uri);
    if (text === undefined) return false;
    const more = text.length - length;
    // Of what was added, the last may be closers that the editor put behind the cursor.
    for (let typed = more; typed > Math.max(0, more - mostClosers - 1); typed -= 1) {
      const since = typedSince(flight, { uri, text, offset: offset + typed, ...(arm && { arm }) });
      if (since !== null && !contradicts(since, flight)) return true;
    }
    return false;
  }

  #drop(flight: Flight<T>): void {
    flight.stopLingering();
    flight.stopWatching();
    this.#flights = this.#flights.filter((one) => one !== flight);
    flight.controller.abort();
  }
}

/** What was typed is not what the model says, or more than it has said in the end. */
const contradicts = (typed: string, { soFar, settled }: Pick<Flight<unknown>, 'soFar' | 'settled'>): boolean =>
  !soFar.startsWith(typed) && (settled || !typed.startsWith(soFar));

/** What stands between the place of the request and `at`, if only that was added (and closers by the editor); else null. */
function typedSince(asked: Flight<unknown>, { uri, text, offset, arm }: At): string | null {
  const { head, tail } = asked;
  if (uri !== asked.uri || arm !== asked.arm || offset < asked.offset) return null;
  if (!text.startsWith(head, asked.offset - head.length)) return null;
  const typed = toLf(text.slice(asked.offset, offset));
  const closed = closedAt(tail, text, offset);
  return closed === null || (typed === '' && closed !== '') ? null : typed;
}
