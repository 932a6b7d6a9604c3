import type OpenAI from 'openai';
import type { FimTemplateName } from '../../protocol/config.ts';
import type { LmMessage } from '../../protocol/rpc.ts';
import { detectTemplate, isBaseModel } from './detectTemplate.ts';
import { errorFacts, tooLong } from './errorFacts.ts';
import { chatTokens, restoring, withoutTokens } from './escape.ts';
import { toFailure } from './failure.ts';
import { type Guard, guarded } from './guard.ts';
import { holeAnswer, holeFillerPrompt } from './holeFiller.ts';
import type { LanguageModel, ModelChunk, ModelRequest } from './languageModel.ts';
import { readAnswer } from './openaiAnswer.ts';
import { fillInPath, type OpenaiServer, openaiClient } from './openaiClient.ts';
import { adapted, type Body, newKnowledge, refusedParameter, type ServerKnowledge } from './openaiKnowledge.ts';
import { beforeGap, type ResolvedTemplate, renderFim, templateStops, templateTokens } from './templates.ts';
import { type TextFilter, untilStop, withoutThinking } from './textFilter.ts';
import { countTokens, observeUsage } from './tokens.ts';

type FillIn = Extract<ModelRequest, { kind: 'fillIn' }>;
/** How a gap is sent: to the completions endpoint with `suffix`, there as one raw prompt, or by conversation. */
type Route = 'suffix' | 'template' | 'chat';

export interface OpenaiModelOptions extends OpenaiServer {
  readonly model: string;
  readonly completions: 'auto' | 'always' | 'never';
  /** `auto`: by the model's name. Another one is believed more than the server's own `suffix`. */
  readonly template: FimTemplateName;
  /** Longest silence before the first piece of an answer. */
  readonly timeoutMs: number;
  /** Longest silence within an answer; `timeoutMs` by default. */
  readonly stallMs?: number;
  readonly contextTokens?: number;
  /** What was learnt of this server and model; shared, so that a new configuration needn't learn it again. */
  readonly knowledge?: ServerKnowledge;
  readonly now?: () => number;
}

/** A key fetched longer ago may have been changed since. */
const expectedMs = 1000;
/** Servers differ; this is what the small ones have. */
const guessedContextTokens = 8192;

