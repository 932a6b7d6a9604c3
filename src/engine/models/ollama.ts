import type { FimTemplateName } from '../../protocol/config.ts';
import type { LmMessage } from '../../protocol/rpc.ts';
import { detectTemplate, isBaseModel } from './detectTemplate.ts';
import { MalformedAnswer } from './errors.ts';
import { chatTokens, restoring, withoutTokens } from './escape.ts';
import { toFailure } from './failure.ts';
import { type Guard, guarded } from './guard.ts';
import { holeAnswer, holeFillerPrompt } from './holeFiller.ts';
import { field } from './json.ts';
import type { LanguageModel, ModelChunk, ModelRequest } from './languageModel.ts';
import { type OllamaFacts, ollamaClient, showOllama } from './ollamaClient.ts';
import { beforeGap, type ResolvedTemplate, renderFim, templateStops, templateTokens } from './templates.ts';
import { piped, type TextFilter, untilStop, withoutThinking } from './textFilter.ts';
import { observeUsage } from './tokens.ts';

type FillIn = Extract<ModelRequest, { kind: 'fillIn' }>;
type Chunks = AsyncGenerator<ModelChunk, void, undefined>;

export interface OllamaModelOptions {
  readonly host: string;
  readonly model: string;
  /** `auto`: Ollama's own form where the model has one, else by the model's name. Another one is believed more. */
  readonly template: FimTemplateName;
  /** Longest silence before the first piece; loading a model counts. */
  readonly timeoutMs: number;
  /** Longest silence within an answer; `timeoutMs` by default. */
  readonly stallMs?: number;
  /** How long the model stays loaded after a request. */
  readonly keepAlive?: string;
  /** `num_ctx` of every request: one value, because another one makes Ollama load the model again. */
  readonly contextTokens?: number;
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
  /** What Ollama said about the model, to be shared between models; asked for where absent. */
  readonly facts?: Map<string, OllamaFacts>;
}

const usualContextTokens = 8192;

