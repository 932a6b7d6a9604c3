import { errorFacts, tooLong } from './errorFacts.ts';
import { field } from './json.ts';

/** What was learnt of one server and model by asking. */
export interface ServerKnowledge {
  /** The way of filling a gap that worked last. */
  route: 'suffix' | 'template' | 'chat' | null;
  /** Parameters it doesn't take. */
  readonly refused: Set<Parameter>;
}

/** Parameters some servers refuse; `manyStops`: more than four stop sequences, OpenAI's own limit. */
export type Parameter = 'stream_options' | 'temperature' | 'max_tokens' | 'stop' | 'manyStops';

/** The body of a request, before `adapted`. */
export interface Body {
  readonly prompt?: string;
  readonly suffix?: string;
  readonly messages?: readonly { readonly role: string; readonly content: string }[];
  readonly max_tokens: number;
  readonly temperature: number;
  readonly stop: readonly string[];
}

export const newKnowledge = (): ServerKnowledge => ({ route: null, refused: new Set() });

/** The body as this server takes it. Usage is asked for unless it was refused; an empty `stop` isn't sent. */
export function adapted(
  { max_tokens, temperature, stop, ...rest }: Body & { readonly model: string },
  { refused }: ServerKnowledge,
): object {
  const stops = refused.has('stop') ? [] : refused.has('manyStops') ? stop.slice(0, 4) : stop;
  return {
    ...rest,
    stream: true,
    // Reasoning models take the newer name only.
    ...(refused.has('max_tokens') ? { max_completion_tokens: max_tokens } : { max_tokens }),
    ...(refused.has('temperature') ? {} : { temperature }),
    ...(stops.length > 0 ? { stop: stops } : {}),
    ...(refused.has('stream_options') ? {} : { stream_options: { include_usage: true } }),
  };
}

const complaint =
  /unsupported|not (currently )?support|does ?n[o']t support|unknown|unrecognized|unexpected|extra (inputs|fields)|not (permitted|allowed|accepted)|invalid|deprecated|too (many|long)|at most|maximum|only the default/;

/** The parameter a server complains about, if it is one that can be left out of `body` and wasn't yet. */
export function refusedParameter(error: unknown, body: object): Parameter | null {
  const facts = errorFacts(error);
  const { status, text } = facts;
  if (status === null || ![400, 422, 500].includes(status) || tooLong(facts)) return null;
  const named = field(error, 'param');
  const about = (name: string): boolean =>
    named === name || (new RegExp(`\\b${name}\\b`).test(text) && complaint.test(text));
  if ('stream_options' in body && about('stream_options')) return 'stream_options';
  if ('max_tokens' in body && about('max_tokens')) return 'max_tokens';
  if ('temperature' in body && about('temperature')) return 'temperature';
  const stop = field(body, 'stop');
  if (Array.isArray(stop) && about('stop')) return stop.length > 4 ? 'manyStops' : 'stop';
  return null;
}
