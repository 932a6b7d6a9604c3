/**
 * What a chat model would be asked today for an episode of the memory, and how it would answer: without examples and notes, which
 * change with the memory, and with as much around the place as was kept.
 */
import type { Episode } from '../../protocol/episode.ts';
import type { LmMessage } from '../../protocol/rpc.ts';
import { holeAnswer, holeFillerPrompt } from '../models/holeFiller.ts';
import { fenced, fenceFor, withoutControlTokens } from './data.ts';
import { earlierTurns } from './earlierTurns.ts';
import { chatPrompt } from './prompt.ts';

export interface StoredPrompt {
  readonly messages: readonly LmMessage[];
  /** The answer that proposes `text`, one of those that the prompt was made for; null: it can't be said in the answer's format. */
  answer(text: string): string | null;
}

/**
 * `texts`: all that will be said at the place; what they all keep of `before` stands in an inline prompt. Null: no model is asked
 * (a repeated change). `episodeOf`: of the earlier turns of a conversation.
 */
export function storedPrompt(
  episode: Episode,
  texts: readonly string[],
  episodeOf: (id: string) => Episode | null,
): StoredPrompt | null {
  switch (episode.kind) {
    case 'inline':
      return inlinePrompt(episode, texts);
    case 'edit':
      return editPrompt(episode, episodeOf);
    case 'nextEdit':
      return null;
  }
}

/** Nothing is left out of what was stored. */
const withoutLimit = { budget: Number.MAX_SAFE_INTEGER, count: () => 0 } as const;

function editPrompt(episode: Episode, episodeOf: (id: string) => Episode | null): StoredPrompt | null {
  const { languageId, file, prefix, before, suffix, instruction, followUpOf } = episode;
  const nothing = { recentEdits: [], snippets: [], examples: [], refusals: [] };
  const context = { languageId, file, prefix, before, suffix, ...nothing };
  const earlier = earlierTurns(followUpOf === undefined ? undefined : { episodeId: followUpOf }, episodeOf);
  const prompt = chatPrompt(context, instruction, earlier, withoutLimit.budget, withoutLimit.count);
  if (!prompt.ok) return null;
  return { messages: prompt.messages, answer: (text) => fenced(text, fenceFor([text]), languageId) };
}

/**
 * A gap takes the place of `before`. That is what stood there of a word or of brackets that a candidate replaced: the beginning
 * and the end that all texts keep stay around the gap, as when the model was asked.
 */
function inlinePrompt(episode: Episode, texts: readonly string[]): StoredPrompt {
  const { languageId, file, before } = episode;
  const start = sharedStart([before, ...texts]);
  const end = sharedStart([before, ...texts].map((text) => reversed(text.slice(start))));
  const { messages } = holeFillerPrompt({
    preamble: '',
    prefix: withoutControlTokens(episode.prefix + before.slice(0, start)),
    suffix: withoutControlTokens(before.slice(before.length - end) + episode.suffix),
    languageId,
    file,
  });
  return {
    messages,
    answer(text) {
      const inside = withoutControlTokens(text.slice(start, text.length - end));
      const answer = `<fill>${inside}</fill>`;
      const reader = holeAnswer();
      return reader.push(answer) + reader.flush() === inside ? answer : null;
    },
  };
}

/** UTF-16 units that all begin with; no character is cut in two. */
function sharedStart(texts: readonly string[]): number {
  const shortest = Math.min(...texts.map(({ length }) => length));
  let at = 0;
  while (at < shortest && texts.every((text) => text[at] === texts[0]![at])) at += 1;
  return at > 0 && /[\uD800-\uDBFF]/.test(texts[0]![at - 1]!) ? at - 1 : at;
}

/** By characters: a pair of surrogates stays in its order. */
const reversed = (text: string): string => [...text].reverse().join('');
