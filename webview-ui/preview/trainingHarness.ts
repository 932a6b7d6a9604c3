/** The training view on loopback, told what a scene wants it to be told. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { TrainingRun, TrainingState } from '../../src/protocol/training.ts';
import { FromTrainingPanel, type ToTrainingPanel } from '../../src/protocol/trainingPanel.ts';
import type { PanelProblem } from '../../src/protocol/webview.ts';
import { buildPages, type PageServer, servePage } from './server.ts';
import { previewRun } from './trainingData.ts';

export interface TrainingHarness extends PageServer {
  state: TrainingState | null;
  problem: PanelProblem | null;
  /** Of the runs it is asked for; else as they usually are. */
  verdict: TrainingRun['verdict'] | undefined;
  /** False: runs are not answered. */
  answersRuns: boolean;
  tell(message: ToTrainingPanel): void;
  /** Tells a changed state. */
  change(touch: (state: TrainingState) => TrainingState): void;
}

/** What is told and heard is held to the protocol: the preview shows nothing that the engine could not say. */
export async function startTrainingHarness(options: {
  readonly state: TrainingState | null;
  readonly bundle?: string;
}): Promise<TrainingHarness> {
  const outDir = options.bundle ?? (await mkdtemp(join(tmpdir(), 'attune-training-')));
  if (options.bundle === undefined) await buildPages(outDir);
  const heard = (message: unknown): void => {
    const parsed = v.parse(FromTrainingPanel, message);
    if (parsed.type === 'ready') {
      harness.tell({ type: 'problem', problem: harness.problem });
      if (harness.state) harness.tell({ type: 'state', state: harness.state });
    }
    if (parsed.type === 'run' && harness.answersRuns) {
      const row = harness.state?.versions.find(({ id }) => id === parsed.id);
      if (row) harness.tell({ type: 'run', run: v.parse(TrainingRun, previewRun(row, harness.verdict)) });
    }
  };
  const server = await servePage({
    outDir,
    page: 'training',
    title: 'Training',
    background: '--vscode-editor-background',
    heard,
  });
  const harness: TrainingHarness = {
    ...server,
    state: options.state,
    problem: null,
    verdict: undefined,
    answersRuns: true,
    tell: server.post,
    change(touch) {
      if (!harness.state) throw new Error('There is no state to change.');
      harness.state = v.parse(TrainingState, touch(harness.state));
      harness.tell({ type: 'state', state: harness.state });
    },
    async close() {
      await server.close();
      if (options.bundle === undefined) await rm(outDir, { recursive: true, force: true });
    },
  };
  return harness;
}
