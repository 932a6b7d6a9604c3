import type { Failure } from '../../protocol/rpc.ts';
import { causes, type Facts, factsOf, type SystemFault, tooLong } from './errorFacts.ts';
import { MalformedAnswer, Silence, UnusableKey } from './errors.ts';
import { retryAfterMs } from './retryAfter.ts';
import { serverWords } from './serverWords.ts';

/** Whom we talked to, for the words of a failure. */
export interface FailureContext {
  readonly source: 'openai' | 'ollama' | 'vscode';
  /** Base URL; shown without user name, password and query. */
  readonly address: string;
  readonly model: string;
  readonly nowMs: number;
  /** Texts that must not reach the message: the prompt and the key. */
  readonly hide: readonly string[];
}

type Reason = Failure['reason'];
/** The cancellation every model reports the same way. */
export const cancelledFailure: Failure = { reason: 'cancelled', message: 'Cancelled.', nextStep: '' };

/** One sentence of what went wrong and one of what to do, for anything a model's stream can throw. */
export function toFailure(error: unknown, context: FailureContext): Failure {
  const name = serverName(context);
  const chain = causes(error);
  const silence = chain.find((one) => one instanceof Silence);
  if (silence) return silenceFailure(silence, context);
  const malformed = chain.find((one) => one instanceof MalformedAnswer);
  if (malformed) return malformedFailure(malformed.kind, context);
  if (chain.some((one) => one instanceof UnusableKey)) {
    return fail(
      'unauthorized',
      'The stored API key holds characters that no key has.',
      'Run “Attune: Set API Key” and paste it again.',
    );
  }
  const facts = factsOf(chain);
  if (facts.status !== null || facts.text !== '') {
    const fromServer = serverFailure(facts, context);
    if (fromServer) return fromServer;
  }
  if (facts.fault) return faultFailure(facts.fault, context);
  if (chain.some((one) => says(one, 'AbortError', /was aborted/i))) return cancelledFailure;
  if (chain.some((one) => says(one, 'TimeoutError', /timed? ?out/i))) {
    return { reason: 'timeout', message: `${name} didn’t answer in time.`, nextStep: slowStep(context) };
  }
  if (chain.some((one) => one instanceof SyntaxError)) return malformedFailure('garbage', context);
  return fail(
    'other',
    `The request to ${name} failed.`,
    'Run “Attune: Test This Model”; the log at level debug has more.',
  );
}

/** By name, or by message where a package doesn't name its errors (class names don't survive bundling). */
const says = (error: unknown, name: string, message: RegExp): boolean =>
  error instanceof Error && (error.name === name || message.test(error.message));

const fail = (reason: Reason, message: string, nextStep: string, retryAfter?: number): Failure =>
  retryAfter === undefined ? { reason, message, nextStep } : { reason, message, nextStep, retryAfterMs: retryAfter };

