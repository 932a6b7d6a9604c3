import type { FimTemplateName } from '../../protocol/config.ts';
import type { Failure, ModelRow } from '../../protocol/rpc.ts';
import { detectTemplate, isBaseModel } from './detectTemplate.ts';
import { MalformedAnswer, Silence } from './errors.ts';
import { cancelledFailure, toFailure } from './failure.ts';
import { field } from './json.ts';
import { type OllamaFacts, ollamaClient, showOllama } from './ollamaClient.ts';

export interface OllamaServer {
  readonly host: string;
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
}

export type OllamaRows =
  | { readonly ok: true; readonly rows: readonly ModelRow[] }
  | { readonly ok: false; readonly failure: Failure };

interface Listed {
  readonly name: string;
  readonly sizeBytes: number;
  readonly parameters: string;
  readonly quantization: string;
  readonly modifiedAt: string;
}

/** `show` requests under way at once: it reads the model's file. */
const showsAtOnce = 4;

/**
 * The models an Ollama server has, last changed first, with size, quantisation and what they can do. `facts` remembers
 * what each can do, by host and model, as `ollamaModel` does. Embedding models are left out.
 */
export async function listOllama(
  {
    host,
    fetch: send,
    now = Date.now,
    template: chosen = 'auto',
  }: OllamaServer & { readonly template?: FimTemplateName },
  signal: AbortSignal,
  facts: Map<string, OllamaFacts> = new Map(),
): Promise<OllamaRows> {
  try {
    const client = await ollamaClient(host, signal, send);
    const models = field(await client.list(), 'models');
    if (!Array.isArray(models)) throw new MalformedAnswer('notAStream');
    const listed = models.flatMap(listedOf).sort((a, b) => b.modifiedAt.localeCompare(a.modifiedAt));
    const rows: (ModelRow | null)[] = [];
    for (let at = 0; at < listed.length; at += showsAtOnce) {
      rows.push(...(await Promise.all(listed.slice(at, at + showsAtOnce).map((one) => rowOf(one)))));
    }
    return { ok: true, rows: rows.filter((row) => row !== null) };
  } catch (error) {
    if (signal.aborted) return { ok: false, failure: abortFailure(signal, host, now()) };
    return {
      ok: false,
      failure: toFailure(error, { source: 'ollama', address: host, model: '', nowMs: now(), hide: [] }),
    };
  }

  async function rowOf(one: Listed): Promise<ModelRow | null> {
    const key = `${host}\n${one.name}`;
    // A model that can't be shown is still listed, by its name.
    const known = facts.get(key) ?? (await showOllama(host, one.name, signal, send).catch(() => null));
    if (known) facts.set(key, known);
    if (known && !known.completion && !known.insert) return null;
    const template = chosen === 'auto' ? detectTemplate(one.name) : chosen;
    return {
      source: 'ollama',
      id: one.name,
      label: one.name,
      detail: [one.parameters, one.quantization, sizeText(one.sizeBytes)].filter((part) => part !== '').join(' · '),
      ...(one.sizeBytes > 0 ? { sizeBytes: one.sizeBytes } : {}),
      capabilities: {
        fillInTheMiddle: known?.insert === true || template !== 'chat',
        chat: known?.completion !== false && !isBaseModel(one.name),
      },
      template,
    };
  }
}

/** The failure of a signal that ended on its own: by time or by the user. */
function abortFailure(signal: AbortSignal, host: string, nowMs: number): Failure {
  const { reason } = signal;
  return reason instanceof Silence
    ? toFailure(reason, { source: 'ollama', address: host, model: '', nowMs, hide: [] })
    : cancelledFailure;
}

function listedOf(row: unknown): Listed[] {
  const name = field(row, 'name') ?? field(row, 'model');
  if (typeof name !== 'string' || name === '') return [];
  const details = field(row, 'details');
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const size = field(row, 'size');
  return [
    {
      name,
      sizeBytes: typeof size === 'number' ? size : 0,
      parameters: text(field(details, 'parameter_size')),
      quantization: text(field(details, 'quantization_level')),
      modifiedAt: text(field(row, 'modified_at')),
    },
  ];
}

function sizeText(bytes: number): string {
  if (bytes <= 0) return '';
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;
}

/**
 * Has Ollama download a model. `share` is of the part being loaded, from 0 to 1. Ollama keeps what it has when this is
 * cancelled and goes on from there the next time. A download may be silent for long, so only `signal` ends it.
 */
export async function pullOllama(
  { host, fetch: send, now = Date.now }: OllamaServer,
  model: string,
  onProgress: (message: string, share?: number) => void,
  signal: AbortSignal,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly failure: Failure }> {
  if (signal.aborted) return { ok: false, failure: cancelledFailure };
  try {
    const client = await ollamaClient(host, signal, send);
    let last = '';
    for await (const event of await client.pull({ model, stream: true })) {
      const { status, total, completed } = event as { status?: unknown; total?: unknown; completed?: unknown };
      if (typeof status !== 'string') continue;
      last = status;
      if (typeof total === 'number' && total > 0) {
        const have = typeof completed === 'number' ? completed : 0;
        onProgress(`${sizeText(have) || '0 MB'} of ${sizeText(total)}`, Math.min(1, have / total));
      } else onProgress(status);
    }
    if (signal.aborted) return { ok: false, failure: cancelledFailure };
    if (last !== 'success') throw new MalformedAnswer('cut');
    return { ok: true };
  } catch (error) {
    if (signal.aborted) return { ok: false, failure: cancelledFailure };
    return { ok: false, failure: toFailure(error, { source: 'ollama', address: host, model, nowMs: now(), hide: [] }) };
  }
}
