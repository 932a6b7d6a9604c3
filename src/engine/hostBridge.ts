import { v7 } from 'uuid';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import type { Failure, LmMessage } from '../protocol/rpc.ts';
import type { ClientPeer } from './peer.ts';

/** What the engine asks back of the editor: secrets and VS Code's own language models. */
export interface Host {
  secret(key: string): Promise<string | null>;
  list(): Promise<{ id: string; label: string; detail: string; maxInputTokens: number }[]>;
  /** Streams through `onText`; resolves at the end. */
  chat(
    id: string,
    messages: readonly LmMessage[],
    onText: (text: string) => void,
    signal: AbortSignal,
  ): Promise<{ ok: true } | { ok: false; failure: Failure }>;
}

/** Matches streamed chunks to the chats under way. */
export class HostBridge implements Host {
  readonly #client: Pick<ClientPeer, 'ask'>;
  readonly #streams = new Map<string, (text: string) => void>();

  constructor(client: Pick<ClientPeer, 'ask'>) {
    this.#client = client;
  }

  secret(key: string): Promise<string | null> {
    return this.#client.ask('secret', { key });
  }

  list(): Promise<{ id: string; label: string; detail: string; maxInputTokens: number }[]> {
    return this.#client.ask('listHostModels', {});
  }

  async chat(
    id: string,
    messages: readonly LmMessage[],
    onText: (text: string) => void,
    signal: AbortSignal,
  ): Promise<{ ok: true } | { ok: false; failure: Failure }> {
    const requestId = v7();
    const cancellation = new CancellationTokenSource();
    const cancel = (): void => cancellation.cancel();
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    this.#streams.set(requestId, onText);
    try {
      return await this.#client.ask('hostModelChat', { requestId, id, messages: [...messages] }, cancellation.token);
    } finally {
      this.#streams.delete(requestId);
      signal.removeEventListener('abort', cancel);
      cancellation.dispose();
    }
  }

  chunk(requestId: string, text: string): void {
    this.#streams.get(requestId)?.(text);
  }
}
