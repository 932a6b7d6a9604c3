import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import type { FromTrainingPanel, ToTrainingPanel, TrainingStep } from '../../src/protocol/trainingPanel.ts';
import type { Host } from '../host.ts';
import { versionName } from './names.ts';
import { persisted, restored } from './persist.ts';
import type { Action, Announcement, ViewState } from './state.ts';
import type { TrainingTranslate } from './strings.ts';
import { update } from './update.ts';
import { banner } from './views/banner.ts';
import { data } from './views/data.ts';
import { known } from './views/known.ts';
import { progress } from './views/progress.ts';
import { versions } from './views/versions.ts';
import type { View } from './views/view.ts';

/** Curves are drawn so often at most; where motion is unwanted, once a second. */
const drawMs = 250;
const calmDrawMs = 1000;
/** "2 min" is true to the minute. */
const clockMs = 30_000;
/** The same message again within this time is a double click. */
const doubleClickMs = 500;
/** The state is written so often at most. */
const saveMs = 1000;

/** Where the focus goes when its whole part is gone: what a training left, the version it made, else the data. */
const places = ['.unfinished [tabindex]', '#detail-title', '#data-title'];

/** `<attune-training>`: holds the state, renders it, and connects it with the host and the focus. */
export class Training extends LitElement {
  static override properties = { state: { state: true }, nowMs: { state: true } };
  declare state: ViewState;
  declare nowMs: number;
  /** Set before the element is connected. */
  declare host: Host<FromTrainingPanel, ToTrainingPanel>;
  declare t: TrainingTranslate;
  declare locale: string;

  #clock: ReturnType<typeof setInterval> | undefined;
  #waiting: TrainingStep[] = [];
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #saving: ReturnType<typeof setTimeout> | undefined;
  #last = { message: '', at: 0 };
  #focused: { readonly element: Element; readonly section: Element | null } | null = null;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.state = restored(this.host.restore());
    this.nowMs = Date.now();
    this.#clock = setInterval(() => {
      this.nowMs = Date.now();
    }, clockMs);
    this.host.hear((message) => {
      if (message.type === 'step') this.#wait(message.step);
      else {
        this.nowMs = Date.now();
        this.#draw();
        this.dispatch({ type: 'host', message });
      }
    });
    this.host.post({ type: 'ready' });
  }

  override disconnectedCallback(): void {
    clearInterval(this.#clock);
    clearTimeout(this.#drawing);
    clearTimeout(this.#saving);
    super.disconnectedCallback();
  }

  readonly dispatch = (action: Action): void => {
    const step = update(this.state, action);
    const changed = step.state !== this.state;
    this.state = step.state;
    if (changed) this.#save();
    for (const message of step.send) this.#post(message);
    const wish = step.focus;
    if (wish) void this.updateComplete.then(() => this.querySelector<HTMLElement>(`#${wish}`)?.focus());
  };

  #post(message: FromTrainingPanel): void {
    const text = JSON.stringify(message);
    const now = performance.now();
    if (text === this.#last.message && now - this.#last.at < doubleClickMs) return;
    this.#last = { message: text, at: now };
    this.host.post(message);
  }

  /** Steps come faster than anyone reads. */
  #wait(step: TrainingStep): void {
    this.#waiting.push(step);
    if (this.#drawing !== undefined) return;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#drawing = setTimeout(() => this.#draw(), calm ? calmDrawMs : drawMs);
  }

  #draw(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    const steps = this.#waiting;
    this.#waiting = [];
    if (steps.length > 0) this.dispatch({ type: 'steps', steps });
  }

  #save(): void {
    this.#saving ??= setTimeout(() => {
      this.#saving = undefined;
      this.host.save(persisted(this.state));
    }, saveMs);
  }

  protected override willUpdate(_changed: PropertyValues): void {
    const element = document.activeElement;
    this.#focused = element && this.contains(element) ? { element, section: element.closest('section') } : null;
  }

  /** What had the focus may be gone: then what stands in its place takes it, not the top of the page. */
  protected override updated(_changed: PropertyValues): void {
    const focused = this.#focused;
    if (!focused || focused.element.isConnected || document.activeElement !== document.body) return;
    const section = focused.section?.isConnected ? focused.section.querySelector<HTMLElement>('[tabindex]') : null;
    const place = section ?? this.querySelector<HTMLElement>(places.find((one) => this.querySelector(one)) ?? 'h2');
    place?.focus();
  }

  protected override render(): TemplateResult {
    const { state, t, locale, nowMs, dispatch } = this;
    const view: View = { state, t, locale, nowMs, dispatch };
    const { training } = state;
    // Steps change neither what is known nor the versions, and come often.
    return html`<main aria-busy=${String(training === null)}>
        <h1>${t('training.title')}</h1>
        ${banner(view)}
        ${
          training === null
            ? state.problem
              ? nothing
              : html`<p class="note">${t('training.loading')}</p>`
            : html`<div class="top">
                  ${guard([training, nowMs, state.problem], () => (this.#hasHistory() ? known(view, training) : nothing))}
                  ${data(view, training)}
                </div>
                ${progress(view, training)}
                ${guard([training, nowMs, state.problem, state.selected, state.other, state.runs, state.toggled], () => versions(view, training))}`
        }
      </main>
      <div class="sr-only" role="status" aria-live="polite">${this.#announcement()}</div>`;
  }

  /** Without anything shown or trained there is no question whether it helps. */
  #hasHistory(): boolean {
    const { training } = this.state;
    if (!training) return false;
    const { help, acceptance, versions: rows } = training;
    return help.treated.decisions + help.control.decisions > 0 || acceptance.length > 0 || rows.length > 0;
  }

  #announcement(): TemplateResult | typeof nothing {
    const { announcement } = this.state;
    if (!announcement) return nothing;
    // A new element each time: the same words twice are still read twice.
    return announcement.serial % 2 === 0
      ? html`<p>${this.#spoken(announcement.what)}</p>`
      : html`<div>${this.#spoken(announcement.what)}</div>`;
  }

  #spoken(what: Announcement): string {
    const { t, state } = this;
    const name = (id: string): string => versionName(state.training?.versions ?? [], id, t);
    switch (what.type) {
      case 'stage':
        return t('training.said.stage', t(`training.stage.${what.stage}`));
      case 'finished':
        return t('training.said.finished', what.ids.map(name).join(', '));
      case 'stopped':
      case 'over':
        return t(`training.said.${what.type}`);
      case 'serving':
        return what.id === null
          ? t('training.said.nothingServes', t(`training.layer.${what.layer}`))
          : t('training.said.serving', name(what.id));
    }
  }
}
