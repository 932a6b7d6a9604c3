import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { FromPanel, ToPanel } from '../src/protocol/webview.ts';
import { focusPlace, focusWish } from './focus.ts';
import type { Host } from './host.ts';
import { type KeyAction, keyAction } from './keys.ts';
import { ratingText } from './outcome.ts';
import { persisted, restored } from './persist.ts';
import type { Action, Announcement, PanelState } from './state.ts';
import type { StringKey, Translate } from './strings.ts';
import { update } from './update.ts';
import { banner } from './views/banner.ts';
import { cardList } from './views/cardList.ts';
import { empty } from './views/empty.ts';
import { footer } from './views/footer.ts';
import { keyHelp } from './views/keyHelp.ts';
import { toolbar } from './views/toolbar.ts';
import type { View } from './views/view.ts';

/** A search is sent when typing pauses this long. */
const searchPauseMs = 150;
/** "2 min" is true to the minute. */
const clockMs = 30_000;

/** `<attune-panel>`: holds the state, renders it, and connects it with the host, the keyboard and the focus. */
export class Panel extends LitElement {
  static override properties = { state: { state: true }, nowMs: { state: true } };
  declare state: PanelState;
  declare nowMs: number;
  /** Set before the element is connected. */
  declare host: Host<FromPanel, ToPanel>;
  declare t: Translate;
  declare locale: string;

  #searchTimer: ReturnType<typeof setTimeout> | undefined;
  #clock: ReturnType<typeof setInterval> | undefined;

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
      this.nowMs = Date.now();
      this.dispatch({ type: 'host', message });
    });
    // On the document: when VS Code gives the view the focus, nothing in the page has it yet.
    document.addEventListener('keydown', this.#keydown);
    this.host.post({ type: 'ready' });
    const { query, filter, order } = this.state;
    if (query !== '' || filter !== 'all' || order !== 'newest') {
      this.host.post({ type: 'search', query, filter, order });
    }
  }

  override disconnectedCallback(): void {
    clearInterval(this.#clock);
    document.removeEventListener('keydown', this.#keydown);
    super.disconnectedCallback();
  }

  readonly dispatch = (action: Action): void => {
    const step = update(this.state, action);
    const changed = step.state !== this.state;
    this.state = step.state;
    if (changed) this.host.save(persisted(step.state));
    for (const message of step.send) this.#post(message);
    const wish = step.focus;
    if (!wish) return;
    // An acknowledgement takes the focus only when what had it is gone.
    const onlyIfLost = action.type === 'host' && action.message.type === 'saved';
    void this.updateComplete.then(() => {
      if (!onlyIfLost || document.activeElement === document.body) focusWish(this, this.state.selected, wish);
    });
  };

  #post(message: FromPanel): void {
    if (message.type !== 'search') {
      this.host.post(message);
      return;
    }
    clearTimeout(this.#searchTimer);
    this.#searchTimer = setTimeout(() => this.host.post(message), searchPauseMs);
  }

  readonly #keydown = (event: KeyboardEvent): void => {
    if (event.isComposing || event.defaultPrevented) return;
    const action = keyAction(event, focusPlace(event));
    if (!action || !this.#perform(action)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** False: the key means nothing here. */
  #perform(action: KeyAction): boolean {
    const id = this.state.selected;
    const onSelected = (make: (id: string) => Action): boolean => {
      if (id !== null) this.dispatch(make(id));
      return id !== null;
    };
    switch (action.type) {
      case 'move':
        this.dispatch(action);
        return true;
      case 'nextUnrated':
        this.dispatch({ type: 'nextUnrated' });
        return true;
      case 'score':
        return onSelected((id) => ({ type: 'score', id, score: action.score }));
      case 'thumb':
        return onSelected((id) => ({ type: 'thumb', id, thumb: action.thumb }));
      case 'save':
        return onSelected((id) => ({ type: 'save', id }));
      case 'why':
        return onSelected((id) => ({ type: 'toggle', section: 'why', id }));
      case 'open':
        return onSelected((id) => ({ type: 'post', message: { type: 'open', episodeId: id } }));
      case 'trace':
        return onSelected((id) => ({ type: 'post', message: { type: 'trace', episodeId: id } }));
      case 'delete':
        return onSelected((id) => ({ type: 'askDelete', id }));
      case 'help':
        this.dispatch({ type: 'help' });
        return true;
      case 'leave':
        if (this.state.help) this.dispatch({ type: 'help' });
        else if (this.state.confirming !== null) this.dispatch({ type: 'cancelDelete' });
        else focusWish(this, id, 'card');
        return true;
      case 'clearSearch':
        if (this.state.query !== '') this.dispatch({ type: 'search', query: '', filter: this.state.filter });
        else focusWish(this, id, 'card');
        return true;
      case 'search':
      case 'form':
      case 'list':
        focusWish(this, id, action.type === 'list' ? 'card' : action.type);
        return true;
    }
  }

  protected override render(): TemplateResult {
    const { state, t, locale, nowMs, dispatch } = this;
    const view: View = { state, t, locale, nowMs, dispatch };
    return html`${toolbar(view)}
      ${state.phase === 'loading' ? html`<vscode-progress-bar aria-label=${t('loading')}></vscode-progress-bar>` : nothing}
      <div class="scroll">
        ${banner(view)} ${keyHelp(view)}
        ${state.phase === 'ready' && state.cards.length === 0 ? empty(view) : cardList(view)}
      </div>
      ${footer(view)}
      <div class="sr-only" role="status" aria-live="polite">${this.#announcement()}</div>`;
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
    const fixed = {
      withdrawn: 'announceWithdrawn',
      never: 'announceNever',
      allowed: 'announceAllowed',
      deleted: 'announceDeleted',
      noUnrated: 'announceNoUnrated',
      filled: 'announceFilled',
      notFound: 'notFound',
    } as const satisfies Record<string, StringKey>;
    switch (what.type) {
      case 'rated':
        return this.t('announceSaved', ratingText({ rating: what.rating }, this.t));
      case 'failed':
        return `${this.t('notSaved')} ${what.message}`;
      default:
        return this.t(fixed[what.type]);
    }
  }
}
