// Runs the tests that need a real VS Code.
//   node test/vscode/run.mjs [--vsix [FILE]] [--grep REGEX] [--shots DIR] [--theme light|dark|hc|hcLight]
// --vsix tests the packaged extension, installed as a user installs it, instead of this folder.
// The VS Code is the one from npm in Chromium, or with VSCODE_TEST_DESKTOP=1 a downloaded desktop one.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath, runTests } from '@vscode/test-electron';
import { buildTests } from './build.mjs';
import { findChromium } from './host/chromium.mjs';
import { withDesktopControl } from './host/desktop.mjs';
import { installHost, ROOT } from './host/install.mjs';
import { exitOnSignals, openProfile, THEMES, temporaryFolder, writeSettings } from './host/profile.mjs';

const SHIM = path.join(ROOT, 'test/vscode/host/code-shim.mjs');
const SAMPLE = path.join(ROOT, 'test/fixtures/sample-workspace');
const FIRST_OF_RESTART = 3;
/** The one whose window trusts no workspace. */
const RESTRICTED = 4;

const desktopWanted = () => process.env.VSCODE_TEST_DESKTOP === '1';

/** The newest packaged extension in the repository's root. */
export function newestVsix() {
  const files = fs.readdirSync(ROOT).filter((name) => name.endsWith('.vsix'));
  const byAge = files
    .map((name) => path.join(ROOT, name))
    .sort((a, b) => fs.statSync(b).mtimeMs - fs.statSync(a).mtimeMs);
  return byAge[0] ?? null;
}

/** What this machine needs and lacks, in one sentence; null when the tests can run. Installs what it may. */
export async function whatIsMissing(print) {
  if (desktopWanted()) return null;
  const host = await installHost({ print });
  if (!host.ok) return host.reason;
  const chromium = findChromium({ print });
  return chromium.ok ? null : chromium.reason;
}

/** The last lines of the extension's own log in this profile, newest start only. */
function extensionLog(profile, extensionId) {
  const logs = path.join(profile.user, 'logs');
  if (!fs.existsSync(logs)) return '';
  const files = fs
    .readdirSync(logs, { recursive: true })
    .filter((file) => file.includes(extensionId) && file.endsWith('.log'));
  const newest = files.sort().at(-1);
  return newest ? fs.readFileSync(path.join(logs, newest), 'utf8').trimEnd().split('\n').slice(-20).join('\n') : '';
}

/** One VS Code, from its start to its end, through @vscode/test-electron. Phases after the first follow a reload. */
async function launch({ phases, folders, vsix, index, folder, profile, order, print }) {
  const env = { ...order.env };
  const where = ['--user-data-dir', profile.user, '--extensions-dir', profile.extensions];
  const common = { extensionDevelopmentPath: folders, extensionTestsPath: index };
  if (desktopWanted()) {
    const executable = await downloadAndUnzipVSCode();
    if (vsix) {
      const [cli, ...args] = resolveCliArgsFromVSCodeExecutablePath(executable, { reuseMachineInstall: true });
      const done = spawnSync(cli, [...args, ...where, '--install-extension', vsix, '--force'], {
        encoding: 'utf8',
        shell: process.platform === 'win32',
      });
      if (done.status !== 0) throw new Error(`VS Code did not install ${vsix}:\n${done.stdout}\n${done.stderr}`);
    }
    return withDesktopControl({ ...order, phase: phases[0], print }, ({ port, env: own }) =>
      runTests({
        ...common,
        vscodeExecutablePath: executable,
        launchArgs: [folder, ...where, `--remote-debugging-port=${port}`],
        extensionTestsEnv: { ...env, ...own },
      }),
    );
  }
  const problems = [];
  fs.rmSync(order.resultFile, { force: true });
  await runTests({
    ...common,
    vscodeExecutablePath: SHIM,
    launchArgs: [folder, ...where, ...(vsix ? ['--install-extension', vsix] : [])],
    extensionTestsEnv: { ATTUNE_TEST_RUN: JSON.stringify({ ...order, phases }) },
  }).catch((error) => problems.push(String(error?.message ?? error)));
  // The exit code alone is never trusted: a VS Code that ran nothing also ends with 0.
  if (!fs.existsSync(order.resultFile))
    return { reports: [], problem: problems[0] ?? 'VS Code ended without a result.', traces: [] };
  return JSON.parse(fs.readFileSync(order.resultFile, 'utf8'));
}

/**
 * The starts of VS Code that `phases` need. 1 and 2 share one, with a window reload between them; from 3 on each has its
 * own, on the same profile; 4 in Restricted Mode. A desktop VS Code ends with its tests, so there every phase has its own.
 */
