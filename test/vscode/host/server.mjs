// Starts and stops the served VS Code (code-server) on a profile, and its Chromium window.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { chromium as playwright } from 'playwright-core';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 8_000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A free loopback port: `wanted` when given, and then an error when it is taken. */
function loopbackPort(wanted = 0) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/**
 * The profile's port: VS Code keys workspace state and secrets by the page's address, so a profile keeps the one it
 * started with.
 */
async function portOf(profile) {
  if (fs.existsSync(profile.portFile)) return loopbackPort(Number(fs.readFileSync(profile.portFile, 'utf8')));
  const port = await loopbackPort();
  fs.writeFileSync(profile.portFile, String(port));
  return port;
}

/** ORT_DISABLE_TELEMETRY is left to the extension on purpose: the run looks afterwards whether anything was written. */
function environment(profile, node, extra) {
  const keep = Object.fromEntries(
    ['LD_LIBRARY_PATH', 'TZ'].flatMap((key) => (process.env[key] ? [[key, process.env[key]]] : [])),
  );
  return {
    ...keep,
    PATH: path.dirname(node) + path.delimiter + process.env.PATH,
    LANG: 'C.UTF-8',
    HOME: profile.home,
    TMPDIR: profile.temp,
    XDG_CONFIG_HOME: path.join(profile.home, 'c'),
    XDG_DATA_HOME: path.join(profile.home, 'd'),
    XDG_CACHE_HOME: path.join(profile.home, 'k'),
    EXTENSIONS_GALLERY: '{}',
    ...extra,
  };
}

const basics = (profile) => [
  '--config',
  profile.config,
  '--user-data-dir',
  profile.user,
  '--extensions-dir',
  profile.extensions,
];

/** Installs a packaged extension the way a user does. Throws with VS Code's own words when it refuses. */
export function installVsix(host, profile, vsix) {
  const done = spawnSync(host.node, [host.entry, ...basics(profile), '--install-extension', vsix, '--force'], {
    env: environment(profile, host.node, {}),
    encoding: 'utf8',
    timeout: 120_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (done.status !== 0) throw new Error(`VS Code did not install ${vsix}:\n${done.stdout}\n${done.stderr}`);
}

/**
 * Starts VS Code. Everything it starts is one process group, which ends with `stop`, or when this process ends.
 * @returns {Promise<{origin: string, pid: number, url(folder: string): string, alive(): boolean, stop(): Promise<void>}>}
 */
export async function startServer(host, profile, env = {}, { trusted = true } = {}) {
  const port = await portOf(profile);
  const log = fs.openSync(profile.log, 'a');
  const trust = trusted ? ['--disable-workspace-trust'] : [];
  const options = ['--disable-telemetry', '--disable-update-check', '--disable-proxy', ...trust];
  const child = spawn(
    host.node,
    [
      host.entry,
      ...basics(profile),
      ...[
        '--auth',
        'none',
        '--bind-addr',
        `127.0.0.1:${port}`,
        '--ignore-last-opened',
        '--disable-getting-started-override',
      ],
      ...options,
    ],
    { env: environment(profile, host.node, env), stdio: ['ignore', log, log], detached: true },
  );
  fs.closeSync(log);
  const group = (signal) => {
    try {
      return process.kill(-child.pid, signal);
    } catch {
      return false;
    }
  };
  const kill = () => group('SIGKILL');
  process.once('exit', kill);
  const stop = async () => {
    group('SIGTERM');
    const began = performance.now();
    while (group(0) && performance.now() - began < STOP_LIMIT_MS) await sleep(50);
    kill();
    process.removeListener('exit', kill);
  };
  const origin = `http://127.0.0.1:${port}`;
  const began = performance.now();
  for (;;) {
    const answered = await fetch(`${origin}/healthz`).catch(() => null);
    if (answered?.ok) break;
    if (child.exitCode !== null || performance.now() - began > START_LIMIT_MS) {
      await stop();
      throw new Error(`VS Code did not start:\n${fs.readFileSync(profile.log, 'utf8').slice(-3000)}`);
    }
    await sleep(100);
  }
  return {
    origin,
    pid: child.pid,
    url: (folder) => `${origin}/?folder=${encodeURIComponent(folder)}`,
    alive: () => child.exitCode === null,
    stop,
  };
}

/** Opens Chromium on the profile's own browser data. Every name but loopback is unresolvable: a run can't phone out. */
export async function startBrowser(executablePath, profile, { headless = true } = {}) {
  return playwright.launchPersistentContext(profile.browser, {
    executablePath,
    headless,
    viewport: headless ? { width: 1280, height: 800 } : null,
    // It shows loopback pages only, and the sandbox does not start in most containers.
    chromiumSandbox: false,
    permissions: ['clipboard-read', 'clipboard-write'],
    env: {
      ...process.env,
      HOME: profile.home,
      XDG_CONFIG_HOME: path.join(profile.home, 'c'),
      XDG_CACHE_HOME: path.join(profile.home, 'k'),
    },
    args: [
      ...[
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
      ],
      ...['--disable-sync', '--disable-dev-shm-usage'],
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
    ],
  });
}

/** Loads the workbench and waits until it is drawn. */
export async function openWorkbench(page, url) {
  const answer = await page.goto(url, { waitUntil: 'domcontentloaded' });
  if (!answer?.ok()) throw new Error(`The workbench page answered HTTP ${answer?.status()}.`);
  await page.locator('.monaco-workbench .part.statusbar .statusbar-item').first().waitFor({ timeout: START_LIMIT_MS });
}
