/** The host's side of the Training view, without VS Code: messages in, engine requests out, state back. */
import * as v from 'valibot';
import { describeIssues } from '../../protocol/connection.ts';
import type { ClientRequests, Failure, Result } from '../../protocol/rpc.ts';
import type { TrainingRun } from '../../protocol/training.ts';
import { FromTrainingPanel, type ToTrainingPanel, type TrainingStep } from '../../protocol/trainingPanel.ts';
import type { PanelProblem } from '../../protocol/webview.ts';
import type { AskEngine } from '../ratings/session.ts';
import type { TrainingOrder } from './trainingTask.ts';

/** A training or a version changed: what follows within this time comes along. */
const pushDelayMs = 50;
/** Typing alone changes the memory every second, and the state is counted from all of it. */
const memoryDelayMs = 2000;

export type TrainingCommand = Extract<FromTrainingPanel, { type: 'command' }>['command'];

export interface TrainingSessionParts {
  readonly ask: AskEngine;
  readonly post: (message: ToTrainingPanel) => void;
  /** What stands in the way, as far as the client knows; null when all is well. */
  readonly problem: () => PanelProblem | null;
  /** How far a training is, with everything that was measured in it so far. */
  readonly step: () => TrainingStep | null;
  readonly start: (order: TrainingOrder) => Promise<Result<ClientRequests, 'train'>>;
  /** Ends the training that was begun in this window; false when there is none. */
  readonly cancel: () => boolean;
  /** A training begun here has ended: what is done about it is the command's. */
  readonly ended: (outcome: { readonly runs: readonly TrainingRun[]; readonly dryRun: boolean }) => void;
  readonly showReport: (report: string) => Promise<void>;
  /** Opens the place of an episode; false when it is not remembered any more. */
  readonly openEpisode: (episodeId: string) => Promise<boolean>;
  readonly run: (command: TrainingCommand) => void;
  readonly log: { debug(message: string): void; warn(message: string): void };
  /** Runs `task` once after `delayMs`. */
  readonly later: (task: () => void, delayMs: number) => void;
  readonly texts: {
    /** The engine can't be asked. */
    readonly silentEngine: Pick<Failure, 'message' | 'nextStep'>;
    readonly episodeGone: Pick<Failure, 'message' | 'nextStep'>;
  };
}

export interface TrainingSession {
  /** Anything a webview sent; what is not a message of the protocol is dropped. Resolves when it is dealt with. */
  handle(message: unknown): Promise<void>;
  /** A version or a training changed. */
  refresh(): void;
  /** What is remembered changed: of no hurry. */
  memoryChanged(): void;
  /** A training goes on, or has ended. */
  stepped(step: TrainingStep | null): void;
  /** The page is gone (the view was hidden); another will say that it is ready. */
  hidden(): void;
}

export function trainingSession(parts: TrainingSessionParts): TrainingSession {
  let ready = false;
  let due: { readonly delayMs: number } | null = null;
  /** Pushes run one after another: a slow old one must not overtake. */
  let pushing: Promise<void> = Promise.resolve();

  async function push(): Promise<void> {
    if (!ready) return;
    let problem = parts.problem();
    try {
      parts.post({ type: 'state', state: await parts.ask('trainingState', {}) });
    } catch (error) {
      parts.log.warn(`The Training view could not be filled: ${nameOf(error)}`);
      problem ??= { kind: 'engineDown', message: sentences(parts.texts.silentEngine) };
    }
    parts.post({ type: 'problem', problem });
  }

  /** A push soon; one that is due sooner stands for it. */
  function refresh(delayMs: number): void {
    if (!ready || (due !== null && due.delayMs <= delayMs)) return;
    const mine = { delayMs };
    due = mine;
    parts.later(() => {
      if (due !== mine) return;
      due = null;
      pushing = pushing.then(push);
    }, delayMs);
  }

  const failed = ({ message, nextStep }: Pick<Failure, 'message' | 'nextStep'>): void =>
    parts.post({ type: 'failed', message, nextStep });

  /** Asks the engine; what it refuses, and its silence, are told in the view. Null: it did not work. */
  async function asked<T extends object>(
    request: () => Promise<({ ok: true } & T) | { ok: false; failure: Failure }>,
  ): Promise<({ ok: true } & T) | null> {
    try {
      const result = await request();
      if (result.ok) return result;
      if (result.failure.reason !== 'cancelled') failed(result.failure);
    } catch (error) {
      parts.log.warn(`The Training view's request failed: ${nameOf(error)}`);
      failed(parts.texts.silentEngine);
    }
    return null;
  }

  async function train(order: TrainingOrder): Promise<void> {
    const result = await asked(() => parts.start(order));
    refresh(0);
    if (result === null) return;
    for (const run of result.runs) parts.post({ type: 'run', run });
    // A version's report can be asked for again; of a dry run there is only this one.
    if (order.dryRun) await parts.showReport(result.report);
    parts.ended({ runs: result.runs, dryRun: order.dryRun });
  }

  async function run(id: string, then: (result: { run: TrainingRun; report: string }) => unknown): Promise<void> {
    const result = await asked(() => parts.ask('trainingRun', { id }));
    if (result) await then(result);
  }

  async function handle(message: unknown): Promise<void> {
    const parsed = v.safeParse(FromTrainingPanel, message);
    if (!parsed.success) {
      parts.log.warn(`The Training view sent something else than agreed: ${describeIssues(parsed.issues)}`);
      return;
    }
    const request = parsed.output;
    switch (request.type) {
      case 'ready': {
        ready = true;
        due = null;
        refresh(0);
        const step = parts.step();
        if (step !== null) parts.post({ type: 'step', step });
        return;
      }
      case 'train': {
        const { layers, dryRun, resume } = request;
        return train({ layers, dryRun, resume });
      }
      case 'cancel':
        // One in the background has no request of ours to be cancelled.
        if (!parts.cancel()) await asked(() => parts.ask('cancelTraining', {}));
        return;
      case 'discard':
        await asked(() => parts.ask('discardTraining', {}));
        return refresh(0);
      case 'run':
        return run(request.id, (result) => parts.post({ type: 'run', run: result.run }));
      case 'report':
        return run(request.id, (result) => parts.showReport(result.report));
      case 'decide':
        await asked(() => parts.ask('decideVersion', { id: request.id, decision: request.decision }));
        return refresh(0);
      case 'rollBack':
        await asked(() => parts.ask('rollBack', { layer: request.layer }));
        return refresh(0);
      case 'openEpisode': {
        const opened = await asked(async () => ({ ok: true, found: await parts.openEpisode(request.episodeId) }));
        return opened?.found === false ? failed(parts.texts.episodeGone) : undefined;
      }
      case 'command':
        return parts.run(request.command);
    }
  }

  return {
    handle,
    refresh: () => refresh(pushDelayMs),
    memoryChanged: () => refresh(memoryDelayMs),
    stepped(step) {
      if (!ready) return;
      if (step === null) refresh(0);
      else parts.post({ type: 'step', step });
    },
    hidden() {
      ready = false;
    },
  };
}

const sentences = ({ message, nextStep }: Pick<Failure, 'message' | 'nextStep'>): string =>
  [message, nextStep].filter((part) => part !== '').join(' ');

/** No message: it may name paths. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'error');
