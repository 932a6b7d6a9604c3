// The same control channel for a desktop VS Code: its window is reached over Chromium's debugging port.
import fs from 'node:fs';
import { createServer } from 'node:net';
import { chromium as playwright } from 'playwright-core';
import { startControl } from './control.mjs';

/** A loopback port nobody listened on a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Finds the workbench among the pages of the browser that listens on `port`. */
async function workbench(port) {
  const browser = await playwright.connectOverCDP(`http://127.0.0.1:${port}`);
  for (const page of browser.contexts().flatMap((context) => context.pages())) {
    if (await page.locator('.monaco-workbench').count()) return page;
  }
  throw new Error('VS Code has no window.');
}

/**
 * Runs `launch` (which starts VS Code with `--remote-debugging-port=<port>` and returns when it has ended) with a control
 * channel on its window.
 * @returns {Promise<{reports: object[], problem: string | null, traces: string[]}>}
 */
export async function withDesktopControl({ phase, extensionId, shots, print, resultFile }, launch) {
  const port = await freePort();
  const reports = [];
  let page;
  const control = await startControl({
    page: () => (page ??= workbench(port)),
    extensionId,
    shots,
    phase: () => phase,
    print,
    done: (report) => reports.push(report),
  });
  let problem = null;
  try {
    await launch({ port, env: { ATTUNE_TEST_CONTROL: control.url } });
  } catch (error) {
    if (reports.length === 0) problem = String(error?.message ?? error);
  } finally {
    await control.close();
  }
  const result = { reports, problem, traces: [] };
  if (resultFile) fs.writeFileSync(resultFile, JSON.stringify(result));
  return result;
}
