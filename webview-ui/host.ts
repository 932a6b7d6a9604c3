/** The other side of a page: VS Code's webview API, typed by the page's messages. */

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

/** `Post`: what the page sends; `Heard`: what it is sent. */
export interface Host<Post, Heard> {
  post(message: Post): void;
  /** What `save` wrote last, also before a reload; undefined the first time. */
  restore(): unknown;
  save(state: unknown): void;
  /** Messages of the extension host, which alone can post to this window from outside. */
  hear(listener: (message: Heard) => void): void;
}

/** May be called once per load: VS Code hands the API out a single time. */
export function connectHost<Post, Heard>(): Host<Post, Heard> {
  const api = acquireVsCodeApi();
  return {
    post: (message) => api.postMessage(message),
    restore: () => api.getState(),
    save: (state) => api.setState(state),
    hear: (listener) =>
      window.addEventListener('message', (event: MessageEvent<unknown>) => {
        const { data } = event;
        if (typeof data === 'object' && data !== null && 'type' in data) listener(data as Heard);
      }),
  };
}
