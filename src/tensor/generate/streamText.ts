/** Text from a stream of tokens: never half a character, and cut where a stop string comes. */
import type { SampledToken } from './sampling.ts';
import type { StreamEnd } from './stream.ts';

export interface StreamTextOptions {
  /** The tokenizer's: the text of tokens that stand together. */
  readonly decode: (tokens: number[]) => string;
  /** The text ends before the first of them that is complete. */
  readonly stopStrings?: readonly string[];
}

/** `stopString`: one of them came. */
export type TextEnd = StreamEnd | 'stopString';

/** What tokenizers write for bytes that are no whole character (yet). */
const incomplete = '\uFFFD';

/**
 * Text that is certain, piece by piece. A token's text may depend on the one before it (spaces), so tokens are decoded with
 * some of those before, and what these alone give is taken off.
 */
export async function* streamText(
  tokens: AsyncGenerator<SampledToken, StreamEnd>,
  { decode, stopStrings = [] }: StreamTextOptions,
): AsyncGenerator<string, TextEnd> {
  let context: number[] = [];
  let fresh: number[] = [];
  let pending = '';

  /** What the new tokens add; null while they end within a character. */
  function take(all: boolean): string | null {
    if (fresh.length === 0) return '';
    const before = context.length === 0 ? '' : decode(context);
    const text = decode([...context, ...fresh]);
    if (!all && text.endsWith(incomplete)) return null;
    context = fresh;
    fresh = [];
    return text.slice(before.length);
  }

  for (;;) {
    const { done, value } = await tokens.next();
    if (!done) fresh.push(value.token);
    pending += take(done === true) ?? '';
    const stop = firstOf(pending, stopStrings);
    if (stop >= 0) {
      await tokens.return('stop');
      if (stop > 0) yield pending.slice(0, stop);
      return 'stopString';
    }
    const certain = done ? pending.length : pending.length - beginning(pending, stopStrings);
    if (certain > 0) yield pending.slice(0, certain);
    pending = pending.slice(certain);
    if (done) return value;
  }
}

/** Where the first of `strings` begins in `text`; −1: nowhere. */
function firstOf(text: string, strings: readonly string[]): number {
  const places = strings.flatMap((string) => {
    const place = text.indexOf(string);
    return string === '' || place < 0 ? [] : [place];
  });
  return places.length === 0 ? -1 : Math.min(...places);
}

/** How many characters at the end of `text` may be the beginning of one of `strings`. */
function beginning(text: string, strings: readonly string[]): number {
  const lengths = strings.map((string) => {
    let length = Math.min(string.length - 1, text.length);
    while (length > 0 && !text.endsWith(string.slice(0, length))) length--;
    return length;
  });
  return Math.max(0, ...lengths);
}
