import type { FimTemplateName } from '../../protocol/config.ts';
import type { Failure, LmMessage } from '../../protocol/rpc.ts';

/** A place in a file to fill in, or a conversation to continue. */
export type ModelRequest =
  | {
      readonly kind: 'fillIn';
      /** Notes and examples; stands before the file in the prompt, as comments of the language. */
      readonly preamble: string;
      readonly prefix: string;
      readonly suffix: string;
      readonly languageId: string;
      /** Path inside the workspace, for templates that name it. */
      readonly file: string;
      readonly maxTokens: number;
      readonly stop: readonly string[];
      readonly temperature: number;
    }
  | {
      readonly kind: 'chat';
      readonly messages: readonly LmMessage[];
      readonly maxTokens: number;
      readonly temperature: number;
    };

/** A stream ends with exactly one `end` or `failed`; nothing follows. */
export type ModelChunk =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'end';
      readonly finish: 'stop' | 'length';
      readonly usage?: { readonly promptTokens: number; readonly completionTokens: number };
      /** The model's probability of the whole text, where it gives one. */
      readonly probability?: number;
    }
  | { readonly type: 'failed'; readonly failure: Failure };

/** One way to get text, whatever stands behind it. */
export interface LanguageModel {
  /** As stored in episodes: `workspace`, `openai:<id>`, `ollama:<id>`, `vscode:<id>`. */
  readonly id: string;
  readonly label: string;
  readonly capabilities: { readonly fillInTheMiddle: boolean; readonly chat: boolean };
  readonly template: FimTemplateName;
  /** Tokens of prompt and answer together; a cautious guess where the server doesn't say. */
  readonly contextTokens: number;
  /** A request may follow within a second: what it needs besides its prompt can be fetched meanwhile. */
  expect?(): void;
  /** Never throws: failures and cancellation arrive as `failed`. Aborting `signal` closes the connection to the model. */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelChunk>;
}
