/** From data to pixels, and the round numbers an axis is labelled with. */

/** Lower and upper end. */
export type Span = readonly [number, number];

/** Maps data to pixels, linearly. */
export interface Scale {
  (value: number): number;
  readonly domain: Span;
  readonly range: Span;
}

/** A domain without extent maps to the middle of the range. */
export function linear(domain: Span, range: Span): Scale {
  const [low, high] = domain;
  const [start, end] = range;
  const factor = high === low ? 0 : (end - start) / (high - low);
  const origin = high === low ? (start + end) / 2 : start;
  return Object.assign((value: number) => origin + (value - low) * factor, { domain, range });
}

/** Maps positive data to pixels so that equal ratios are equally long. */
export function logarithmic(domain: Span, range: Span): Scale {
  const inner = linear([Math.log10(domain[0]), Math.log10(domain[1])], range);
  return Object.assign((value: number) => inner(Math.log10(value)), { domain, range });
}

/** 1, 2 and 5 times powers of ten inside a positive span; where they are too many, powers of ten alone. */
export function logTicks([low, high]: Span, count: number): readonly number[] {
  const powers = Math.floor(Math.log10(high)) - Math.floor(Math.log10(low)) + 1;
  const inside = (steps: readonly number[]): readonly number[] =>
    Array.from({ length: powers }, (_, i) => 10 ** (Math.floor(Math.log10(low)) + i))
      .flatMap((power) => steps.map((step) => Number((step * power).toPrecision(12))))
      .filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
  const all = inside([1, 2, 5]);
  if (all.length <= count) return all;
  const tens = inside([1]);
  return tens.length > 1 ? tens : all.filter((_, i) => i % Math.ceil(all.length / count) === 0);
}

/** Of the finite among them; null: there are none. */
export function extent(values: Iterable<number | null | undefined>): Span | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value === null || value === undefined || !Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? null : [low, high];
}

/** 1, 2 or 5 times a power of ten, so that about `count` steps fill the span. */
export function niceStep([low, high]: Span, count: number): number {
  const rough = (high - low) / Math.max(1, count);
  if (!(rough > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((one) => one * power >= rough * 0.999_999) ?? 10;
  return factor * power;
}

/** The multiples of `step` inside the span. */
export function ticks([low, high]: Span, step: number): readonly number[] {
  const slack = 1e-9;
  const first = Math.ceil(low / step - slack);
  const last = Math.floor(high / step + slack);
  // Multiplied and rounded, not summed up: 3 × 0.1 is labelled 0.3.
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/**
 * Widened to whole steps, so that the outermost ticks are its ends. Without data 0 to 1; around a single value a tenth of
 * it to both sides.
 */
export function niceDomain(span: Span | null, count: number): { readonly domain: Span; readonly step: number } {
  let [low, high] = span ?? [0, 1];
  if (low === high) {
    const margin = Math.abs(low) * 0.1 || 1;
    [low, high] = [low - margin, high + margin];
  }
  const step = niceStep([low, high], count);
  const slack = 1e-9;
  const domain = [Math.floor(low / step + slack) * step, Math.ceil(high / step - slack) * step].map((end) =>
    Number(end.toPrecision(12)),
  );
  return { domain: [domain[0]!, domain[1]!], step };
}
