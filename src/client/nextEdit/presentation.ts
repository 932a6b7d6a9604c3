/** What the user sees of an offered place, and what Tab does about it. */
export type Presentation =
  | { readonly type: 'hidden' }
  /** Drawn where it stands. */
  | { readonly type: 'inPlace'; readonly tab: 'take' | 'none' }
  /** Out of sight: a hint behind the line of the cursor. */
  | { readonly type: 'hint'; readonly where: 'sameFile' | 'otherFile'; readonly tab: 'jump' | 'none' };

/** The editor that has the keyboard. */
export interface ActiveEditor {
  readonly uri: string;
  /** Lines on the screen, first and last. */
  readonly visible: readonly { readonly first: number; readonly last: number }[];
  readonly cursorLine: number;
  /** The text of the cursor's line up to the cursor. */
  readonly beforeCursor: string;
}

/**
 * Hidden where no editor is active. Tab stays the user's while they type, and in the indentation of a line that has
 * nothing to do with the place.
 */
export function presentationOf(
  place: { readonly uri: string; readonly line: number },
  editor: ActiveEditor | null,
  typing: boolean,
): Presentation {
  if (!editor) return { type: 'hidden' };
  const here = editor.uri === place.uri;
  const indenting = editor.beforeCursor.trim() === '' && !(here && editor.cursorLine === place.line);
  const mayTab = !typing && !indenting;
  if (here && editor.visible.some(({ first, last }) => place.line >= first && place.line <= last)) {
    return { type: 'inPlace', tab: mayTab ? 'take' : 'none' };
  }
  return { type: 'hint', where: here ? 'sameFile' : 'otherFile', tab: mayTab ? 'jump' : 'none' };
}

const mostShown = 120;

/** New text as one line of decoration: line breaks are marked, and its spaces are not folded. */
export function inOneLine(text: string): string {
  const line = text
    .replace(/\r?\n[ \t]*/g, '⏎')
    .replaceAll('\t', '  ')
    .replaceAll(' ', '\u00a0');
  const signs = [...line];
  return signs.length > mostShown ? `${signs.slice(0, mostShown).join('')}…` : line;
}
