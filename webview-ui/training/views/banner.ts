import { html, nothing, type TemplateResult } from 'lit';
import { icon, iconButton } from '../../controls.ts';
import { posts, type View } from './view.ts';

/** What stands in the way, and what did not work, with the next step. */
export function banner(view: View): TemplateResult {
  const { problem, failed } = view.state;
  const { t, dispatch } = view;
  const restricted = problem?.kind === 'restricted';
  return html`${
    problem
      ? html`<div class="banner ${problem.kind}" role=${restricted ? 'note' : 'alert'}>
          ${icon(restricted ? 'shield' : 'warning')}
          <div>
            <p>${problem.message}</p>
            ${
              problem.kind === 'other'
                ? nothing
                : html`<p class="offers">
                    <button
                      type="button"
                      class="link"
                      @click=${posts(view, { type: 'command', command: restricted ? 'manageTrust' : 'restartEngine' })}
                    >
                      ${t(restricted ? 'manageTrust' : 'restart')}
                    </button>
                  </p>`
            }
          </div>
        </div>`
      : nothing
  }${
    failed
      ? html`<div class="banner failed" role="alert">
          ${icon('error')}
          <div class="grow">
            <p>${failed.message}</p>
            ${failed.nextStep === '' ? nothing : html`<p>${failed.nextStep}</p>`}
          </div>
          ${iconButton({ icon: 'close', label: t('close'), press: () => dispatch({ type: 'dismiss' }) })}
        </div>`
      : nothing
  }`;
}
