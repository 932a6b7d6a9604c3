// One start of the served VS Code that runs some phases of a test suite. Between two phases the window is reloaded, the
// way a user reloads it: same server, same profile, a new extension host.
import fs from 'node:fs';
import path from 'node:path';
import { startControl } from './control.mjs';
import { linkExtension } from './profile.mjs';
import { openWorkbench, startBrowser, startServer } from './server.mjs';

/** The tests make themselves heard this long after the window opened, or never. */
const START_LIMIT_MS = 60_000;
/** The tests report every few seconds that they are alive; silence for this long is a dead or blocked extension host. */
const SILENCE_LIMIT_MS = 45_000;

/**
 * VS Code's own way to run tests (`extensionTestsPath`) refuses every modal dialog and, in the browser, every
 * notification. Instead the tests are started by an extension of their own, so the product meets an ordinary VS Code.
 */
function writeDriver(folder, tests) {
  fs.mkdirSync(folder, { recursive: true });
  const manifest = {
    name: 'test-driver',
    publisher: 'attune-tests',
    version: '0.0.0',
    engines: { vscode: '^1.101.0' },
    capabilities: { untrustedWorkspaces: { supported: true } },
    main: './main.cjs',
  };
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ ...manifest, activationEvents: ['*'] }));
  // A failure is reported by the tests themselves; activation must not wait for them.
  fs.writeFileSync(
    path.join(folder, 'main.cjs'),
    `exports.activate = () => { require(${JSON.stringify(tests)}).run().catch(() => {}); };\n`,
  );
}

/** Lines of the page's console that say something went wrong in the extension host. */
function worthPrinting(message, verbose) {
  if (verbose) return true;
  const text = message.text();
  // Every error is logged twice, with and without "ERR".
  return message.type() === 'error' && /^%c\[Extension Host\]/.test(text);
}

/**
 * @param {object} options
 * @param {{node: string, entry: string}} options.host
 * @param {string} options.chromium
 * @param {ReturnType<import('./profile.mjs').openProfile>} options.profile
 * @param {readonly string[]} options.extensions folders of the extensions to load in place
 * @param {string} options.tests CommonJS module whose `run()` runs the current phase and reports it
 * @param {string} options.folder the workspace
 * @param {readonly number[]} options.phases
 * @param {boolean} options.trusted false: in Restricted Mode
 * @param {string} options.extensionId whose webview the tests mean by "panel"
 * @param {Record<string, string>} options.env for the extension host
 * @returns {Promise<{reports: object[], problem: string | null}>} a report for each phase that ended
 */
export async function runInHost({
  host,
  chromium,
  profile,
  extensions,
  tests,
  folder,
  phases,
  trusted = true,
  extensionId,
  env,
  shots,
  print,
}) {
  const reports = [];
  let problem = null;
  let server;
  let browser;
  let control;
  try {
    const driver = path.join(profile.temp, 'driver');
    writeDriver(driver, tests);
    for (const extension of [...extensions, driver]) linkExtension(profile, extension);

    let page;
    let phase = phases[0];
    let finish;
    let asked = 0;
    control = await startControl({
      page: async () => page,
      extensionId,
      shots,
      phase: () => {
        if (asked === phase)
          finish(Promise.reject(new Error(`the extension host started again in the middle of phase ${phase}`)));
        asked = phase;
        return phase;
      },
      print,
      done: (report) => finish(report),
    });
    server = await startServer(host, profile, { ...env, ATTUNE_TEST_CONTROL: control.url }, { trusted });
    browser = await startBrowser(chromium, profile);
    page = browser.pages()[0] ?? (await browser.newPage());
    const verbose = Boolean(process.env.ATTUNE_TEST_VERBOSE);
    page.on('console', (message) => {
      if (worthPrinting(message, verbose)) print(`[window] ${message.text().replaceAll('%c', '').slice(0, 500)}`);
    });
    // "Leave site?": a reload with unsaved documents asks; they are in VS Code's backup.
    page.on('dialog', (dialog) => dialog.accept().catch(() => {}));

    for (phase of phases) {
      const ended = new Promise((resolve, reject) => {
        finish = resolve;
        page.once('crash', () => reject(new Error('the window crashed')));
        browser.once('close', () => reject(new Error('the browser closed')));
      });
      ended.catch(() => {});
      if (phase === phases[0]) await openWorkbench(page, server.url(folder));
      else await page.reload({ waitUntil: 'domcontentloaded' });
      let watch;
      const silence = new Promise((_, reject) => {
        const began = performance.now();
        watch = setInterval(() => {
          const heard = control.lastHeard();
          const limitMs = heard < began ? START_LIMIT_MS : SILENCE_LIMIT_MS;
          if (performance.now() - Math.max(began, heard) < limitMs) return;
          reject(new Error(`nothing was heard from the tests of phase ${phase} for ${limitMs / 1000} s`));
        }, 1000);
      });
      try {
        reports.push(await Promise.race([ended, silence]));
      } finally {
        clearInterval(watch);
      }
    }
  } catch (error) {
    problem = String(error?.message ?? error);
    const page = browser?.pages()[0];
    if (page && shots) await page.screenshot({ path: path.join(shots, 'problem.png') }).catch(() => {});
  } finally {
    await browser?.close().catch(() => {});
    await server?.stop();
    await control?.close();
  }
  return { reports, problem };
}

/** What Microsoft's telemetry in onnxruntime leaves behind when nobody turned it off. Empty: nothing was written. */
export function telemetryTraces(profile) {
  const traces = [];
  for (const place of [profile.home, profile.temp]) {
    for (const name of fs.readdirSync(place, { recursive: true })) {
      if (/DeveloperTools[\\/]\.onnxruntime|mat-debug-/.test(name)) traces.push(name);
    }
  }
  return traces;
}
