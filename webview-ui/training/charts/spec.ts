/** What a chart shows, as data. */
import type { Point } from './downsample.ts';
import type { BandPoint } from './path.ts';
import type { Span } from './scale.ts';

/** Which of the theme's chart colours. */
export type Tone = 'main' | 'second' | 'third' | 'good' | 'bad' | 'quiet';

export type Layer =
  | { readonly type: 'line'; readonly points: readonly Point[]; readonly tone: Tone }
  | { readonly type: 'band'; readonly points: readonly BandPoint[]; readonly tone: Tone }
  /** `size`: radius in pixels, 3 by default. `low`, `high`: whiskers, where known. */
  | { readonly type: 'points'; readonly points: readonly Dot[]; readonly tone: Tone }
  /** A line at a value that means something, with a word at its end. */
  | { readonly type: 'level'; readonly y: number; readonly label: string }
  /** Where y equals x. */
  | { readonly type: 'diagonal' }
  /** A moment, with a few letters above it. */
  | { readonly type: 'mark'; readonly x: number; readonly label: string; readonly tone: Tone };

export interface Dot {
  readonly x: number;
  readonly y: number;
  readonly low?: number | null;
  readonly high?: number | null;
  readonly size?: number;
}

export interface Axis {
  readonly label: string;
  /** `log`: of positive numbers, by ratio. */
  readonly kind: 'number' | 'time' | 'log';
  /** `step`: the distance of two ticks; how exact a label has to be. */
  readonly format: (value: number, step: number) => string;
  /** Shown whatever the data. */
  readonly include?: readonly number[];
  /** Exactly this, for shares. */
  readonly domain?: Span;
}

export interface ChartSpec {
  readonly title: string;
  /** What is to be seen, as a sentence: the chart for those who don't see it. */
  readonly finding: string;
  /** What it means, for the title's tooltip and under it. */
  readonly hint?: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly layers: readonly Layer[];
  /** Of the drawing, in pixels. */
  readonly height: number;
  /** Both axes of one length. */
  readonly square?: boolean;
  /** The same as numbers; made when it is asked for. */
  readonly table: () => ChartTable;
}

export interface ChartTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
