/** An estimate between its bounds on a line of its own: the figures stand beside it, so a screen reader has no use for it. */
import { html, nothing, type SVGTemplateResult, svg, type TemplateResult } from 'lit';
import { extent, type Span } from './scale.ts';

export interface Bounded {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** What shows all of them and the reference, with a little air. */
export function whiskerDomain(figures: readonly Bounded[], reference?: number): Span {
  const span = extent([...figures.flatMap(({ value, low, high }) => [value, low, high]), reference ?? null]) ?? [0, 1];
  const air = (span[1] - span[0]) * 0.05 || Math.abs(span[0]) * 0.1 || 0.5;
  return [span[0] - air, span[1] + air];
}

/**
 * `reference`: a value that means something (no difference), drawn dashed. Towards a bound that isn't known the
 * line is dashed; a value that isn't known has no dot. Stretches with its place: lengths are in percent of it.
 */
export function whisker(figure: Bounded, domain: Span, reference?: number): TemplateResult {
  const [from, to] = domain;
  const percent = (value: number): string => `${Math.min(100, Math.max(0, ((value - from) / (to - from)) * 100))}%`;
  const { value, low, high } = figure;
  const start = low ?? value;
  const end = high ?? value;
  return html`<svg class="whisker" aria-hidden="true" focusable="false" width="100%" height="16">
    <line class="whisker-rail" x1="0" x2="100%" y1="8" y2="8"></line>
    ${
      reference === undefined
        ? nothing
        : svg`<line class="whisker-reference" x1=${percent(reference)} x2=${percent(reference)} y1="0" y2="16"></line>`
    }
    ${
      start === null || end === null
        ? nothing
        : svg`<line class="whisker-range" x1=${percent(start)} x2=${percent(end)} y1="8" y2="8"></line>`
    }
    ${low === null && high !== null ? open('0%', percent(start!)) : nothing}
    ${high === null && low !== null ? open(percent(end!), '100%') : nothing}
    ${low === null ? nothing : svg`<line class="whisker-end" x1=${percent(low)} x2=${percent(low)} y1="5" y2="11"></line>`}
    ${high === null ? nothing : svg`<line class="whisker-end" x1=${percent(high)} x2=${percent(high)} y1="5" y2="11"></line>`}
    ${value === null ? nothing : svg`<circle class="whisker-value" cx=${percent(value)} cy="8" r="4"></circle>`}
  </svg>`;
}

const open = (from: string, to: string): SVGTemplateResult =>
  svg`<line class="whisker-range open" x1=${from} x2=${to} y1="8" y2="8"></line>`;
