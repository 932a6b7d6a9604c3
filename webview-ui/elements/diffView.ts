import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { changesOnly, type DiffRow, diffRows, fold } from '../diff.ts';
import type { Translate } from '../strings.ts';

const signs = { same: ' ', added: '+', removed: '−' } as const;

/**
 * `<attune-diff>`: a compact unified diff. Signs and (in high contrast) borders carry the meaning beside the colours.
 * An element of its own so that a diff is computed once for its texts, not with every rendering of the panel.
 */
export class DiffView extends LitElement {
  static override properties = {
    oldText: { attribute: false },
    newText: { attribute: false },
    maxRows: { attribute: false },
    changes: { attribute: false },
    unfolded: { attribute: false },
    t: { attribute: false },
  };
  declare oldText: string;
  declare newText: string;
  /** Rows shown before the rest is folded away. */
  declare maxRows: number;
  /** True: changed lines only, without surroundings. */
  declare changes: boolean;
  /** True or false: there is a button to unfold, which fires `toggle-fold`. Null: the rest is only counted. */
  declare unfolded: boolean | null;
  declare t: Translate;

  #rows: readonly DiffRow[] = [];

  constructor() {
    super();
    this.oldText = '';
    this.newText = '';
    this.maxRows = Number.POSITIVE_INFINITY;
    this.changes = false;
    this.unfolded = null;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('oldText') || changed.has('newText')) this.#rows = diffRows(this.oldText, this.newText);
  }

  protected override render(): TemplateResult {
    const all = this.changes ? changesOnly(this.#rows) : this.#rows;
    if (all.every((row) => row.kind === 'same' || row.kind === 'gap')) {
      return html`<p class="diff-none">${this.t('noText')}</p>`;
    }
    const folded = fold(all, this.maxRows);
    const rest = all.length - folded.length;
    const shown = this.unfolded === true ? all : folded;
    return html`<div class="diff" role="figure" aria-label=${this.t('proposal')}>
        ${shown.map((row) => this.#row(row))}${
          rest > 0 && this.unfolded === null
            ? html`<div class="diff-row gap">${this.t('moreLines', rest)}</div>`
            : nothing
        }
      </div>
      ${rest > 0 && this.unfolded !== null ? this.#fold(this.unfolded, all.length) : nothing}`;
  }

  #fold(unfolded: boolean, rows: number): TemplateResult {
    return html`<button
      type="button"
      class="link show-all"
      aria-expanded=${String(unfolded)}
      @click=${() => this.dispatchEvent(new CustomEvent('toggle-fold'))}
    >
      ${unfolded ? this.t('showFewer') : this.t('showAllLines', rows)}
    </button>`;
  }

  #row(row: DiffRow): TemplateResult {
    if (row.kind === 'gap') {
      return html`<div class="diff-row gap">${row.lines === 1 ? this.t('unchangedOne') : this.t('unchanged', row.lines)}</div>`;
    }
    const spoken = row.kind === 'added' ? this.t('addedLine') : row.kind === 'removed' ? this.t('removedLine') : '';
    const parts = row.parts.map((part) => (part.changed ? html`<mark>${part.text}</mark>` : part.text));
    // Written on one line: white space inside counts.
    return html`<div class="diff-row ${row.kind}"><span class="sign" aria-hidden="true">${signs[row.kind]}</span>${spoken === '' ? nothing : html`<span class="sr-only">${spoken} </span>`}<span class="code">${parts}</span></div>`;
  }
}