function serverFailure(facts: Facts, context: FailureContext): Failure | null {
  const { status, code, text } = facts;
  const name = serverName(context);
  const retryAfter = facts.headers ? retryAfterMs(facts.headers, context.nowMs) : undefined;
  const wait = retryAfter === undefined ? 'Try again in a moment' : `Try again in ${seconds(retryAfter)}`;
  if (status === 401 || status === 403 || status === 407) {
    const step =
      context.source === 'ollama'
        ? 'Allow this connection in OLLAMA_ORIGINS, or check the proxy in front of Ollama.'
        : 'Run “Attune: Set API Key”.';
    const what =
      status === 403
        ? 'doesn’t allow this'
        : status === 407
          ? 'stands behind a proxy that wants a login'
          : 'doesn’t accept the API key';
    return fail(
      'unauthorized',
      `${name} ${context.source === 'ollama' && status === 401 ? 'wants a login' : what} (${status}).`,
      step,
    );
  }
  if (tooLong(facts)) {
    return fail(
      'contextTooLong',
      `The prompt is longer than ${modelName(context)} can read.`,
      context.source === 'ollama'
        ? 'Lower attune.context.tokens, select less code, or choose a model with a longer context.'
        : 'Raise the server’s context size or lower attune.context.tokens.',
    );
  }
  if (
    status === 402 ||
    /insufficient_quota|insufficient[_ ](balance|credits?)|exceeded your current quota/.test(`${code} ${text}`)
  ) {
    return fail(
      'rateLimited',
      `The account at ${name} has no credit left.`,
      'Check its plan and billing, or choose another model with “Attune: Select Model”.',
      retryAfter,
    );
  }
  if (status === 429 || /rate_limit/.test(code)) {
    return fail(
      'rateLimited',
      `${name} limits how often it may be asked (429).`,
      `${wait}, or lower attune.candidates.`,
      retryAfter,
    );
  }
  if (/no such host|dial tcp|pull model manifest.*(lookup|timeout)/.test(text) && context.source === 'ollama') {
    return fail(
      'unavailable',
      'Ollama can’t reach its model library.',
      'Check this machine’s network connection and try again.',
    );
  }
  if (modelMissing(facts, context)) return missingFailure(context);
  if (status === 404 || status === 405 || status === 501) {
    return fail(
      'notConfigured',
      `${name} has nothing at this path (${status}).`,
      context.source === 'ollama'
        ? 'Check attune.ollama.baseUrl.'
        : 'Check attune.openai.baseUrl; it usually ends in /v1.',
    );
  }
  if (/requires more system memory|out of memory|cuda error|cudamalloc/.test(text)) {
    return fail(
      'unavailable',
      `${name} hasn’t enough memory for ${modelName(context)}.`,
      'Choose a smaller or more strongly quantised model with “Attune: Select Model”.',
    );
  }
  if (/loading model|is loading|model is currently loading/.test(text)) {
    return fail('unavailable', `${name} is still loading ${modelName(context)}.`, `${wait}.`, retryAfter);
  }
  if (status !== null && status >= 500) {
    return fail(
      'unavailable',
      `${name} has a problem of its own (${status})${serverWords(facts.text, context.hide)}.`,
      `${wait}; its log says more.`,
      retryAfter,
    );
  }
  if (status === 408) return fail('timeout', `${name} gave up waiting (408).`, `${wait}.`, retryAfter);
  if (status !== null && status >= 300 && status < 400) {
    return fail(
      'notConfigured',
      `${name} redirects elsewhere (${status}).`,
      `Put the final address into ${setting(context)}.`,
    );
  }
  if (status !== null && status > 0) {
    return fail(
      'other',
      `${name} refused the request (${status})${serverWords(facts.text, context.hide)}.`,
      'Run “Attune: Test This Model” to see whether it works at all.',
    );
  }
  if (status === 0) {
    return fail(
      'unavailable',
      `${name} broke off with an error${serverWords(facts.text, context.hide)}.`,
      `${wait}; its log says more.`,
    );
  }
  return null;
}