/** A model served by Ollama. */
export function ollamaModel(options: OllamaModelOptions): LanguageModel {
  const { host, model, timeoutMs, now = Date.now, facts = new Map<string, OllamaFacts>() } = options;
  const id = `ollama:${model}`;
  const template: ResolvedTemplate = options.template === 'auto' ? detectTemplate(model) : options.template;
  const key = `${host}\n${model}`;
  const keep_alive = options.keepAlive ?? '30m';

  const contextTokens = (): number => {
    const wanted = options.contextTokens ?? usualContextTokens;
    return Math.min(wanted, facts.get(key)?.contextTokens ?? wanted);
  };

  return {
    id,
    label: model,
    get capabilities() {
      const known = facts.get(key);
      return {
        fillInTheMiddle: template !== 'chat' || known?.insert === true,
        chat: known?.completion !== false && !isBaseModel(model),
      };
    },
    template,
    get contextTokens() {
      return contextTokens();
    },
    stream(request, signal) {
      const context = () => ({ source: 'ollama' as const, address: host, model, nowMs: now(), hide: textsOf(request) });
      return guarded(
        {
          signal,
          firstMs: timeoutMs,
          nextMs: options.stallMs ?? timeoutMs,
          toFailure: (error) => toFailure(error, context()),
        },
        async function* (guard) {
          const known = await knownFacts(guard.signal);
          yield* request.kind === 'chat'
            ? chat(request.messages, request, known, guard)
            : fillIn(request, known, guard);
        },
      );
    },
  };

  async function knownFacts(signal: AbortSignal): Promise<OllamaFacts> {
    const before = facts.get(key);
    if (before) return before;
    const known = await showOllama(host, model, signal, options.fetch);
    facts.set(key, known);
    return known;
  }

  async function* fillIn(request: FillIn, known: OllamaFacts, guard: Guard): Chunks {
    const { preamble, prefix, suffix, languageId, file } = request;
    const parts = { preamble, prefix, suffix, languageId, file };
    const before = beforeGap(parts);
    const own = known.insert && options.template === 'auto';
    if (!own && template === 'chat') {
      const asked = holeFillerPrompt(parts);
      const limits = { maxTokens: request.maxTokens + 16, temperature: request.temperature, stop: asked.stop };
      yield* chat(asked.messages, limits, known, guard, [holeAnswer(), untilStop(request.stop)]);
      return;
    }
    // Ollama's templates take an empty suffix for none, and then begin a conversation.
    const bySuffix = own && (suffix !== '' || template === 'chat');
    const tokens = templateTokens(template);
    const stop = [...request.stop, ...templateStops(template)];
    const prompt = bySuffix || template === 'chat' ? withoutTokens(before, tokens) : renderFim(template, parts);
    const after = withoutTokens(suffix === '' ? '\n' : suffix, tokens);
    const client = await ollamaClient(host, guard.signal, options.fetch);
    const events = await client.generate({
      model,
      prompt,
      ...(bySuffix ? { suffix: after } : { raw: true }),
      stream: true,
      keep_alive,
      ...thought(known),
      options: modelOptions(request, bySuffix ? request.stop : stop),
    });
    const filters = [untilStop(stop), restoring(before + suffix, tokens)];
    yield* read(events, 'response', filters, guard, bySuffix ? prompt + after : prompt);
  }

  async function* chat(
    messages: readonly LmMessage[],
    limits: { readonly maxTokens: number; readonly temperature: number; readonly stop?: readonly string[] },
    known: OllamaFacts,
    guard: Guard,
    filters: readonly TextFilter[] = [],
  ): Chunks {
    const contents = messages.map(({ content }) => content).join('\n');
    const client = await ollamaClient(host, guard.signal, options.fetch);
    const events = await client.chat({
      model,
      messages: messages.map(({ role, content }) => ({ role, content: withoutTokens(content, chatTokens) })),
      stream: true,
      keep_alive,
      ...thought(known),
      options: modelOptions(limits, limits.stop ?? []),
    });
    yield* read(events, 'message', [withoutThinking(), ...filters, restoring(contents, chatTokens)], guard, contents);
  }

  /** Thinking first costs seconds before the first letter; models that can't think refuse the field. */
  function thought({ thinking }: OllamaFacts): { think?: false } {
    return thinking ? { think: false } : {};
  }

  function modelOptions(
    { maxTokens, temperature }: { maxTokens: number; temperature: number },
    stop: readonly string[],
  ) {
    return {
      num_predict: maxTokens,
      temperature,
      num_ctx: contextTokens(),
      ...(stop.length > 0 ? { stop: [...stop] } : {}),
    };
  }

  async function* read(
    events: AsyncIterable<unknown>,
    part: 'response' | 'message',
    filters: readonly (TextFilter | null)[],
    guard: Guard,
    prompt: string,
  ): Chunks {
    const filter = piped(filters.filter((one) => one !== null));
    for await (const event of events) {
      guard.heard();
      const raw = part === 'response' ? field(event, 'response') : field(field(event, 'message'), 'content');
      const text = typeof raw === 'string' ? filter.push(raw) : '';
      if (text !== '') yield { type: 'text', text };
      const done = field(event, 'done') === true;
      if (!done && !filter.done) continue;
      const rest = filter.flush();
      if (rest !== '') yield { type: 'text', text: rest };
      const promptTokens = field(event, 'prompt_eval_count');
      const completionTokens = field(event, 'eval_count');
      const counted = typeof promptTokens === 'number' && typeof completionTokens === 'number';
      if (counted) observeUsage(id, prompt, promptTokens);
      yield {
        type: 'end',
        finish: field(event, 'done_reason') === 'length' ? 'length' : 'stop',
        ...(counted ? { usage: { promptTokens, completionTokens } } : {}),
      };
      return;
    }
    throw new MalformedAnswer('cut');
  }
}

const textsOf = (request: ModelRequest): readonly string[] =>
  request.kind === 'chat'
    ? request.messages.map(({ content }) => content)
    : [request.preamble, request.prefix, request.suffix];
