/** The training view on loopback, with the extension host's real session behind it and an engine that says what a scene wants. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { TrainingRun, TrainingState, type TrainLayer, type VersionRow } from '../../src/protocol/training.ts';
import { FromTrainingPanel, type ToTrainingPanel, type TrainingStep } from '../../src/protocol/trainingPanel.ts';
import type { PanelProblem } from '../../src/protocol/webview.ts';
import { buildPages, clientModule, type PageServer, servePage } from './server.ts';
import { previewRun } from './trainingData.ts';

interface Session {
  handle(message: unknown): Promise<void>;
  refresh(): void;
  stepped(step: TrainingStep | null): void;
}

export interface TrainingHarness extends PageServer {
  state: TrainingState | null;
  problem: PanelProblem | null;
  /** Of the runs it is asked for; else as they usually are. */
  verdict: TrainingRun['verdict'] | undefined;
  /** False: runs are refused. */
  answersRuns: boolean;
  /** What was begun, shown and opened by the host. */
  readonly ran: string[];
  /** Past the session. */
  tell(message: ToTrainingPanel): void;
  step(step: TrainingStep): void;
  /** The engine's state changes, and the session hears of it. */
  change(touch: (state: TrainingState) => TrainingState): void;
}

const failure = { reason: 'damaged', message: 'The version is damaged.', nextStep: 'Train again.' };

/** What is told and heard is held to the protocol: the preview shows nothing that the engine could not say. */
export async function startTrainingHarness(options: {
  readonly state: TrainingState | null;
  readonly bundle?: string;
}): Promise<TrainingHarness> {
  const outDir = options.bundle ?? (await mkdtemp(join(tmpdir(), 'attune-training-')));
  if (options.bundle === undefined) await buildPages(outDir);
  const { trainingSession } = (await clientModule('training/session.ts')) as {
    trainingSession: (parts: object) => Session;
  };

  const versions = (touch: (rows: VersionRow[]) => VersionRow[]): void =>
    harness.change((state) => ({ ...state, versions: touch(state.versions) }));

  async function ask(method: string, params: Record<string, unknown>): Promise<unknown> {
    switch (method) {
      case 'trainingState':
        // Nothing to tell yet: the view goes on waiting.
        return harness.state ?? new Promise(() => {});
      case 'trainingRun': {
        const row = harness.state?.versions.find(({ id }) => id === params.id);
        if (!row || !harness.answersRuns) return { ok: false, failure };
        return { ok: true, run: v.parse(TrainingRun, previewRun(row, harness.verdict)), report: `# ${row.algorithm}` };
      }
      case 'decideVersion':
        versions((rows) => decided(rows, String(params.id), params.decision as 'activate' | 'reject'));
        return { ok: true };
      case 'rollBack':
        versions((rows) => rolledBack(rows, params.layer as TrainLayer));
        return { ok: true, serving: null };
      case 'discardTraining':
        harness.change((state) => ({ ...state, unfinished: null }));
        return { ok: true };
      default:
        throw new Error(`not in the preview: ${method}`);
    }
  }

  const server = await servePage({
    outDir,
    page: 'training',
    title: 'Training',
    background: '--vscode-editor-background',
    heard: (message) => void session.handle(v.parse(FromTrainingPanel, message)),
  });
  const run = (what: string): number => harness.ran.push(what);
  const session = trainingSession({
    ask,
    post: server.post,
    problem: () => harness.problem,
    step: () => null,
    // It goes on until the scene ends it.
    start: (order: { layers: readonly TrainLayer[] }) => {
      run(`train ${order.layers.join(' ')}`);
      return new Promise(() => {});
    },
    cancel: () => run('cancel') > 0,
    ended() {},
    showReport: async (report: string) => run(`report ${report}`),
    openEpisode: async (id: string) => run(`open ${id}`) > 0,
    run,
    log: { debug() {}, warn() {} },
    later: (task: () => void, delayMs: number) => void setTimeout(task, delayMs),
    texts: {
      silentEngine: { message: 'The engine does not answer.', nextStep: 'Try again in a moment.' },
      notOurs: { message: 'This training runs by itself.', nextStep: '' },
      episodeGone: { message: 'This proposal is gone.', nextStep: '' },
    },
  });
  const harness: TrainingHarness = {
    ...server,
    state: options.state,
    problem: null,
    verdict: undefined,
    answersRuns: true,
    ran: [],
    tell: server.post,
    step: (step) => session.stepped(step),
    change(touch) {
      if (!harness.state) throw new Error('There is no state to change.');
      harness.state = v.parse(TrainingState, touch(harness.state));
      session.refresh();
    },
    async close() {
      await server.close();
      if (options.bundle === undefined) await rm(outDir, { recursive: true, force: true });
    },
  };
  return harness;
}

/** As the registry does: a successor takes the place of what served. */
function decided(rows: readonly VersionRow[], id: string, decision: 'activate' | 'reject'): VersionRow[] {
  const layer = rows.find((row) => row.id === id)?.layer;
  return rows.map((row) => {
    if (row.id === id && decision === 'reject') return { ...row, state: 'rejected' };
    if (row.id === id) return { ...row, state: 'active', serving: true };
    const replaced = decision === 'activate' && row.layer === layer && row.serving;
    return replaced ? { ...row, state: 'retired', serving: false } : row;
  });
}

/** One step back by lineage. */
function rolledBack(rows: readonly VersionRow[], layer: TrainLayer): VersionRow[] {
  const serving = rows.find((row) => row.layer === layer && row.serving);
  return rows.map((row) => {
    if (row.id === serving?.id) return { ...row, state: 'rejected', serving: false };
    return row.id === serving?.parent ? { ...row, state: 'active', serving: true } : row;
  });
}
