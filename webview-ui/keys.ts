/** What a pressed key means, as a pure function of the key and of what has the focus. */

/** Where the focus is; it decides which keys belong to the control and which to the panel. */
export type FocusPlace = 'text' | 'search' | 'slider' | 'choice' | 'button' | 'card' | 'elsewhere';

/** The part of a KeyboardEvent that counts. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

export type KeyAction =
  | { readonly type: 'move'; readonly to: 'next' | 'previous' | 'first' | 'last' }
  | { readonly type: 'score'; readonly score: number }
  | { readonly type: 'thumb'; readonly thumb: 'up' | 'down' }
  | {
      readonly type:
        | 'save'
        | 'nextUnrated'
        | 'why'
        | 'open'
        | 'trace'
        | 'delete'
        | 'search'
        | 'clearSearch'
        | 'help'
        | 'form'
        | 'leave'
        | 'list';
    };

const letters: Readonly<Record<string, KeyAction>> = {
  g: { type: 'thumb', thumb: 'up' },
  b: { type: 'thumb', thumb: 'down' },
  s: { type: 'save' },
  n: { type: 'nextUnrated' },
  w: { type: 'why' },
  o: { type: 'open' },
  t: { type: 'trace' },
  Delete: { type: 'delete' },
  '/': { type: 'search' },
  '?': { type: 'help' },
};

const moves: Readonly<Record<string, KeyAction>> = {
  ArrowLeft: { type: 'move', to: 'previous' },
  ArrowUp: { type: 'move', to: 'previous' },
  ArrowRight: { type: 'move', to: 'next' },
  ArrowDown: { type: 'move', to: 'next' },
  Home: { type: 'move', to: 'first' },
  End: { type: 'move', to: 'last' },
};

/** Null: the key is left to the control and to VS Code. */
export function keyAction(press: KeyPress, place: FocusPlace): KeyAction | null {
  const { key } = press;
  if (press.ctrlKey || press.metaKey || press.altKey) {
    const saves = key === 'Enter' && !press.altKey && place === 'text';
    return saves ? { type: 'save' } : null;
  }
  switch (place) {
    case 'text':
      return key === 'Escape' ? { type: 'leave' } : null;
    case 'search':
      if (key === 'Escape') return { type: 'clearSearch' };
      return key === 'ArrowDown' || key === 'Enter' ? { type: 'list' } : null;
    case 'choice':
      // A drop-down takes letters (type-ahead), arrows and Escape.
      return null;
    case 'slider':
      return moves[key] ? null : shared(key);
    case 'card':
      return key === 'Enter' ? { type: 'form' } : (moves[key] ?? shared(key));
    case 'button':
    case 'elsewhere':
      return moves[key] ?? shared(key);
  }
}

function shared(key: string): KeyAction | null {
  if (key === 'Escape') return { type: 'leave' };
  if (/^[0-9]$/.test(key)) return { type: 'score', score: key === '0' ? 10 : Number(key) };
  // Caps Lock must not turn the keys off.
  return letters[key.length === 1 ? key.toLowerCase() : key] ?? null;
}
