// `npm test`: every tier, in order, and one line at the end: `N passed, N failed`.
//   node test/run.mjs [--only unit,package,folder,vsix,start] [--grep REGEX] [--verbose]
// Where a tier can't run (no Chromium, say) it is skipped with the reason; with CI=true that is a failure.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { inspect, parseArgs } from 'node:util';

const ROOT = path.resolve(fileURLToPath(new URL('..', import.meta.url)));
/** From here on Node runs TypeScript without a flag. */
const OLDEST_NODE = [22, 18];
/** Of one test file. The longest, the crash tests, stay far below it. */
const FILE_LIMIT_MS = 5 * 60_000;
/** So many files are named for the time they took. */
const SLOWEST = 12;

const windows = process.platform === 'win32';

function newEnough() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
}

/** The Node that `npm ci` put into node_modules; null where there is none for this platform. */
function projectNode() {
  const os = windows ? 'win' : process.platform;
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${os}-${process.arch}/package.json`);
    return path.join(path.dirname(manifest), windows ? 'bin/node.exe' : 'bin/node');
  } catch {
    return null;
  }
}

/** Under an old Node: runs this file again under the project's own, and ends with its exit code. */
function continueUnderNewerNode() {
  const node = projectNode();
  if (!node) {
    console.error(
      `The tests need Node ${OLDEST_NODE.join('.')} or newer (this is ${process.version}). Run "npm ci", or install a newer Node.`,
    );
    process.exit(1);
  }
  const env = { ...process.env, PATH: path.dirname(node) + path.delimiter + process.env.PATH };
  process.exit(spawnSync(node, process.argv.slice(1), { stdio: 'inherit', env }).status ?? 1);
}

const nothing = { passed: 0, failed: 0, skipped: 0, failures: [], notRun: null };

/** Tests beside the code, and those under test/ that need no editor. */
function unitFiles() {
  return ['src', 'webview-ui', 'test']
    .flatMap((folder) =>
      fs.readdirSync(path.join(ROOT, folder), { recursive: true }).map((file) => path.join(folder, file)),
    )
    .filter(
      (file) =>
        file.endsWith('.test.ts') && !file.startsWith(path.join('test', 'vscode')) && !file.includes('node_modules'),
    )
    .sort();
}

async function unit({ verbose }) {
  const files = unitFiles();
  if (files.length === 0) return { ...nothing, failed: 1 };
  const stream = run({ files, cwd: ROOT, concurrency: os.availableParallelism(), timeout: FILE_LIMIT_MS });
  let counts = null;
  const failures = [];
  const durations = [];
  stream.on('test:fail', ({ name, file, line, details, skip, todo }) => {
    // A suite fails only because something in it did, and that is told already.
    if (skip || todo || details.error?.failureType === 'subtestsFailed') return;
    const error = details.error?.cause ?? details.error;
    const title = `${name}  ${file ? `${path.relative(ROOT, file)}:${line ?? 1}` : ''}`;
    failures.push(`${title}: ${String(error?.message ?? error).split('\n')[0]}`);
    if (!verbose) console.log(`  ✖ ${title}\n${(error?.stack ?? inspect(error)).replace(/^/gm, '      ')}`);
  });
  stream.on('test:summary', (summary) => {
    if (summary.file === undefined) counts = summary.counts;
    else durations.push([path.relative(ROOT, summary.file), summary.duration_ms / 1000]);
  });
  if (verbose) stream.compose(new spec()).pipe(process.stdout);
  for await (const _ of stream);
  const slowest = durations.sort(([, a], [, b]) => b - a).slice(0, SLOWEST);
  console.log(`  The slowest files: ${slowest.map(([file, seconds]) => `${file} ${seconds.toFixed(0)} s`).join(', ')}`);
  if (!counts) return { ...nothing, failed: 1 };
  return {
    ...nothing,
    passed: counts.passed,
    failed: counts.failed + counts.cancelled,
    failures,
    skipped: counts.skipped + counts.todo,
  };
}

/** Runs a command that counts as one test; prints what it said when it fails. */
function step(command, args, { verbose }) {
  const done = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: windows,
    maxBuffer: 64 << 20,
  });
  const said = `${done.stdout}${done.stderr}${done.error ?? ''}`.trim();
  if (verbose || done.status !== 0) console.log(said.replace(/^/gm, '    '));
  return done.status === 0;
}

/** Builds as for development, then packages: the folder and the VSIX that the next tiers test. */
function buildAndPackage(options) {
  const began = Date.now();
  if (!step(process.execPath, ['esbuild.mjs'], options)) return { ...nothing, failed: 1 };
  if (!step('npm', ['run', '--silent', 'package'], options)) return { ...nothing, passed: 1, failed: 1 };
  const fresh = fs
    .readdirSync(ROOT)
    .some((name) => name.endsWith('.vsix') && fs.statSync(path.join(ROOT, name)).mtimeMs >= began);
  if (!fresh) console.log('  ✖ npm run package made no .vsix');
  return { ...nothing, passed: fresh ? 2 : 1, failed: fresh ? 0 : 1 };
}

async function editor({ grep, vsix }) {
  const { newestVsix, runEditorTests } = await import('./vscode/run.mjs');
  const file = vsix ? newestVsix() : null;
  if (vsix && !file) return { ...nothing, failed: 1 };
  return runEditorTests({ vsix: file, ...(grep ? { grep } : {}), print: (line) => console.log(`  ${line}`) });
}

/** `npm start` comes up with Attune active. */
async function start(options) {
  const { whatIsMissing } = await import('./vscode/run.mjs');
  // It needs the same things; what is missing was already said by the tiers before.
  const missing =
    process.platform === 'linux' ? await whatIsMissing(() => {}) : 'the VS Code from npm runs on Linux only';
  if (missing) return { ...nothing, notRun: missing };
  const ok = step(process.execPath, ['test/vscode/start.mjs', '--check'], options);
  return { ...nothing, passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}

const tiers = [
  { name: 'unit', what: 'unit, property, crash and protocol tests', run: unit },
  { name: 'package', what: 'build and package', run: buildAndPackage },
  {
    name: 'folder',
    what: 'in a real VS Code, from this folder',
    run: (options) => editor({ ...options, vsix: false }),
  },
  { name: 'vsix', what: 'in a real VS Code, from the VSIX', run: (options) => editor({ ...options, vsix: true }) },
  { name: 'start', what: 'npm start', run: start },
];

function line({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

async function main() {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, grep: { type: 'string' }, verbose: { type: 'boolean', default: false } },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));
  process.chdir(ROOT);
  const only = values.only?.split(',');
  const chosen = tiers.filter(({ name }) => !only || only.includes(name));
  if (chosen.length === 0) throw new Error(`--only: any of ${tiers.map(({ name }) => name).join(',')}`);

  const total = { passed: 0, failed: 0, skipped: 0 };
  const rows = [];
  const notes = [];
  const failures = [];
  for (const tier of chosen) {
    console.log(`\n${tier.name}: ${tier.what}`);
    const began = performance.now();
    let result;
    try {
      result = await tier.run(values);
    } catch (error) {
      console.log(inspect(error).replace(/^/gm, '    '));
      result = { ...nothing, failed: 1 };
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    if (result.notRun) {
      notes.push(`The tier "${tier.name}" was skipped: ${result.notRun}`);
      if (process.env.CI) result = { ...result, failed: 1 };
    }
    const row = `${tier.name.padEnd(8)} ${result.notRun ? 'not run' : line(result)}  (${seconds} s)`;
    console.log(`  ${row.slice(8).trim()}`);
    rows.push(row);
    failures.push(...result.failures.map((failure) => `${tier.name}: ${failure}`));
    for (const key of Object.keys(total)) total[key] += result[key];
    // Without a build there is nothing to look at in an editor.
    if (tier.name === 'package' && result.failed > 0) break;
  }
  console.log(`\n${rows.join('\n')}`);
  // Once more: between a failure and the end there may be thousands of lines.
  if (failures.length > 0) console.log(`\nFailed:\n${failures.map((failure) => `  ✖ ${failure}`).join('\n')}`);
  for (const note of notes) console.log(`\n${note}${process.env.CI ? ' (a failure where CI is set)' : ''}`);
  console.log(`\n${line(total)}`);
  return total.failed > 0 ? 1 : 0;
}

if (newEnough()) process.exit(await main());
else continueUnderNewerNode();
