/**
 * A typed, validating face over a vscode-jsonrpc connection: method names and shapes come from `rpc.ts`, and nothing
 * that fails its schema reaches a handler or a caller.
 */
import * as v from 'valibot';
import { type CancellationToken, ErrorCodes, type MessageConnection, ResponseError } from 'vscode-jsonrpc';

type Schema = v.GenericSchema;
type RequestTable = Record<string, { readonly params: Schema; readonly result: Schema }>;
type NotificationTable = Record<string, Schema>;

/** What one side sends (`Ask`, `Tell`) and handles (`Answer`, `Hear`). */
export interface Peer<
  Ask extends RequestTable,
  Tell extends NotificationTable,
  Answer extends RequestTable,
  Hear extends NotificationTable,
> {
  /** Rejects when the peer is gone, answers with an error, or answers with something of the wrong shape. */
  ask<K extends keyof Ask & string>(
    method: K,
    params: v.InferInput<Ask[K]['params']>,
    token?: CancellationToken,
  ): Promise<v.InferOutput<Ask[K]['result']>>;
  /** Fire and forget; never throws. */
  tell<K extends keyof Tell & string>(method: K, params: v.InferInput<Tell[K]>): void;
  answer<K extends keyof Answer & string>(
    method: K,
    handler: (
      params: v.InferOutput<Answer[K]['params']>,
      token: CancellationToken,
    ) => Promise<v.InferInput<Answer[K]['result']>> | v.InferInput<Answer[K]['result']>,
  ): void;
  hear<K extends keyof Hear & string>(method: K, handler: (params: v.InferOutput<Hear[K]>) => void): void;
}

/** Names the place of the first problem, never the value: values may be code. */
export function describeIssues(issues: readonly v.BaseIssue<unknown>[]): string {
  const issue = issues[0];
  if (!issue) return 'no detail';
  const path = issue.path?.map((item) => String(item.key)).join('.') ?? '';
  return `${path === '' ? 'value' : path}: expected ${issue.expected ?? 'something else'}`;
}

/** Wraps `connection` (not yet listening). `onProblem` hears of notifications that were dropped as malformed. */
export function peer<
  Ask extends RequestTable,
  Tell extends NotificationTable,
  Answer extends RequestTable,
  Hear extends NotificationTable,
>(
  connection: MessageConnection,
  tables: { readonly ask: Ask; readonly tell: Tell; readonly answer: Answer; readonly hear: Hear },
  onProblem: (message: string) => void,
): Peer<Ask, Tell, Answer, Hear> {
  return {
    async ask(method, params, token) {
      const answer: unknown = await (token
        ? connection.sendRequest(method, params, token)
        : connection.sendRequest(method, params));
      const parsed = v.safeParse(tables.ask[method]!.result, answer);
      if (!parsed.success)
        throw new Error(`The answer to ${method} has the wrong shape (${describeIssues(parsed.issues)}).`);
      return parsed.output as never;
    },
    tell(method, params) {
      connection.sendNotification(method, params).catch(() => onProblem(`${method} could not be sent`));
    },
    answer(method, handler) {
      connection.onRequest(method, async (params: unknown, token: CancellationToken) => {
        const parsed = v.safeParse(tables.answer[method]!.params, params);
        if (!parsed.success) {
          return new ResponseError(ErrorCodes.InvalidParams, `${method}: ${describeIssues(parsed.issues)}`);
        }
        return handler(parsed.output as never, token);
      });
    },
    hear(method, handler) {
      connection.onNotification(method, (params: unknown) => {
        const parsed = v.safeParse(tables.hear[method]!, params);
        if (parsed.success) handler(parsed.output as never);
        else onProblem(`${method} dropped: ${describeIssues(parsed.issues)}`);
      });
    },
  };
}
