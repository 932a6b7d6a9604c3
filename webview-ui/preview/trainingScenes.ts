/** The states of the training view that pictures are taken of. */
import type { OpenPanel } from './browser.ts';
import type { ThemeName } from './server.ts';
import { previewSteps, type RatingCount } from './trainingData.ts';
import type { TrainingHarness } from './trainingHarness.ts';

export interface TrainingScene {
  readonly name: string;
  readonly widths: readonly number[];
  readonly themes?: readonly ThemeName[];
  /** Of the window; by default all of the page is seen. */
  readonly height?: number;
  /** False: one pixel of the picture is one of the page. */
  readonly sharp?: boolean;
  readonly ratings: RatingCount;
  readonly prepare?: (harness: TrainingHarness) => void;
  readonly act?: (panel: OpenPanel, harness: TrainingHarness) => Promise<void>;
}

const requestId = 'preview';

/** A training under way, with its curves so far. */
export async function underWay({ frame }: OpenPanel, harness: TrainingHarness, steps = 120): Promise<void> {
  harness.change((state) => ({
    ...state,
    running: { requestId, stage: 'rewardModel', share: 0.2, secondsLeft: 60, startedAt: Date.now() },
  }));
  await frame.waitForSelector('.running');
  for (const step of previewSteps(steps)) harness.step(step);
  await frame.waitForSelector('.multiples .line');
}

export const trainingScenes: readonly TrainingScene[] = [
  { name: 'empty', widths: [300, 1100], ratings: 0 },
  { name: 'one', widths: [300, 1100], themes: ['dark', 'light'], ratings: 1 },
  { name: 'twenty', widths: [300, 1100], ratings: 20 },
  { name: 'many', widths: [300, 1100], ratings: 2000 },
  {
    name: 'reward',
    widths: [300, 1100],
    ratings: 2000,
    async act({ frame }) {
      await frame.getByRole('option', { name: /^Reward model 4 / }).click();
      await frame.getByRole('combobox', { name: 'Compare with' }).selectOption({ label: 'Reward model 3' });
      await frame.getByText('Ratings that contradict').click();
      await frame.getByText('History', { exact: true }).click();
    },
  },
  {
    name: 'running',
    widths: [300, 1100],
    ratings: 2000,
    act: (panel, harness) => underWay(panel, harness),
  },
  {
    name: 'unfinished',
    widths: [300, 1100],
    themes: ['dark', 'hc-light'],
    ratings: 20,
    prepare(harness) {
      harness.state = {
        ...harness.state!,
        unfinished: {
          at: Date.now() - 7_200_000,
          stage: 'selector',
          why: 'interrupted',
          finished: ['reading', 'rewardModel'],
        },
      };
    },
  },
  {
    name: 'failed',
    widths: [300, 1100],
    themes: ['light', 'hc-dark'],
    ratings: 20,
    async act(_panel, harness) {
      harness.tell({
        type: 'failed',
        message: 'The training stopped: the disk is full.',
        nextStep: 'Free about 40 MB and train again. What served before serves on.',
      });
      await _panel.frame.getByRole('alert').waitFor();
    },
  },
  {
    name: 'harms',
    widths: [1100],
    themes: ['dark', 'light'],
    ratings: 2000,
    prepare(harness) {
      harness.state = {
        ...harness.state!,
        help: {
          ...harness.state!.help,
          kind: 'harms',
          text: 'harms: 6 % to 22 % fewer accepted',
          low: -0.22,
          high: -0.06,
          treated: { accepted: 1480, decisions: 3864 },
          control: { accepted: 98, decisions: 221 },
        },
      };
    },
  },
  {
    name: 'noSignal',
    widths: [1100],
    themes: ['dark'],
    ratings: 2000,
    prepare(harness) {
      harness.verdict = {
        kind: 'noSignal',
        reason: 'No learnable signal: predictions agree with held-out ratings by −0.09 to 0.14 (0: not at all).',
      };
    },
    async act({ frame }) {
      await frame.getByRole('option', { name: /^Reward model 2 / }).click();
    },
  },
  {
    name: 'unsupported',
    widths: [300, 1100],
    themes: ['light'],
    ratings: 20,
    prepare(harness) {
      harness.state = {
        ...harness.state!,
        unsupported:
          'The neural reward model and PPO need ONNX Runtime, which has no build for Macs with an Intel processor. All simpler models are trained here, too.',
      };
    },
  },
  {
    name: 'engineDown',
    widths: [300],
    themes: ['dark'],
    ratings: 20,
    prepare(harness) {
      harness.problem = { kind: 'engineDown', message: 'The engine has stopped. Your ratings are safe on disk.' };
    },
  },
  {
    // The README's picture: example data.
    name: 'readme',
    widths: [1280],
    themes: ['dark', 'light'],
    height: 800,
    sharp: false,
    ratings: 2000,
    prepare(harness) {
      const state = harness.state!;
      const [you] = state.data.raters;
      harness.state = { ...state, data: { ...state.data, raters: [you!], kappa: null } };
    },
    async act({ frame }) {
      await frame.getByRole('option', { name: /^Reward model 4 / }).click();
      await frame.getByText('prefers early returns').waitFor();
    },
  },
];
