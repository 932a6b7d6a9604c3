import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import type { Translate } from '../strings.ts';

/** Steps made within this time are stored as one rating, not one each. */
const settleMs = 350;

/**
 * `<attune-score>`: a slider from 1 to 10 whose leftmost stop is "not set". Fires `score-input` (detail: the score or
 * null) with every step and `score-commit` when the hand or the key has come to rest.
 */
export class ScoreSlider extends LitElement {
  static override properties = { value: { attribute: false }, t: { attribute: false } };
  declare value: number | null;
  declare t: Translate;

  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.value = null;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override disconnectedCallback(): void {
    this.#commitNow();
    super.disconnectedCallback();
  }

  protected override updated(changed: PropertyValues): void {
    // Through CSSOM: a style attribute would be refused by the content security policy.
    if (changed.has('value')) this.style.setProperty('--share', `${(this.value ?? 0) * 10}%`);
  }

  protected override render(): TemplateResult {
    const { value, t } = this;
    return html`<input
        type="range"
        class=${value === null ? 'unset' : ''}
        min="0"
        max="10"
        step="1"
        aria-label=${t('score')}
        aria-valuetext=${value === null ? t('scoreUnset') : t('scoreValue', value)}
        title=${value === null ? t('scoreUnset') : t('scoreValue', value)}
        .value=${String(value ?? 0)}
        @input=${this.#input}
        @change=${this.#settle}
        @blur=${this.#commitNow}
      /><span class="score-value" aria-hidden="true">${value ?? '–'}</span>`;
  }

  readonly #input = (event: Event): void => {
    event.stopPropagation();
    const score = Number((event.currentTarget as HTMLInputElement).value);
    this.dispatchEvent(new CustomEvent('score-input', { detail: score === 0 ? null : score }));
  };

  readonly #settle = (): void => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#commitNow(), settleMs);
  };

  readonly #commitNow = (): void => {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.dispatchEvent(new CustomEvent('score-commit'));
  };
}
