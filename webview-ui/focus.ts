/** Where the focus is, and where it should go. */
import type { FocusPlace } from './keys.ts';
import type { FocusWish } from './state.ts';

/** Looks through the shadow roots of the text fields: the event's own target would be the field around them. */
export function focusPlace(event: KeyboardEvent): FocusPlace {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return 'elsewhere';
  const host = target.getRootNode() instanceof ShadowRoot ? (target.getRootNode() as ShadowRoot).host : target;
  if (host.localName === 'vscode-single-select' || host.localName === 'select') return 'choice';
  if (host.id === 'search') return 'search';
  if (target instanceof HTMLTextAreaElement) return 'text';
  if (target instanceof HTMLInputElement) return target.type === 'range' ? 'slider' : 'text';
  if (target.classList.contains('card')) return 'card';
  return host.localName === 'button' || host.localName === 'vscode-button' ? 'button' : 'elsewhere';
}

/** Moves the focus; without a card to go to, the search box takes it. */
export function focusWish(panel: HTMLElement, selected: string | null, wish: FocusWish | 'search' | 'form'): void {
  const find = (selector: string): HTMLElement | null => panel.querySelector<HTMLElement>(selector);
  const card = wish === 'card' && selected !== null ? find(`[data-id="${selected}"]`) : null;
  const target = card ?? find(wishes[wish === 'card' ? 'search' : wish]);
  if (!target) return;
  target.focus({ preventScroll: true });
  bringIntoView(target);
}

const wishes = {
  form: '.card.selected .toggle',
  confirm: '#confirm-delete',
  wanted: '#wanted-text',
  help: '.help-close',
  search: '#search',
} as const;

/**
 * Scrolls the list, and only the list: `scrollIntoView` also moves the frames VS Code puts around the page, by the few
 * pixels they are taller than they show, and the search box slides under the title.
 */
function bringIntoView(target: HTMLElement): void {
  const scroller = target.closest<HTMLElement>('.scroll');
  if (!scroller) return;
  const box = target.getBoundingClientRect();
  const view = scroller.getBoundingClientRect();
  if (box.top < view.top || box.height > view.height) scroller.scrollTop += box.top - view.top;
  else if (box.bottom > view.bottom) scroller.scrollTop += box.bottom - view.bottom;
}
