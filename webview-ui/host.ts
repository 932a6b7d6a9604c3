/** The other side of the panel: VS Code's webview API, typed by the protocol. */
import type { FromPanel, ToPanel } from '../src/protocol/webview.ts';

interface VsCodeApi {
  postMessage(message: FromPanel): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

export interface Host {
  post(message: FromPanel): void;
  /** What `save` wrote last, also before a reload; undefined the first time. */
  restore(): unknown;
  save(state: unknown): void;
  /** Messages of the extension host, which alone can post to this window from outside. */
  hear(listener: (message: ToPanel) => void): void;
}

/** May be called once per load: VS Code hands the API out a single time. */
export function connectHost(): Host {
  const api = acquireVsCodeApi();
  return {
    post: (message) => api.postMessage(message),
    restore: () => api.getState(),
    save: (state) => api.setState(state),
    hear: (listener) =>
      window.addEventListener('message', (event: MessageEvent<unknown>) => {
        const { data } = event;
        if (typeof data === 'object' && data !== null && 'type' in data) listener(data as ToPanel);
      }),
  };
}
