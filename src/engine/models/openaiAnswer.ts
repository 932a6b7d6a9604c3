import { MalformedAnswer } from './errors.ts';
import { field } from './json.ts';
import type { ModelChunk } from './languageModel.ts';
import { piped, type TextFilter } from './textFilter.ts';

type Usage = NonNullable<Extract<ModelChunk, { type: 'end' }>['usage']>;

/** What one event of a completion or chat stream holds. */
interface Piece {
  readonly text: string;
  readonly finish: 'stop' | 'length' | null;
  readonly usage: Usage | null;
}

/** The text of an event: completions say `text`, chats `delta.content`, servers that ignore `stream` `message.content`. */
function pieceOf(event: unknown): Piece {
  const choices = field(event, 'choices');
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const reason = field(choice, 'finish_reason');
  return {
    text: textOf(
      field(field(choice, 'delta'), 'content') ?? field(field(choice, 'message'), 'content') ?? field(choice, 'text'),
    ),
    finish: typeof reason !== 'string' || reason === '' ? null : /length|max_tokens/.test(reason) ? 'length' : 'stop',
    usage: usageOf(field(event, 'usage')),
  };
}

/** A string, or Mistral's list of parts. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) => field(part, 'text'))
    .filter((text) => typeof text === 'string')
    .join('');
}

function usageOf(usage: unknown): Usage | null {
  const promptTokens = field(usage, 'prompt_tokens');
  const completionTokens = field(usage, 'completion_tokens');
  return typeof promptTokens === 'number' && typeof completionTokens === 'number'
    ? { promptTokens, completionTokens }
    : null;
}

/** How long usage and `[DONE]` are waited for once the answer is complete, for servers that leave the connection open. */
const lingerMs = 500;

export interface AnswerHooks {
  /** An event arrived: the server speaks the protocol. */
  readonly heard: () => void;
  readonly ended: (usage: Usage | null) => void;
}

/**
 * The chunks of an answer. Tolerates a missing `[DONE]`, events without choices, and usage before, with or after the end.
 * Throws `MalformedAnswer` where nothing of the protocol came, and what the network throws.
 */
export async function* readAnswer(
  events: AsyncIterable<unknown>,
  filters: readonly TextFilter[],
  { heard, ended }: AnswerHooks,
): AsyncGenerator<ModelChunk, void, undefined> {
  const filter = piped(filters);
  const iterator = events[Symbol.asyncIterator]();
  let finish: 'stop' | 'length' | null = null;
  let usage: Usage | null = null;
  let seen = 0;
  let letters = 0;
  try {
    for (;;) {
      const step: IteratorResult<unknown> | 'late' = await (finish === null ? iterator.next() : soon(iterator.next()));
      if (step === 'late' || step.done) break;
      seen++;
      heard();
      const piece = pieceOf(step.value);
      letters += piece.text.length;
      usage = piece.usage ?? usage;
      finish = piece.finish ?? finish;
      const text = filter.push(piece.text);
      if (text !== '') yield { type: 'text', text };
      if (filter.done) {
        finish = 'stop';
        break;
      }
    }
  } finally {
    // Not awaited: it closes the connection, and may wait for a server that keeps it open.
    iterator.return?.().catch(() => {});
  }
  if (seen === 0) throw new MalformedAnswer('notAStream');
  if (finish === null && letters === 0) throw new MalformedAnswer('cut');
  const rest = filter.flush();
  if (rest !== '') yield { type: 'text', text: rest };
  ended(usage);
  yield { type: 'end', finish: finish ?? 'stop', ...(usage ? { usage } : {}) };
}

/** What comes within half a second, or `late`. A failure after the end of the answer no longer matters. */
async function soon<T>(next: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), lingerMs);
  });
  try {
    return await Promise.race([next.catch((): 'late' => 'late'), late]);
  } finally {
    clearTimeout(timer);
  }
}
