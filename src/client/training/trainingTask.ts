/** The training of this window: one at a time, told of as it goes, ended from wherever the user is. Knows nothing of `vscode`. */
import { type CancellationToken, CancellationTokenSource, Emitter } from 'vscode-jsonrpc';
import type { ClientRequests, Failure, Params, Result } from '../../protocol/rpc.ts';
import type { TrainingStep } from '../../protocol/trainingPanel.ts';
import type { EngineClient } from '../engine/engineClient.ts';

export type TrainingOrder = Omit<Params<ClientRequests, 'train'>, 'requestId'>;
type Trained = Result<ClientRequests, 'train'>;

/** Waits for an event of VS Code or of vscode-jsonrpc alike. */
interface Token {
  readonly isCancellationRequested: boolean;
  onCancellationRequested(listener: () => void): { dispose(): void };
}

/** A selector's training measures some twenty figures at each of its updates. */
const keptScalars = 10_000;

/** A training begun before the first word of it: the bar stands at its beginning. */
const beginning: TrainingStep = { stage: 'reading', share: 0, secondsLeft: null, message: '', scalars: [] };

export class TrainingTask {
  readonly #engine: Pick<EngineClient, 'ask' | 'hear' | 'onDidChangeState'>;
  readonly #newId: () => string;
  readonly #changed = new Emitter<TrainingStep | null>();
  readonly #subscriptions: readonly { dispose(): void }[];
  /** The one that was asked for here; another that is heard of runs in the background. */
  #own: { readonly requestId: string; readonly source: CancellationTokenSource } | null = null;
  #step: TrainingStep | null = null;
  #scalars: TrainingStep['scalars'][number][] = [];

  constructor(engine: Pick<EngineClient, 'ask' | 'hear' | 'onDidChangeState'>, newId: () => string) {
    this.#engine = engine;
    this.#newId = newId;
    this.#subscriptions = [
      engine.hear('trainingProgress', ({ requestId, ...step }) => {
        if (this.#own === null || this.#own.requestId === requestId) this.#set(step);
      }),
      // One in the background has no answer that would end it.
      engine.hear('trainingChanged', () => this.#forgetBackground()),
      engine.onDidChangeState(({ type }) => {
        if (type !== 'ready') this.#forgetBackground();
      }),
    ];
  }

  /** The last that was heard of a training under way; null: there is none. */
  get step(): TrainingStep | null {
    return this.#step;
  }

  /** The same with everything that was measured so far, the oldest first: for a view that opens in the middle. */
  get whole(): TrainingStep | null {
    return this.#step && { ...this.#step, scalars: [...this.#scalars] };
  }

  readonly onDidChange = this.#changed.event;

  /**
   * Trains. Ends as `cancelled` when `token` or `cancel` says so. Rejects as `EngineClient.ask` does. With one under way it is
   * refused.
   */
  async start(order: TrainingOrder, underWay: Failure, token?: Token): Promise<Trained> {
    if (this.#own !== null) return { ok: false, failure: underWay };
    const own = { requestId: this.#newId(), source: new CancellationTokenSource() };
    this.#own = own;
    this.#set(beginning);
    const subscription = token?.onCancellationRequested(() => own.source.cancel());
    if (token?.isCancellationRequested) own.source.cancel();
    const cancellation: CancellationToken = own.source.token;
    try {
      return await this.#engine.ask('train', { requestId: own.requestId, ...order }, cancellation);
    } finally {
      subscription?.dispose();
      own.source.dispose();
      this.#own = null;
      this.#set(null);
    }
  }

  /** Ends the training that was begun here; false when there is none. */
  cancel(): boolean {
    this.#own?.source.cancel();
    return this.#own !== null;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  #forgetBackground(): void {
    if (this.#own === null && this.#step !== null) this.#set(null);
  }

  #set(step: TrainingStep | null): void {
    this.#step = step;
    if (step === null) this.#scalars = [];
    else {
      this.#scalars.push(...step.scalars);
      if (this.#scalars.length > keptScalars) this.#scalars.splice(0, this.#scalars.length - keptScalars);
    }
    this.#changed.fire(step);
  }
}
