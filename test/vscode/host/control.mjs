// The control channel: tests run inside the extension host, where there is no screen. Over loopback HTTP they ask this
// side, which holds the window, to press real keys, click real pixels and read what is shown; and they report results.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

const ACTION_LIMIT_MS = 15_000;

/** VS Code says in a webview's address whether it is one of a view; of a panel in the editor area it says nothing. */
const webviews = { panel: '[src*="purpose=webviewView"]', training: ':not([src*="purpose="])' };

/** Where a selector is looked for: in the workbench's own page, or in a webview of the extension (an iframe in an iframe). */
function scope(page, place, extensionId) {
  if (!Object.hasOwn(webviews, place)) return page;
  return page
    .frameLocator(`iframe.webview.ready[src*="extensionId=${extensionId}"]${webviews[place]}`)
    .first()
    .frameLocator('iframe#active-frame');
}

/** Every action a test can ask for. `target` is the located element, not yet waited for. */
const actions = {
  click: async ({ target, options }) => {
    await target.click({ timeout: ACTION_LIMIT_MS, ...options });
  },
  hover: async ({ target }) => {
    await target.hover({ timeout: ACTION_LIMIT_MS });
  },
  focus: async ({ target }) => {
    await target.focus({ timeout: ACTION_LIMIT_MS });
  },
  fill: async ({ target, text }) => {
    await target.fill(text, { timeout: ACTION_LIMIT_MS });
  },
  press: async ({ page, key }) => {
    await page.keyboard.press(key);
  },
  type: async ({ page, text, delayMs }) => {
    await page.keyboard.type(text, { delay: delayMs });
  },
  /** As laid out: what is hidden does not count as shown. */
  text: async ({ target }) => {
    await target.waitFor({ timeout: ACTION_LIMIT_MS });
    return (await target.allInnerTexts())[0] ?? '';
  },
  texts: ({ all }) => all.allInnerTexts(),
  count: ({ all }) => all.count(),
  visible: ({ target }) => target.isVisible(),
  attribute: ({ target, name }) => target.getAttribute(name, { timeout: ACTION_LIMIT_MS }),
  value: ({ target }) => target.inputValue({ timeout: ACTION_LIMIT_MS }),
  /** A JavaScript expression over `element`, for what no other action reads (a custom element's property, a colour). */
  evaluate: ({ target, expression }) =>
    target.evaluate((element, source) => new Function('element', `return (${source})`)(element), expression, {
      timeout: ACTION_LIMIT_MS,
    }),
  /** The element that has the keyboard, followed through shadow roots, as `tag#id "label"`. */
  focused: ({ place, page, extensionId }) =>
    scope(page, place, extensionId)
      .locator('body')
      .evaluate(() => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        if (!element) return '';
        const label = element.getAttribute('aria-label') ?? element.textContent?.trim().slice(0, 80) ?? '';
        return `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ''} "${label}"`;
      }),
  shot: async ({ page, file }) => {
    if (!file) return null;
    // Toasts and dialogs fade in; this shows them as they end up.
    await page.screenshot({ path: file, animations: 'disabled' });
    return file;
  },
};

/**
 * Starts the channel.
 * @param {object} options
 * @param {() => Promise<import('playwright-core').Page>} options.page the window to act on
 * @param {string} options.extensionId whose webview `panel` means
 * @param {string | undefined} options.shots folder for screenshots; none are taken without it
 * @param {() => number} options.phase which part of the suite is to run
 * @param {(line: string) => void} options.print
 * @param {(report: object) => void} options.done called with the phase's results
 * @returns {Promise<{url: string, lastHeard(): number, close(): Promise<void>}>} `lastHeard`: performance.now() of the latest message
 */
export async function startControl({ page, extensionId, shots, phase, print, done }) {
  // In the path, so that no page in any browser of this machine can guess its way in.
  const secret = `/${randomUUID()}`;
  let heard = performance.now();
  if (shots) fs.mkdirSync(shots, { recursive: true });

  async function answer(request) {
    if (request.action === 'print') return print(request.text);
    if (request.action === 'alive') return null;
    if (request.action === 'phase') return phase();
    if (request.action === 'done') return done(request.report);
    const act = Object.hasOwn(actions, request.action) ? actions[request.action] : null;
    if (!act) throw new Error(`unknown action ${request.action}`);
    const window = await page();
    const all =
      request.selector === undefined ? null : scope(window, request.place, extensionId).locator(request.selector);
    const target = all && (request.nth === undefined ? all.first() : all.nth(request.nth));
    const file = shots && request.name ? path.join(shots, `${path.basename(request.name)}.png`) : undefined;
    return act({ ...request, page: window, extensionId, all, target, file });
  }

  const server = http.createServer((request, response) => {
    heard = performance.now();
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', async () => {
      try {
        if (request.method !== 'POST' || request.url !== secret) throw new Error('not the control channel');
        const value = await answer(JSON.parse(Buffer.concat(parts).toString('utf8')));
        response.end(JSON.stringify({ ok: true, value: value ?? null }));
      } catch (error) {
        response.end(JSON.stringify({ ok: false, message: String(error?.message ?? error) }));
      } finally {
        heard = performance.now();
      }
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}${secret}`,
    lastHeard: () => heard,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
