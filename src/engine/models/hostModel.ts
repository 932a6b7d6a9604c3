import type { Failure, LmMessage } from '../../protocol/rpc.ts';
import { toFailure } from './failure.ts';
import { guarded } from './guard.ts';
import { holeAnswer, holeFillerPrompt } from './holeFiller.ts';
import type { LanguageModel, ModelChunk } from './languageModel.ts';
import { piped, type TextFilter, untilStop, withoutThinking } from './textFilter.ts';

export interface HostModelOptions {
  readonly id: string;
  readonly label: string;
  readonly maxInputTokens: number;
  /** Asks the editor; `onText` gets the pieces, the promise settles at the end. */
  readonly chat: (
    messages: readonly LmMessage[],
    onText: (text: string) => void,
    signal: AbortSignal,
  ) => Promise<{ readonly ok: true } | { readonly ok: false; readonly failure: Failure }>;
  /** Longest silence; the first request may wait for the user's consent. */
  readonly timeoutMs?: number;
  readonly now?: () => number;
}

/** One of VS Code's own language models, asked through the editor. Conversation only: no infilling, no usage. */
export function hostModel({
  id,
  label,
  maxInputTokens,
  chat,
  timeoutMs = 120_000,
  now = Date.now,
}: HostModelOptions): LanguageModel {
  return {
    id: `vscode:${id}`,
    label,
    capabilities: { fillInTheMiddle: false, chat: true },
    // A hosted model of an infilling family can't be fed raw text through this interface.
    template: 'chat',
    contextTokens: maxInputTokens,
    stream(request, signal) {
      const asked =
        request.kind === 'chat'
          ? { messages: request.messages, filters: [] }
          : { messages: holeFillerPrompt(request).messages, filters: [holeAnswer(), untilStop(request.stop)] };
      const context = () => ({
        source: 'vscode' as const,
        address: '',
        model: id,
        nowMs: now(),
        hide: asked.messages.map(({ content }) => content),
      });
      return guarded(
        { signal, firstMs: timeoutMs, nextMs: timeoutMs, toFailure: (error) => toFailure(error, context()) },
        (guard) =>
          pieces((onText) => chat(asked.messages, onText, guard.signal), [withoutThinking(), ...asked.filters]),
      );
    },
  };
}

/** Turns callbacks into chunks, in order, without losing one that comes while another is read. */
async function* pieces(
  start: (onText: (text: string) => void) => ReturnType<HostModelOptions['chat']>,
  filters: readonly TextFilter[],
): AsyncGenerator<ModelChunk, void, undefined> {
  const filter = piped(filters);
  const queue: string[] = [];
  let wake = (): void => {};
  let settled = false;
  const result = start((text) => {
    queue.push(text);
    wake();
  }).finally(() => {
    settled = true;
    wake();
  });
  result.catch(() => {});
  for (;;) {
    while (queue.length > 0) {
      const text = filter.push(queue.shift() ?? '');
      if (text !== '') yield { type: 'text', text };
      if (filter.done) {
        const rest = filter.flush();
        if (rest !== '') yield { type: 'text', text: rest };
        yield { type: 'end', finish: 'stop' };
        return;
      }
    }
    if (settled) break;
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (queue.length > 0 || settled) resolve();
    });
  }
  const outcome = await result;
  const rest = filter.flush();
  if (outcome.ok && rest !== '') yield { type: 'text', text: rest };
  yield outcome.ok ? { type: 'end', finish: 'stop' } : { type: 'failed', failure: outcome.failure };
}
