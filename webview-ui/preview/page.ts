/** The pages of the preview: an outer one in VS Code's place, and what VS Code adds to the panel's own page. */

export interface PreviewTheme {
  readonly name: string;
  readonly bodyClass: string;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * What VS Code gives every webview page that the panel has to live with: a padded body in the editor's colour, focus
 * outlines on fields, and its own scrollbars. In a layer, as there, so that any rule of the page wins.
 */
const hostStyles = `@layer vscode-default {
  body { margin: 0; padding: 0 20px; background: transparent; color: var(--vscode-editor-foreground);
    font: var(--vscode-font-weight) var(--vscode-font-size) var(--vscode-font-family); }
  input:focus, select:focus, textarea:focus { outline: 1px solid -webkit-focus-ring-color; outline-offset: -1px; }
  kbd { border: 1px solid var(--vscode-keybindingLabel-border); padding: 1px 3px; vertical-align: middle; }
  ::-webkit-scrollbar { width: 10px; height: 10px; }
  ::-webkit-scrollbar-thumb { background-color: var(--vscode-scrollbarSlider-background); }
}`;

/**
 * Holds the panel in a frame and carries messages between it and the server, as the workbench does. The frame is inline
 * and so a little lower than its page, which can then be scrolled by script: as in the workbench.
 */
export function outerPage(theme: string, title: string): string {
  return `<!doctype html><html><head><meta charset="utf-8"><title>${title}</title>
<style>html,body{margin:0;height:100%;overflow:hidden}iframe{width:100%;height:100%;border:0}</style></head>
<body><iframe id="panel" src="/panel?theme=${encodeURIComponent(theme)}"></iframe><script>
const frame = document.getElementById('panel');
let sending = Promise.resolve();
addEventListener('message', (event) => {
  if (event.source !== frame.contentWindow) return;
  sending = sending.then(() => fetch('/message', { method: 'POST', body: JSON.stringify(event.data) }));
});
new EventSource('/events').onmessage = (event) => frame.contentWindow.postMessage(JSON.parse(event.data), '*');
</script></body></html>`;
}

/**
 * VS Code's part of the panel's page: the theme's variables and class, its default style sheet, and
 * \`acquireVsCodeApi\`. The style sheet comes before the page's policy, as there.
 */
export function dressed(page: string, theme: PreviewTheme, nonce: string, background: string): string {
  const script = `<script nonce="${nonce}">
const theme = ${JSON.stringify(theme)};
for (const [name, value] of Object.entries(theme.variables)) document.documentElement.style.setProperty(name, value);
document.documentElement.style.background = 'var(${background})';
addEventListener('DOMContentLoaded', () => { document.body.className = theme.bodyClass; });
globalThis.acquireVsCodeApi = () => {
  globalThis.acquireVsCodeApi = undefined;
  return {
    postMessage: (message) => parent.postMessage(message, '*'),
    getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? undefined,
    setState: (state) => sessionStorage.setItem('state', JSON.stringify(state)),
  };
};
</script>`;
  return page.replace('<head>', `<head><style>${hostStyles}</style>`).replace('</head>', `${script}</head>`);
}
