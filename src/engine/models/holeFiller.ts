import type { LmMessage } from '../../protocol/rpc.ts';
import { beforeGap, type FimParts } from './templates.ts';
import { openEnd, type TextFilter } from './textFilter.ts';

/** How a model without infilling is asked to fill a gap: by conversation. */

const open = '<fill>';
const close = '</fill>';

/** A marker the code doesn't hold, so that there is exactly one gap. */
function gapMarker(code: string): string {
  for (let number = 0; ; number++) {
    const marker = number === 0 ? '<GAP/>' : `<GAP-${number}/>`;
    if (!code.includes(marker)) return marker;
  }
}

/** The conversation that asks for the text at the gap, and where its answer stops. */
export function holeFillerPrompt(parts: FimParts): {
  readonly messages: readonly LmMessage[];
  readonly stop: readonly string[];
} {
  const before = beforeGap(parts);
  const marker = gapMarker(before + parts.suffix);
  const system =
    `You complete code in an editor. The user sends a file in which ${marker} marks the cursor. Answer with exactly the ` +
    `text to insert there, between ${open} and ${close}, and nothing else: no explanation, no code fence, nothing that ` +
    `already stands before or after the cursor. Keep the style and the indentation of the file. Prefer a short ` +
    `completion: the rest of the line or of the block. If nothing is missing, answer ${open}${close}.\n\n` +
    `Example. File:\nfunction area(r) {\n  return ${marker}\n}\nAnswer:\n${open}Math.PI * r ** 2;${close}`;
  const about = [parts.file === '' ? '' : `File: ${parts.file}`, `Language: ${parts.languageId}`]
    .filter(Boolean)
    .join('\n');
  const user = `${about}\n\n${before}${marker}${parts.suffix}`;
  return {
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: user },
    ],
    stop: [close],
  };
}

/** An opening fence on a line of its own. */
const fence = /(?:^|\n)[ \t]*```[^\n]*\n/;

/**
 * The text to insert, from an answer that follows the format, or that at least fences its code. Anything else is
 * passed on whole at the end: a bare answer is what some small models give, and the filters judge it.
 */
export function holeAnswer(): TextFilter {
  let state: 'searching' | 'tags' | 'fence' | 'done' = 'searching';
  let held = '';
  /** A fence is looked for as `\n` and three backticks; the newline put before the first line isn't part of the answer. */
  let lead = false;
  const release = (end: string): string => {
    const at = held.indexOf(end);
    if (at >= 0) state = 'done';
    const keep = at >= 0 ? held.length - at : openEnd(held, end);
    const text = held.slice(0, held.length - keep);
    held = at >= 0 ? '' : held.slice(held.length - keep);
    return text;
  };
  return {
    push(text) {
      if (state === 'done') return '';
      held += text;
      if (state === 'searching') {
        const start = held.indexOf(open);
        const fenced = fence.exec(held);
        if (start >= 0) {
          state = 'tags';
          held = held.slice(start + open.length);
        } else if (fenced) {
          // The tags may stand inside the fence: wait until it is clear that they don't.
          const body = held.slice(fenced.index + fenced[0].length);
          if (open.startsWith(body.trimStart())) return '';
          state = 'fence';
          lead = true;
          held = `\n${body}`;
        } else return '';
      }
      if (state === 'tags') return release(close);
      const out = release('\n```');
      if (!lead || out === '') return out;
      lead = false;
      return out.slice(1);
    },
    flush() {
      const rest = state === 'done' ? '' : lead ? held.slice(1) : held;
      held = '';
      state = 'done';
      return rest;
    },
    get done() {
      return state === 'done';
    },
  };
}
