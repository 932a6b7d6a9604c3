/** The states of the panel that pictures are taken of. */
import type { OpenPanel } from './browser.ts';
import type { Harness } from './harness.ts';
import type { ThemeName } from './server.ts';

export interface Scene {
  readonly name: string;
  readonly widths: readonly number[];
  readonly themes?: readonly ThemeName[];
  readonly height?: number;
  readonly empty?: boolean;
  readonly loading?: boolean;
  readonly prepare?: (harness: Harness) => void;
  readonly act?: (panel: OpenPanel, harness: Harness) => Promise<void>;
}

export const scenes: readonly Scene[] = [
  { name: 'list', widths: [300, 600] },
  {
    name: 'rated',
    widths: [300],
    async act({ page, frame }) {
      await frame.focus('.card.selected');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await frame.getByRole('button', { name: 'What I wanted instead' }).click();
      await frame.getByRole('button', { name: 'Repeats' }).click();
      await frame.focus('.card.selected');
    },
  },
  {
    name: 'why',
    widths: [300],
    async act({ page, frame }) {
      await frame.focus('.card.selected');
      await page.keyboard.press('g');
      await page.keyboard.press('8');
      await page.keyboard.press('w');
      await frame.waitForSelector('.example');
      await frame.getByText('Saved', { exact: true }).waitFor();
    },
  },
  {
    name: 'narrow',
    widths: [200],
    themes: ['dark', 'light'],
    async act({ page, frame }) {
      await frame.focus('.card.selected');
      await page.keyboard.press('w');
      await frame.waitForSelector('.example');
    },
  },
  {
    name: 'help',
    widths: [300],
    themes: ['dark', 'hc-light'],
    height: 700,
    async act({ page, frame }) {
      await frame.focus('.card.selected');
      await page.keyboard.press('?');
    },
  },
  {
    name: 'delete',
    widths: [300],
    themes: ['dark', 'light'],
    async act({ page, frame }) {
      await frame.focus('.card.selected');
      await page.keyboard.press('Delete');
    },
  },
  {
    name: 'long',
    widths: [300],
    themes: ['light'],
    async act({ page, frame }) {
      await frame.focus('.card.selected');
      for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowDown');
    },
  },
  { name: 'empty', widths: [300], themes: ['dark', 'light'], height: 400, empty: true },
  {
    name: 'problem',
    widths: [300],
    themes: ['dark', 'hc-dark', 'light'],
    height: 500,
    prepare(harness) {
      harness.problem = { kind: 'engineDown', message: 'The engine has stopped. Your ratings are safe on disk.' };
    },
  },
  {
    name: 'restricted',
    widths: [300],
    themes: ['dark', 'light'],
    height: 500,
    prepare(harness) {
      harness.problem = {
        kind: 'restricted',
        message: 'Restricted mode: nothing is suggested here until you trust this workspace.',
      };
    },
  },
  {
    name: 'loading',
    widths: [300],
    themes: ['dark'],
    height: 300,
    loading: true,
    prepare(harness) {
      harness.memory.state = 'slow';
    },
  },
];
