import { html, LitElement, nothing, type PropertyValues, type SVGTemplateResult, svg, type TemplateResult } from 'lit';
import { icon } from '../../controls.ts';
import type { TranslateOf } from '../../translate.ts';
import { downsample, isGap } from './downsample.ts';
import { type Layout, layoutOf } from './layout.ts';
import { bandPath, linePath } from './path.ts';
import type { Scale } from './scale.ts';
import type { ChartSpec, Layer } from './spec.ts';

/** Labels of marks nearer than this share one. */
const labelRoom = 26;

export type ChartWords = TranslateOf<'training.chart.data' | 'training.chart.hideData'>;

let serial = 0;

/**
 * `<attune-chart>`: a figure of its own width. The drawing has a name and a sentence that says what is to be seen; the same
 * data is a table that unfolds. Pointing at it reads the nearest place off.
 */
export class Chart extends LitElement {
  static override properties = {
    spec: { attribute: false },
    locale: { attribute: false },
    t: { attribute: false },
    width: { state: true },
    pointed: { state: true },
    unfolded: { state: true },
  };
  declare spec: ChartSpec;
  declare locale: string;
  declare t: ChartWords;
  declare width: number;
  /** Where the pointer is, in data; null: not over the drawing. */
  declare pointed: number | null;
  declare unfolded: boolean;

