/** The small parts of which every page is made. */
import { html, nothing, type TemplateResult } from 'lit';

/** A codicon that repeats what the text beside it says. */
export const icon = (name: string, className = ''): TemplateResult =>
  html`<span class="codicon codicon-${name} ${className}" aria-hidden="true"></span>`;

/** A button that shows only an icon; `label` is its name and tooltip. */
export function iconButton(options: {
  readonly icon: string;
  readonly label: string;
  readonly press: (event: Event) => void;
  readonly className?: string;
  readonly pressed?: boolean;
  /** False: reached by pointer only, because a key does the same. */
  readonly tabStop?: boolean;
}): TemplateResult {
  return html`<button
    type="button"
    class="icon-button ${options.className ?? ''}"
    title=${options.label}
    aria-label=${options.label}
    aria-pressed=${options.pressed === undefined ? nothing : String(options.pressed)}
    tabindex=${options.tabStop === false ? '-1' : nothing}
    @click=${options.press}
  >
    ${icon(options.icon)}
  </button>`;
}

/** The heading of a part that folds open; `aria-controls` names the part. */
export function disclosure(options: {
  readonly open: boolean;
  readonly label: string;
  readonly detail?: string;
  readonly controls: string;
  readonly press: () => void;
}): TemplateResult {
  return html`<button
    type="button"
    class="disclosure"
    aria-expanded=${String(options.open)}
    aria-controls=${options.controls}
    @click=${options.press}
  >
    ${icon(options.open ? 'chevron-down' : 'chevron-right')}<span>${options.label}</span>${
      options.detail ? html`<span class="detail">${options.detail}</span>` : nothing
    }
  </button>`;
}