function modelMissing({ status, code, text }: Facts, context: FailureContext): boolean {
  if (/model_not_found|model_not_available/.test(code)) return true;
  if (
    context.source === 'ollama' &&
    /pull model manifest|file does not exist|model .*not found|try pulling it/.test(text)
  )
    return true;
  if (status !== 404 && status !== 400 && status !== 422) return false;
  if (
    /\bmodel\b.{0,120}?(not found|does ?n[o']t exist|not exist|is not available|not loaded|no such)|(unknown|invalid|no such|not a valid) model/.test(
      text,
    )
  )
    return true;
  return status === 404 && context.model !== '' && text.includes(context.model.toLowerCase());
}

function missingFailure(context: FailureContext): Failure {
  const { model } = context;
  switch (context.source) {
    case 'ollama':
      return fail(
        'modelMissing',
        `Ollama has no model ${modelName(context)}.`,
        `Run “ollama pull ${model === '' ? 'qwen2.5-coder:1.5b' : model}” or “Attune: Pull an Ollama Model”.`,
      );
    case 'openai':
      return fail(
        'modelMissing',
        `${serverName(context)} has no model ${modelName(context)}.`,
        'Run “Attune: Select Model”, or correct attune.openai.model.',
      );
    case 'vscode':
      return fail(
        'modelMissing',
        `VS Code has no language model ${modelName(context)}.`,
        'Run “Attune: Select Model”.',
      );
  }
}

function silenceFailure({ phase, ms }: Silence, context: FailureContext): Failure {
  const what = phase === 'first' ? 'sent nothing' : 'stopped in the middle of its answer and sent nothing more';
  return fail('timeout', `${serverName(context)} ${what} for ${seconds(ms)}.`, slowStep(context));
}

function malformedFailure(kind: MalformedAnswer['kind'], context: FailureContext): Failure {
  const name = serverName(context);
  switch (kind) {
    case 'notAStream':
      return fail(
        'malformed',
        `${name} answered, but not as a model server.`,
        `Check ${setting(context)}${context.source === 'openai' ? '; it usually ends in /v1' : ''}.`,
      );
    case 'garbage':
      return fail(
        'malformed',
        `${name} sent an answer that can’t be read.`,
        `Check ${setting(context)}, and that no proxy changes the answer.`,
      );
    case 'cut':
      return fail(
        'malformed',
        `The answer of ${name} broke off.`,
        'Try again; if it happens often, the server’s log says why.',
      );
  }
}

function faultFailure(fault: SystemFault, context: FailureContext): Failure {
  const name = serverName(context);
  const start =
    context.source === 'ollama'
      ? 'Start Ollama (“ollama serve”), or correct attune.ollama.baseUrl.'
      : 'Start the server, or correct attune.openai.baseUrl.';
  switch (fault) {
    case 'refused':
      return fail('refused', `Nothing answers at ${shownAddress(context.address)}.`, start);
    case 'dns':
      return fail(
        'refused',
        `The host of ${shownAddress(context.address)} isn’t known.`,
        `Check ${setting(context)} and the network connection.`,
      );
    case 'route':
    case 'connectTimeout':
      return fail(
        'refused',
        `${shownAddress(context.address)} can’t be reached.`,
        `Check ${setting(context)}, the network connection and the firewall.`,
      );
    case 'reset':
      return malformedFailure('cut', context);
    case 'certificate':
      return fail(
        'refused',
        `The certificate of ${name} isn’t trusted.`,
        'Add its authority to this machine or to NODE_EXTRA_CA_CERTS.',
      );
    case 'protocol':
      return fail('refused', `${name} doesn’t speak this protocol.`, `Check http or https in ${setting(context)}.`);
    case 'address':
      return fail(
        'notConfigured',
        `The address of ${context.source === 'ollama' ? 'Ollama' : 'the OpenAI-compatible server'} can’t be used.`,
        `Correct ${setting(context)}, for example ${context.source === 'ollama' ? 'http://127.0.0.1:11434' : 'http://127.0.0.1:8080/v1'}.`,
      );
  }
}

/** Scheme, host and port; never user name, password, path or query. */
export function shownAddress(address: string): string {
  try {
    return new URL(address.includes('://') ? address : `http://${address}`).origin;
  } catch {
    return 'the configured address';
  }
}

function serverName({ source, address }: FailureContext): string {
  switch (source) {
    case 'ollama':
      return 'Ollama';
    case 'vscode':
      return 'VS Code’s language model';
    case 'openai':
      return `The server at ${shownAddress(address)}`;
  }
}

const modelName = ({ model }: FailureContext): string => (model === '' ? 'the model' : `“${model}”`);

const setting = ({ source }: FailureContext): string =>
  source === 'ollama' ? 'attune.ollama.baseUrl' : 'attune.openai.baseUrl';

const slowStep = ({ source }: FailureContext): string =>
  source === 'ollama'
    ? 'Wait until the model is loaded and try again, choose a smaller one, or lower attune.context.tokens.'
    : 'Try again, choose a smaller model, or lower attune.context.tokens.';

function seconds(ms: number): string {
  const value = Math.max(1, Math.round(ms / 1000));
  if (value < 120) return value === 1 ? '1 second' : `${value} seconds`;
  return `${Math.round(value / 60)} minutes`;
}