  readonly #id = `chart-${++serial}`;
  #layout: Layout | null = null;
  readonly #observer = new ResizeObserver(([entry]) => {
    const width = Math.floor(entry?.contentRect.width ?? 0);
    if (width > 0) this.width = width;
  });

  constructor() {
    super();
    this.width = 0;
    this.pointed = null;
    this.unfolded = false;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    this.#observer.disconnect();
    super.disconnectedCallback();
  }

  protected override willUpdate(_changed: PropertyValues): void {
    this.#layout = this.width > 0 ? layoutOf(this.spec, this.width, this.locale) : null;
  }

  protected override render(): TemplateResult {
    const { spec, t, unfolded } = this;
    return html`<figure>
      <figcaption>
        <span class="chart-title" title=${spec.hint ?? nothing}>${spec.title}</span>
        <span class="readout" aria-hidden="true">${this.#readout()}</span>
      </figcaption>
      ${this.#layout ? this.#drawing(this.#layout) : nothing}
      <div class="chart-foot">
        <span class="axis-name" aria-hidden="true">${spec.x.label}</span>
        <button
          type="button"
          class="link data-toggle"
          aria-expanded=${String(unfolded)}
          aria-controls=${`${this.#id}-data`}
          aria-label=${`${t(unfolded ? 'training.chart.hideData' : 'training.chart.data')}: ${spec.title}`}
          @click=${() => {
            this.unfolded = !unfolded;
          }}
        >
          ${icon('table')}<span>${t(unfolded ? 'training.chart.hideData' : 'training.chart.data')}</span>
        </button>
      </div>
      ${unfolded ? this.#table() : nothing}
    </figure>`;
  }

  #table(): TemplateResult {
    const { columns, rows } = this.spec.table();
    return html`<div class="table-scroll chart-data" id=${`${this.#id}-data`} role="region" tabindex="0" aria-label=${this.spec.title}>
      <table>
        <thead>
          <tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr>
        </thead>
        <tbody>
          ${rows.map(
            ([first, ...rest]) =>
              html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  #drawing(layout: Layout): TemplateResult {
    const { spec } = this;
    const [left, right] = layout.x.range;
    const [bottom, top] = layout.y.range;
    return html`<svg
      class="chart"
      role="img"
      aria-labelledby=${`${this.#id}-title ${this.#id}-finding`}
      focusable="false"
      width=${layout.width}
      height=${layout.height}
      viewBox=${`0 0 ${layout.width} ${layout.height}`}
      @pointermove=${this.#point}
      @pointerleave=${() => {
        this.pointed = null;
      }}
    >
      <title id=${`${this.#id}-title`}>${spec.title}</title>
      <desc id=${`${this.#id}-finding`}>${spec.finding}${spec.hint ? ` ${spec.hint}` : ''}</desc>
      ${layout.yTicks.map(
        ({ at, label }) => svg`<line class="grid" x1=${left} x2=${right} y1=${layout.y(at)} y2=${layout.y(at)}></line>
          <text class="tick" x=${left - 6} y=${layout.y(at)} dy="0.32em" text-anchor="end">${label}</text>`,
      )}
      ${this.#xLabels(layout)}
      <line class="axis" x1=${left} x2=${right} y1=${bottom} y2=${bottom}></line>
      ${spec.layers.map((layer) => drawn(layer, layout))} ${markLabels(spec.layers, layout)}
      ${
        this.pointed === null
          ? nothing
          : svg`<line class="cursor" x1=${layout.x(this.pointed)} x2=${layout.x(this.pointed)} y1=${top} y2=${bottom}></line>`
      }
    </svg>`;
  }

  /** The outermost labels stay inside the drawing. */
  #xLabels({ x, xTicks, y, width }: Layout): readonly SVGTemplateResult[] {
    const [bottom] = y.range;
    return xTicks.map(({ at, label }) => {
      const place = x(at);
      const half = label.length * 3.1;
      const anchor = place - half < 0 ? 'start' : place + half > width ? 'end' : 'middle';
      return svg`<line class="axis" x1=${place} x2=${place} y1=${bottom} y2=${bottom + 3}></line>
        <text class="tick" x=${place} y=${bottom + 15} text-anchor=${anchor}>${label}</text>`;
    });
  }

  readonly #point = (event: PointerEvent): void => {
    const layout = this.#layout;
    if (!layout) return;
    const box = (event.currentTarget as SVGSVGElement).getBoundingClientRect();
    this.pointed = nearest(placesOf(this.spec.layers), event.clientX - box.left, layout.x);
  };

  /** What is drawn at the pointed place, as numbers. */
  #readout(): string {
    const { pointed, spec } = this;
    const layout = this.#layout;
    if (pointed === null || !layout) return '';
    const exact = (axis: { readonly domain: readonly [number, number] }): number =>
      (axis.domain[1] - axis.domain[0]) / 100;
    const found = spec.layers.flatMap((layer) => {
      if (layer.type === 'line') return layer.points.filter(([x]) => x === pointed).map(([, y]) => y);
      if (layer.type === 'points') return layer.points.filter(({ x }) => x === pointed).map(({ y }) => y);
      return [];
    });
    const values = [...new Set(found)].map((y) => (isGap(y) ? '–' : spec.y.format(y, exact(layout.y))));
    return `${spec.x.format(pointed, exact(layout.x))}: ${values.join(', ')}`;
  }
}

function drawn(layer: Layer, { x, y }: Layout): SVGTemplateResult | typeof nothing {
  const [left, right] = x.range;
  const [bottom, top] = y.range;
  switch (layer.type) {
    case 'band':
      return svg`<path class="band ${layer.tone}" d=${bandPath(layer.points, x, y)}></path>`;
    case 'line': {
      const points = downsample(layer.points, Math.max(1, Math.floor(right - left)));
      return svg`<path class="line ${layer.tone}" d=${linePath(points, x, y)}></path>`;
    }
    case 'points':
      return svg`${layer.points.map((dot) => {
        const [low, high] = [dot.low ?? dot.y, dot.high ?? dot.y];
        return svg`<line class="error ${layer.tone}" x1=${x(dot.x)} x2=${x(dot.x)} y1=${y(low)} y2=${y(high)}></line>
          <circle class="dot ${layer.tone}" cx=${x(dot.x)} cy=${y(dot.y)} r=${dot.size ?? 3}></circle>`;
      })}`;
    case 'level': {
      const at = y(layer.y);
      return svg`<line class="level" x1=${left} x2=${right} y1=${at} y2=${at}></line>
        <text class="level-label" x=${right} y=${at < top + 12 ? at + 12 : at - 3} text-anchor="end">${layer.label}</text>`;
    }
    case 'diagonal': {
      const low = Math.max(x.domain[0], y.domain[0]);
      const high = Math.min(x.domain[1], y.domain[1]);
      return svg`<line class="level" x1=${x(low)} x2=${x(high)} y1=${y(low)} y2=${y(high)}></line>`;
    }
    case 'mark':
      return svg`<line class="mark ${layer.tone}" x1=${x(layer.x)} x2=${x(layer.x)} y1=${top - 2} y2=${bottom}></line>`;
  }
}

/** One label for marks too near to each other to be read apart. */
function markLabels(layers: readonly Layer[], { x, y }: Layout): readonly SVGTemplateResult[] {
  const marks = layers.filter((layer) => layer.type === 'mark').sort((a, b) => a.x - b.x);
  const groups: { place: number; labels: string[] }[] = [];
  for (const { x: at, label } of marks) {
    const last = groups.at(-1);
    if (last && x(at) - last.place < labelRoom * last.labels.length) last.labels.push(label);
    else groups.push({ place: x(at), labels: [label] });
  }
  const [, top] = y.range;
  const [, right] = x.range;
  return groups.map(
    ({ place, labels }) =>
      svg`<text class="mark-label" x=${place} y=${top - 6} text-anchor=${place > right - 40 ? 'end' : 'start'}>${labels.join(' ')}</text>`,
  );
}

const placesOf = (layers: readonly Layer[]): readonly number[] =>
  layers.flatMap((layer) =>
    layer.type === 'line'
      ? layer.points.map(([x]) => x)
      : layer.type === 'points'
        ? layer.points.map((dot) => dot.x)
        : [],
  );

/** The place drawn nearest to a pixel. */
function nearest(places: readonly number[], pixel: number, x: Scale): number | null {
  let best: number | null = null;
  for (const place of places) {
    if (best === null || Math.abs(x(place) - pixel) < Math.abs(x(best) - pixel)) best = place;
  }
  return best;
}