function launches(phases, desktop) {
  if (desktop) return phases.map((phase) => [phase]);
  const first = phases.filter((phase) => phase < FIRST_OF_RESTART);
  const rest = phases.filter((phase) => phase >= FIRST_OF_RESTART).map((phase) => [phase]);
  return first.length > 0 ? [first, ...rest] : rest;
}

/**
 * Runs the whole suite once.
 * @param {object} options
 * @param {string | null} options.vsix the package to install and test; null: this folder
 * @param {string[] | undefined} options.extensions folders of the extension under test (default: this repository)
 * @returns {Promise<{passed: number, failed: number, skipped: number, failures: string[], notRun: string | null}>} `notRun`: why the tier
 *   was skipped
 */
export async function runEditorTests({
  vsix = null,
  grep,
  shots,
  theme = 'dark',
  suite,
  extensions = [ROOT],
  extensionId = 'attune.attune',
  env = {},
  print = console.log,
} = {}) {
  const missing = await whatIsMissing(print);
  if (missing) return { passed: 0, failed: 0, skipped: 0, failures: [], notRun: missing };
  const temporary = temporaryFolder('attune-test-');
  const total = { passed: 0, failed: 0, skipped: 0, failures: [], notRun: null };
  try {
    const tests = await buildTests(suite);
    const profile = openProfile({
      user: path.join(temporary.folder, 'u'),
      extensions: path.join(temporary.folder, 'x'),
    });
    const folder = path.join(temporary.folder, 'workspace');
    fs.cpSync(SAMPLE, folder, { recursive: true });
    for (const phases of launches(tests.phases, desktopWanted())) {
      const trusted = !phases.includes(RESTRICTED);
      writeSettings(profile, { theme, trusted });
      const order = {
        trusted,
        extensionId,
        resultFile: path.join(temporary.folder, `result-${phases[0]}.json`),
        ...(shots ? { shots: path.resolve(shots) } : {}),
        env: {
          ...env,
          ATTUNE_TEST_THEME: theme,
          // Minutes of sessions about what the client infers: from the package that is the same code.
          ...(vsix ? { ATTUNE_TEST_WITHOUT: 'lifecycle' } : {}),
          ...(grep ? { ATTUNE_TEST_GREP: grep } : {}),
        },
      };
      const firstStart = phases[0] === tests.phases[0];
      const result = await launch({
        phases,
        folders: vsix ? [path.dirname(tests.index)] : extensions,
        vsix: firstStart ? vsix : null,
        index: tests.index,
        folder,
        profile,
        order,
        print,
      });
      for (const report of result.reports) {
        total.passed += report.passed;
        total.failed += report.failed;
        total.skipped += report.skipped;
        total.failures.push(...report.failures.map(({ title, message }) => `${title}: ${message.split('\n')[0]}`));
      }
      if (result.problem || result.reports.some((report) => report.failed > 0)) {
        const log = extensionLog(profile, extensionId);
        if (log) print(`  The end of ${extensionId}'s log:\n${log.replace(/^/gm, '      ')}`);
      }
      if (result.problem) {
        total.failed += 1;
        print(`  ✖ VS Code: ${result.problem}`);
        if (fs.existsSync(profile.log)) print(fs.readFileSync(profile.log, 'utf8').split('\n').slice(-15).join('\n'));
      }
      if (result.traces.length > 0) {
        total.failed += 1;
        print(`  ✖ onnxruntime's telemetry was on: it wrote ${result.traces.join(', ')}`);
      }
    }
    if (total.passed + total.failed === 0) {
      total.failed = 1;
      print(`  ✖ no test ran${grep ? ` that matches ${grep}` : ''}`);
    }
  } finally {
    temporary.remove();
  }
  return total;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  exitOnSignals();
  // `--vsix` alone means the newest one, so its value is a positional.
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      vsix: { type: 'boolean', default: false },
      grep: { type: 'string' },
      shots: { type: 'string' },
      theme: { type: 'string', default: 'dark' },
    },
  });
  if (!Object.hasOwn(THEMES, values.theme)) throw new Error(`--theme is one of ${Object.keys(THEMES).join(', ')}`);
  const vsix = values.vsix ? (positionals[0] ? path.resolve(positionals[0]) : newestVsix()) : null;
  if (values.vsix && !vsix) throw new Error('There is no .vsix yet: npm run package');
  const result = await runEditorTests({ ...values, vsix });
  if (result.notRun) console.log(`Skipped: ${result.notRun}`);
  console.log(`${result.passed} passed, ${result.failed} failed${result.skipped ? `, ${result.skipped} skipped` : ''}`);
  process.exit(result.failed > 0 || (result.notRun && process.env.CI) ? 1 : 0);
}
