import type { RestItem } from './offer.ts';

/** The row selected in the suggest widget: what it would replace and insert. Offsets in the document. */
export interface SelectedCompletion {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The items that continue what the suggest widget would insert, in the widget's own range: VS Code draws no others
 * while the widget is open. `text` gives the document between two offsets.
 */
export function extendSelection(
  items: readonly RestItem[],
  selected: SelectedCompletion,
  text: (start: number, end: number) => string,
): RestItem[] {
  return items.flatMap((item) => {
    if (item.end !== selected.end) return [];
    const skipped = text(item.start, selected.start);
    const insertText =
      item.start <= selected.start
        ? item.insertText.startsWith(skipped) && item.insertText.slice(skipped.length)
        : text(selected.start, item.start) + item.insertText;
    if (insertText === false || !insertText.startsWith(selected.text)) return [];
    return [{ ...item, insertText, start: selected.start }];
  });
}
