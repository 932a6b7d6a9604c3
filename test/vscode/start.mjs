// `npm start`: a real VS Code with Attune in it, on a copy of the sample workspace.
// The desktop `code` when it is on PATH, else the VS Code from npm, served on this machine's loopback. Ctrl+C stops it.
//   --check   start the served one, see that Attune runs in it, say so, end
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findChromium } from './host/chromium.mjs';
import { installHost, ROOT } from './host/install.mjs';
import { exitOnSignals, linkExtension, openProfile, temporaryFolder, writeSettings } from './host/profile.mjs';
import { openWorkbench, startBrowser, startServer } from './host/server.mjs';

const SAMPLE = path.join(ROOT, 'test/fixtures/sample-workspace');
const ACTIVE_LIMIT_MS = 60_000;
/** The whole workbench is drawn by the page; what is Attune's in it is drawn once Attune is active. */
const ATTUNE_IN_STATUS_BAR = '.statusbar-item[id^="attune.attune"]';

/** The desktop's `code`, when it can open a window of its own: not as root, not from a terminal inside VS Code Remote. */
function desktopCode() {
  if (process.getuid?.() === 0 || process.env.VSCODE_IPC_HOOK_CLI) return null;
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return null;
  const name = process.platform === 'win32' ? 'code.cmd' : 'code';
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file)) ?? null;
}

/** A temporary profile and workspace; both are gone when this process ends. */
function prepare() {
  const temporary = temporaryFolder('attune-start-');
  const folder = path.join(temporary.folder, 'corner-shop');
  fs.cpSync(SAMPLE, folder, { recursive: true });
  const profile = openProfile({ user: path.join(temporary.folder, 'u'), extensions: path.join(temporary.folder, 'x') });
  writeSettings(profile, { steady: false });
  return { folder, profile };
}

function startDesktop(code) {
  const { folder, profile } = prepare();
  console.log(`Opening ${folder} in ${code}. Close the window to end.`);
  const where = ['--user-data-dir', profile.user, '--extensions-dir', profile.extensions];
  const windows = process.platform === 'win32';
  const args = ['--new-window', '--wait', `--extensionDevelopmentPath=${ROOT}`, ...where, folder];
  const done = spawnSync(windows ? `"${code}"` : code, windows ? args.map((arg) => `"${arg}"`) : args, {
    stdio: 'inherit',
    shell: windows,
  });
  return done.status ?? 1;
}

/** Starts the served VS Code with this folder's Attune in it. */
async function serve(host) {
  const { folder, profile } = prepare();
  linkExtension(profile, ROOT);
  const server = await startServer(host, profile);
  return { server, profile, url: server.url(folder) };
}

/** Waits until Attune shows itself in the window. Throws saying what did not come. */
async function seeAttune(page, url, profile) {
  await openWorkbench(page, url);
  console.log('The workbench page answers.');
  await page
    .locator(ATTUNE_IN_STATUS_BAR)
    .first()
    .waitFor({ timeout: ACTIVE_LIMIT_MS })
    .catch(() => {
      const log = fs.readFileSync(profile.log, 'utf8');
      const host = log.includes('Launched Extension Host Process')
        ? 'the extension host runs'
        : 'no extension host was started';
      throw new Error(`Attune did not appear in the status bar within ${ACTIVE_LIMIT_MS / 1000} s (${host}).`);
    });
  console.log('The extension host is up and Attune is active.');
}

async function check() {
  const host = await installHost();
  if (!host.ok) throw new Error(host.reason);
  const chromium = findChromium();
  if (!chromium.ok) throw new Error(chromium.reason);
  const { server, profile, url } = await serve(host);
  const browser = await startBrowser(chromium.file, profile);
  try {
    await seeAttune(browser.pages()[0] ?? (await browser.newPage()), url, profile);
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** Opens the page in a browser window where there is a screen; elsewhere the printed address has to do. */
function openWindow(url) {
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return;
  const opener = spawn('xdg-open', [url], { stdio: 'ignore', detached: true });
  opener.once('error', () => {});
  opener.unref();
}

async function main() {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  exitOnSignals();
  if (!fs.existsSync(path.join(ROOT, 'dist/extension.cjs'))) throw new Error('Attune is not built yet: npm run build');
  if (values.check) return check();
  const code = desktopCode();
  if (code) {
    process.exitCode = startDesktop(code);
    return;
  }
  if (process.platform !== 'linux')
    throw new Error(
      "VS Code's `code` command is not on PATH. In VS Code run \"Shell Command: Install 'code' command in PATH\".",
    );
  const host = await installHost();
  if (!host.ok) throw new Error(host.reason);
  const { server, url } = await serve(host);
  console.log(
    `\nVS Code with Attune, on a copy of the sample workspace:\n\n    ${url}\n\nOpen it in a browser. Ctrl+C stops it.`,
  );
  openWindow(url);
  // Until a signal ends the process, or the server dies.
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    if (!server.alive()) throw new Error('VS Code has stopped.');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main();
    process.exit();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