/** A model behind an OpenAI-compatible server, hosted or local. */
export function openaiModel(options: OpenaiModelOptions): LanguageModel {
  const { model, baseUrl, timeoutMs, now = Date.now } = options;
  const id = `openai:${model}`;
  const template: ResolvedTemplate = options.template === 'auto' ? detectTemplate(model) : options.template;
  const knowledge = options.knowledge ?? newKnowledge();
  /** The key lies in another process: asked for while the prompt is made. */
  let expected: { readonly key: Promise<string | null>; readonly at: number } | null = null;
  let connected: { readonly key: string | null; readonly client: OpenAI } | null = null;

  return {
    id,
    label: model,
    capabilities: { fillInTheMiddle: canFillIn(), chat: !isBaseModel(model) },
    template,
    contextTokens: options.contextTokens ?? guessedContextTokens,
    expect() {
      const key = options.apiKey();
      key.catch(() => {});
      expected = { key, at: now() };
    },
    async *stream(request, signal) {
      let key: string | null = null;
      const context = () => ({
        source: 'openai' as const,
        address: baseUrl,
        model,
        nowMs: now(),
        hide: [...textsOf(request), key ?? ''],
      });
      yield* guarded(
        {
          signal,
          firstMs: timeoutMs,
          nextMs: options.stallMs ?? timeoutMs,
          toFailure: (error) => toFailure(error, context()),
        },
        async function* (guard) {
          key = await currentKey();
          yield* request.kind === 'chat' ? chat(request.messages, request, guard, key) : fillIn(request, guard, key);
        },
      );
    },
  };

  function currentKey(): Promise<string | null> {
    const early = expected;
    expected = null;
    return early !== null && now() - early.at < expectedMs ? early.key : options.apiKey();
  }

  /** Making one takes 0.2 ms, at every key. */
  async function clientFor(key: string | null): Promise<OpenAI> {
    if (connected?.key === key) return connected.client;
    const client = await openaiClient(options, key);
    connected = { key, client };
    return client;
  }

  /** Whether gaps are filled without a conversation, as far as that is known before asking. */
  function canFillIn(): boolean {
    if (options.completions === 'never') return false;
    return template !== 'chat' || options.completions === 'always' || fillInPath(baseUrl) !== '/completions';
  }

  /** Tries each way this server may know, the one that worked before first. */
  async function* fillIn(
    request: FillIn,
    guard: Guard,
    key: string | null,
  ): AsyncGenerator<ModelChunk, void, undefined> {
    const routes = routesOf();
    for (const [index, route] of routes.entries()) {
      let started = false;
      try {
        for await (const chunk of fillInBy(route, request, guard, key)) {
          if (!started) knowledge.route = route;
          started = true;
          yield chunk;
        }
        return;
      } catch (error) {
        if (started || index === routes.length - 1 || guard.signal.aborted || !unsupported(error)) throw error;
      }
    }
  }

  function routesOf(): readonly Route[] {
    const raw: readonly Route[] = template === 'chat' ? [] : ['template'];
    if (options.completions === 'never') return ['chat'];
    if (options.completions === 'always')
      return options.template === 'auto' || raw.length === 0 ? ['suffix', ...raw] : raw;
    if (options.template === 'chat') return ['chat'];
    const all: readonly Route[] = options.template === 'auto' ? ['suffix', ...raw, 'chat'] : [...raw, 'chat'];
    const known = all.find((route) => route === knowledge.route);
    return known === undefined ? all : [known, ...all.filter((route) => route !== known)];
  }

  async function* fillInBy(
    route: Route,
    request: FillIn,
    guard: Guard,
    key: string | null,
  ): AsyncGenerator<ModelChunk, void, undefined> {
    const { preamble, prefix, suffix, languageId, file, maxTokens, temperature } = request;
    const parts = { preamble, prefix, suffix, languageId, file };
    const before = beforeGap(parts);
    switch (route) {
      case 'suffix': {
        const tokens = templateTokens(template);
        const prompt = withoutTokens(before, tokens);
        const after = withoutTokens(suffix, tokens);
        const body = { prompt, suffix: after, max_tokens: maxTokens, temperature, stop: [...request.stop] };
        const filters = [untilStop([...request.stop, ...templateStops(template)]), restoring(before + suffix, tokens)];
        yield* send(fillInPath(baseUrl), body, filters, guard, key, (usage) => {
          observeUsage(id, prompt + after, usage);
          void noticeIgnoredSuffix(prompt, after, usage).catch(() => {});
        });
        return;
      }
      case 'template': {
        if (template === 'chat') return;
        const prompt = renderFim(template, parts);
        const stop = [...request.stop, ...templateStops(template)];
        const filters = [untilStop(stop), restoring(before + suffix, templateTokens(template))];
        yield* send(
          '/completions',
          { prompt, max_tokens: maxTokens, temperature, stop: stop.slice(0, 16) },
          filters,
          guard,
          key,
          (usage) => observeUsage(id, prompt, usage),
        );
        return;
      }
      case 'chat': {
        const asked = holeFillerPrompt(parts);
        // The answer's tags take tokens too.
        const limits = { maxTokens: maxTokens + 16, temperature, stop: asked.stop };
        yield* chat(asked.messages, limits, guard, key, [holeAnswer(), untilStop(request.stop)]);
        return;
      }
    }
  }

  async function* chat(
    messages: readonly LmMessage[],
    limits: { readonly maxTokens: number; readonly temperature: number; readonly stop?: readonly string[] },
    guard: Guard,
    key: string | null,
    filters: readonly TextFilter[] = [],
  ): AsyncGenerator<ModelChunk, void, undefined> {
    const contents = messages.map(({ content }) => content).join('\n');
    const body = {
      messages: messages.map(({ role, content }) => ({ role, content: withoutTokens(content, chatTokens) })),
      max_tokens: limits.maxTokens,
      temperature: limits.temperature,
      stop: [...(limits.stop ?? [])],
    };
    const all = [withoutThinking(), ...filters, restoring(contents, chatTokens)];
    yield* send('/chat/completions', body, all, guard, key, (usage) => observeUsage(id, contents, usage));
  }

  /** One request; asked again without a parameter that the server says it doesn't take. */
  async function* send(
    path: string,
    body: Body,
    filters: readonly (TextFilter | null)[],
    guard: Guard,
    key: string | null,
    used: (promptTokens: number) => void,
  ): AsyncGenerator<ModelChunk, void, undefined> {
    const client = await clientFor(key);
    for (let attempt = 0; ; attempt++) {
      const sent = adapted({ model, ...body }, knowledge);
      let events: AsyncIterable<unknown>;
      try {
        events = await client.post<AsyncIterable<unknown>>(path, { body: sent, stream: true, signal: guard.signal });
      } catch (error) {
        const refused = attempt < 5 && !guard.signal.aborted ? refusedParameter(error, sent) : null;
        if (refused === null) throw error;
        knowledge.refused.add(refused);
        continue;
      }
      yield* readAnswer(
        events,
        filters.filter((filter) => filter !== null),
        { heard: guard.heard, ended: (usage) => usage && used(usage.promptTokens) },
      );
      return;
    }
  }

  /**
   * Some servers accept `suffix` and drop it. Their count of the prompt gives them away: with twice as much after the gap
   * as before it, half of both is less than a server that read it can count, whatever its tokenizer.
   */
  async function noticeIgnoredSuffix(before: string, after: string, promptTokens: number): Promise<void> {
    if (template === 'chat' || options.completions !== 'auto' || after.length < 400 || after.length < 2 * before.length)
      return;
    const whole = (await countTokens(before)) + (await countTokens(after));
    if (promptTokens < whole / 2) knowledge.route = 'template';
  }
}

/** True when the server doesn't know this way of asking, so that another is worth a try. */
function unsupported(error: unknown): boolean {
  const facts = errorFacts(error);
  const { status, code, text } = facts;
  if (status === null || tooLong(facts)) return false;
  if (status === 404 || status === 405 || status === 501) return true;
  if (status !== 400 && status !== 422 && status !== 500) return false;
  if (/model_not_found/.test(code)) return false;
  return /suffix|not (currently )?support|unsupported|does not support|not a supported|unknown (param|field|arg|endpoint)|unrecognized|extra (inputs|fields)|not permitted|completions?\b/.test(
    text,
  );
}

const textsOf = (request: ModelRequest): readonly string[] =>
  request.kind === 'chat'
    ? request.messages.map(({ content }) => content)
    : [request.preamble, request.prefix, request.suffix];
