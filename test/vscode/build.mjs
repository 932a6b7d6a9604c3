// Bundles the tests that run inside VS Code into dist/test-vscode/, which doubles as the "empty extension" that stands
// as the development one when the packaged VSIX is tested.
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './host/install.mjs';

export const TESTS_OUT = path.join(ROOT, 'dist/test-vscode');

/**
 * Bundles `suite/` (or `from`) into `out`.
 * @returns {Promise<{index: string, phases: number[]}>} the module VS Code runs, and which phases have tests
 */
export async function buildTests({ from = path.join(ROOT, 'test/vscode/suite'), out = TESTS_OUT } = {}) {
  fs.rmSync(out, { recursive: true, force: true });
  const tests = fs
    .readdirSync(from, { recursive: true })
    .filter((file) => file.endsWith('.test.ts'))
    .sort();
  await build({
    entryPoints: [path.join(ROOT, 'test/vscode/suite/index.ts'), ...tests.map((test) => path.join(from, test))].map(
      (file) => ({
        in: file,
        out: path.basename(file, '.ts'),
      }),
    ),
    outdir: out,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'linked',
    external: ['vscode', 'mocha'],
    // CommonJS has no import.meta; a test that loads a fixture means the repository.
    define: { 'process.env.ATTUNE_REPOSITORY': JSON.stringify(ROOT) },
    logLevel: 'warning',
  });
  const manifest = { name: 'tests', publisher: 'attune-tests', version: '0.0.0', engines: { vscode: '^1.101.0' } };
  fs.writeFileSync(path.join(out, 'package.json'), JSON.stringify(manifest));
  const phases = [...new Set(tests.map(phaseOf))].sort();
  return { index: path.join(out, 'index.cjs'), phases };
}

/** `x.test.ts` is phase 1, `x.phase2.test.ts` phase 2 (after a window reload), 3 after a restart of VS Code, 4 in Restricted Mode. */
export function phaseOf(file) {
  return Number(/\.phase(\d)\.test\.\w+$/.exec(file)?.[1] ?? 1);
}
