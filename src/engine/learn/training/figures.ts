/** Figures as the protocol and the registry hold them: JSON knows neither NaN nor infinity. */
import type { Figure } from '../../../protocol/training.ts';

interface Bounds {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Null: not measured. */
export const figureOf = (bounds: Bounds | null): Figure =>
  bounds === null
    ? { value: null, low: null, high: null }
    : { value: finite(bounds.value), low: finite(bounds.low), high: finite(bounds.high) };

/** A figure whose bounds are not known. */
export const bare = (value: number | null): Figure => ({
  value: value === null ? null : finite(value),
  low: null,
  high: null,
});

/** Two decimals, with a real minus. */
export const shown = (value: number | null): string =>
  value === null
    ? '–'
    : value
        .toFixed(2)
        .replace(/^-(?=.*[1-9])/, '−')
        .replace(/^-/, '');

/** “0.43 (0.31 to 0.53)”; “–” where it is not known. */
export const withBounds = ({ value, low, high }: Figure): string =>
  value === null
    ? '–'
    : low === null || high === null
      ? shown(value)
      : `${shown(value)} (${shown(low)} to ${shown(high)})`;
