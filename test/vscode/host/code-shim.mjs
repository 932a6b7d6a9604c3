#!/usr/bin/env node
// Stands in for the desktop `code` executable where none is to be had: takes the arguments @vscode/test-electron's
// runTests gives, and runs the tests in the VS Code from npm. What goes beyond the arguments comes in ATTUNE_TEST_RUN.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findChromium } from './chromium.mjs';
import { installHost } from './install.mjs';
import { exitOnSignals, openProfile } from './profile.mjs';
import { runInHost, telemetryTraces } from './run.mjs';
import { installVsix } from './server.mjs';

exitOnSignals();
// The other end of our stdin is whoever started us: when they die, this VS Code must not stay behind.
process.stdin.once('end', () => process.exit(130)).resume();

const strings = { type: 'string', multiple: true };
const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: {
    extensionDevelopmentPath: strings,
    extensionTestsPath: { type: 'string' },
    'user-data-dir': { type: 'string' },
    'extensions-dir': { type: 'string' },
    'install-extension': strings,
  },
});
const print = (line) => process.stdout.write(`${line}\n`);
function fail(message) {
  console.error(message);
  process.exit(2);
}

const host = await installHost({ print });
if (!host.ok) fail(host.reason);
if (!values['user-data-dir'] || !values['extensions-dir']) fail('--user-data-dir and --extensions-dir are needed.');
const profile = openProfile({
  user: path.resolve(values['user-data-dir']),
  extensions: path.resolve(values['extensions-dir']),
});

for (const vsix of values['install-extension'] ?? []) installVsix(host, profile, path.resolve(vsix));
if (values['install-extension'] && !values.extensionTestsPath) process.exit(0);
if (!values.extensionTestsPath) fail('This stand-in for VS Code runs extension tests only (--extensionTestsPath).');

const chromium = findChromium({ print });
if (!chromium.ok) fail(chromium.reason);
/** @type {{phases: number[], trusted?: boolean, extensionId: string, resultFile: string, shots?: string, env: Record<string, string>}} */
const order = JSON.parse(process.env.ATTUNE_TEST_RUN ?? '{"phases":[1],"env":{}}');
const { reports, problem } = await runInHost({
  ...order,
  host,
  chromium: chromium.file,
  profile,
  extensions: (values.extensionDevelopmentPath ?? []).map((folder) => path.resolve(folder)),
  tests: path.resolve(values.extensionTestsPath),
  folder: path.resolve(positionals[0] ?? '.'),
  print,
});
const traces = telemetryTraces(profile);
if (order.resultFile) fs.writeFileSync(order.resultFile, JSON.stringify({ reports, problem, traces }));
if (problem) console.error(problem);
process.exit(problem || traces.length > 0 || reports.some((report) => report.failed > 0) ? 1 : 0);
