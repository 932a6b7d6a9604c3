import type { PanelStrings } from '../../protocol/webview.ts';

export interface PanelPage {
  /** `webview.cspSource`: where the webview's own files come from. */
  readonly cspSource: string;
  /** Fresh for every page; letters and digits. */
  readonly nonce: string;
  readonly scriptUri: string;
  readonly styleUri: string;
  /** BCP 47, e.g. `vscode.env.language`. */
  readonly language: string;
  readonly title: string;
  /** Translated strings; English where one is missing. */
  readonly strings: PanelStrings;
}

/**
 * The page of the rating panel. Nothing is loaded but one script (by nonce), one style sheet and its font; there is no
 * inline style, no image, no connection, no frame.
 */
export function panelHtml(page: PanelPage): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${page.nonce}'`,
    `style-src ${page.cspSource}`,
    `font-src ${page.cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escapeHtml(page.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<link rel="stylesheet" href="${escapeHtml(page.styleUri)}">
</head>
<body>
<script type="application/json" id="strings">${scriptJson(page.strings)}</script>
<script type="module" nonce="${page.nonce}" src="${escapeHtml(page.scriptUri)}"></script>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

/** JSON that can't end the script element it stands in. */
function scriptJson(value: PanelStrings): string {
  return JSON.stringify(value).replace(/</g, '\\u003c');
}
