/** Runs inside VS Code's extension host: `run()` runs the current phase's tests with mocha and reports what came out. */
import { readdirSync } from 'node:fs';
import { findSourceMap } from 'node:module';
import { join } from 'node:path';
import Mocha from 'mocha';
import { control, type PhaseReport } from './ui.ts';

/** Long enough for a cold editor on two busy cores; a single test may set its own. */
const TEST_LIMIT_MS = 60_000;
/** How often the window's side hears that this process still turns; it gives up after 45 s of silence. */
const PULSE_MS = 5_000;

const phaseOf = (file: string): number => Number(/\.phase(\d)\.test\.cjs$/.exec(file)?.[1] ?? 1);

/** Lines leave one after the other; a lost line is no reason for a test to fail. */
let printed: Promise<unknown> = Promise.resolve();
function print(text: string): void {
  printed = printed.then(() => control({ action: 'print', text })).catch(() => {});
}

/** VS Code formats stack traces itself, without source maps: this puts the places of the TypeScript files in. */
function mapped(stack: string): string {
  return stack.replace(/[^\s(]*?([\w.-]+\.cjs):(\d+):(\d+)/g, (place, file: string, line: string, column: string) => {
    const entry = findSourceMap(join(__dirname, file))?.findEntry(Number(line) - 1, Number(column) - 1);
    if (!entry || !('originalSource' in entry)) return place;
    const source = entry.originalSource.replace(/^.*\/(?=test\/|src\/)/, '');
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

/** Every test of `phase`, in the order of the file names. Rejects when a test file can't be loaded. */
function runPhase(phase: number): Promise<PhaseReport> {
  const mocha = new Mocha({ ui: 'tdd', timeout: TEST_LIMIT_MS, reporter: class {} as never });
  if (process.env.ATTUNE_TEST_GREP) mocha.grep(new RegExp(process.env.ATTUNE_TEST_GREP));
  const without = process.env.ATTUNE_TEST_WITHOUT;
  for (const name of readdirSync(__dirname).sort()) {
    if (without && name.startsWith(`${without}.`)) continue;
    if (name.endsWith('.test.cjs') && phaseOf(name) === phase) mocha.addFile(join(__dirname, name));
  }
  mocha.rootHooks({
    /** What the window looked like when a test failed (with `--shots`). */
    async afterEach(this: Mocha.Context) {
      if (this.currentTest?.state !== 'failed') return;
      const name = `failed ${this.currentTest.fullTitle()}`.replace(/[^\w]+/g, '-').slice(0, 100);
      await control({ action: 'shot', name }).catch(() => {});
    },
  });
  const failures: { title: string; message: string }[] = [];
  let passed = 0;
  let skipped = 0;
  return new Promise((resolve) => {
    const runner = mocha.run(() => resolve({ phase, passed, failed: failures.length, skipped, failures }));
    runner.on('pass', (test) => {
      passed += 1;
      print(`  ✔ ${test.fullTitle()} (${test.duration ?? 0} ms)`);
    });
    runner.on('pending', (test) => {
      skipped += 1;
      print(`  - ${test.fullTitle()} (skipped)`);
    });
    runner.on('fail', (test, error: Error) => {
      failures.push({ title: test.fullTitle(), message: error.message });
      print(`  ✖ ${test.fullTitle()}\n${mapped(error.stack ?? error.message).replace(/^/gm, '      ')}`);
    });
  });
}

/** VS Code, or the extension that stands for it, calls this. Rejects when a test failed, as VS Code expects. */
export async function run(): Promise<void> {
  process.setSourceMapsEnabled(true);
  const phase = (await control({ action: 'phase' })) as number;
  const pulse = setInterval(() => void control({ action: 'alive' }).catch(() => {}), PULSE_MS);
  let report: PhaseReport;
  try {
    report = await runPhase(phase);
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    print(`  ✖ the tests could not be loaded\n${mapped(message).replace(/^/gm, '      ')}`);
    report = {
      phase,
      passed: 0,
      failed: 1,
      skipped: 0,
      failures: [{ title: 'the tests could not be loaded', message }],
    };
  }
  clearInterval(pulse);
  await printed;
  await control({ action: 'done', report });
  if (report.failed > 0) throw new Error(`${report.failed} tests failed`);
}
