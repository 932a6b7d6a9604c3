/** Training by itself, where the developer wants it: after so many new ratings, when nothing has been done for a while. */
import type { TrainingRun } from '../../../protocol/training.ts';
import { trainLayers } from '../../../protocol/training.ts';
import type { Clock, Log } from '../../clock.ts';
import type { Store, StoredEpisode } from '../../memory/store.ts';
import type { Later } from './decisionStream.ts';
import type { ServingNotice } from './serving.ts';

export interface IdleTrainingOptions {
  readonly store: Pick<Store, 'get' | 'entries' | 'onChange'>;
  readonly clock: Clock;
  readonly timer: Later;
  readonly log: Log;
  /** So many new ratings; 0: never. */
  readonly after: () => number;
  /** When the last training was, in milliseconds since the epoch; null: there was none. */
  readonly lastTraining: () => Promise<number | null>;
  /** Trains all layers; null: it was not possible, as when a training is under way. */
  readonly train: (signal: AbortSignal) => Promise<readonly TrainingRun[] | null>;
  /** Puts a candidate in place of what serves. False: it may not. */
  readonly activate: (id: string) => Promise<boolean>;
  readonly onNotice: (notice: ServingNotice) => void;
}

/** Nothing was suggested, taken or rated for so long. */
const quietMs = 2 * 60_000;
const layerName = { rewardModel: 'what you like', selector: 'what to offer' } as const;

export class IdleTraining {
  readonly #options: IdleTrainingOptions;
  readonly #stop: () => void;
  readonly #closing = new AbortController();
  /** Of the last training, tried or done. Null: not known yet. */
  #since: number | null = null;
  #cancel: () => void = () => {};
  #work: Promise<void> | null = null;

  constructor(options: IdleTrainingOptions) {
    this.#options = options;
    this.#stop = options.store.onChange(() => this.#wait());
    this.#wait();
  }

  /** A setting changed. */
  reconsider(): void {
    this.#wait();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#stop();
    this.#cancel();
    await this.#work;
  }

  #wait(): void {
    this.#cancel();
    if (this.#options.after() === 0 || this.#work !== null || this.#closing.signal.aborted) return;
    this.#cancel = this.#options.timer.after(quietMs, () => {
      this.#work = this.#consider()
        .catch((error: unknown) => {
          this.#options.log.warn(`training by itself failed: ${error instanceof Error ? error.name : 'unknown'}`);
        })
        .finally(() => {
          this.#work = null;
        });
    });
  }

  async #consider(): Promise<void> {
    const { store, clock, after, lastTraining, train, activate, onNotice, log } = this.#options;
    this.#since ??= (await lastTraining()) ?? 0;
    const since = Math.max(this.#since, (await lastTraining()) ?? 0);
    const ratings = newRatings(store.entries(), since);
    if (after() === 0 || ratings < after()) return;
    const begun = clock.now();
    const runs = await train(this.#closing.signal);
    // What was tried in vain is not tried again before there are as many new ones.
    this.#since = begun;
    if (runs === null) return;
    const used: TrainingRun[] = [];
    // Cheapest first: the selector may depend on the reward model.
    for (const layer of trainLayers) {
      const run = runs.find((one) => one.layer === layer && one.verdict.kind === 'promote');
      if (run !== undefined && (await activate(run.id))) used.push(run);
    }
    if (used.length === 0) {
      log.info(`training by itself: nothing was better after ${ratings} new ratings`);
      return;
    }
    const what = used.map(({ layer }) => layerName[layer]).join(' and ');
    onNotice({
      level: 'info',
      message: `Attune learnt ${what} from ${ratings} new ratings, and uses it now. ${used[0]!.verdict.reason}`,
      nextStep: '“Attune: Roll Back What Was Learnt” undoes it.',
      offer: 'openTraining',
    });
  }
}

/** Ratings made after `since`, mine and others’. */
function newRatings(entries: Iterable<StoredEpisode>, since: number): number {
  let count = 0;
  for (const { rating, otherRatings } of entries) {
    for (const one of rating ? [rating, ...otherRatings] : otherRatings) if (one.at > since) count += 1;
  }
  return count;
}
