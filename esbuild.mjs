// Builds the bundles into dist/, reports their sizes, and (with --vsix) packages them for one platform.
//   node esbuild.mjs [--production] [--watch] [--out dist] [--vsix [--target linux-x64]]
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build, context } from 'esbuild';

const { values: options } = parseArgs({
  options: {
    production: { type: 'boolean' },
    watch: { type: 'boolean' },
    // A benchmark builds elsewhere, so that it never takes a bundle away under a running editor.
    out: { type: 'string', default: 'dist' },
    vsix: { type: 'boolean' },
    target: { type: 'string', default: `${process.platform}-${process.arch}` },
  },
});
process.chdir(import.meta.dirname);
const require = createRequire(import.meta.url);
const { out } = options;
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

/** The client's budget: activation reads and compiles this file. */
const clientBudgetBytes = 250_000;

const common = {
  bundle: true,
  minify: options.production ?? false,
  sourcemap: options.production ? false : 'linked',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  define: { 'process.env.ATTUNE_VERSION': JSON.stringify(version) },
};
const node = { ...common, platform: 'node', target: 'node22' };
/** What CommonJS packages expect to find and an ESM bundle doesn't have. */
const requireBanner = {
  js: `import { createRequire as attuneRequire } from 'node:module';
const require = attuneRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;`,
};

/** Modules the embedder never reaches: images, and the WASM runtime beside the native one. */
const stub = (...names) => ({
  name: 'stub',
  setup(plugin) {
    const filter = new RegExp(`^(${names.join('|')})(/.*)?$`);
    plugin.onResolve({ filter }, ({ path }) => ({ path, namespace: 'stub' }));
    plugin.onLoad({ filter: /.*/, namespace: 'stub' }, () => ({ contents: 'export default {};', loader: 'js' }));
  },
});

const bundles = [
  {
    ...node,
    entryPoints: ['src/extension.ts'],
    outfile: `${out}/extension.cjs`,
    format: 'cjs',
    external: ['vscode'],
  },
  {
    ...node,
    entryPoints: ['src/engine/main.ts'],
    outfile: `${out}/engine.mjs`,
    format: 'esm',
    banner: requireBanner,
  },
  {
    ...node,
    entryPoints: ['src/engine/memory/embedders/semantic.worker.ts'],
    outfile: `${out}/semanticWorker.mjs`,
    format: 'esm',
    banner: requireBanner,
    external: ['onnxruntime-node'],
    plugins: [stub('sharp', 'onnxruntime-web')],
  },
  {
    ...node,
    entryPoints: ['src/tensor/runtime/runtime.worker.ts'],
    outfile: `${out}/tensorRuntime.mjs`,
    format: 'esm',
    banner: requireBanner,
    external: ['onnxruntime-node'],
  },
  {
    ...node,
    entryPoints: ['src/engine/learn/training/trainer.worker.ts'],
    outfile: `${out}/trainer.mjs`,
    format: 'esm',
    banner: requireBanner,
  },
  {
    ...common,
    entryPoints: { ratings: 'webview-ui/main.ts', training: 'webview-ui/training.ts' },
    outdir: `${out}/webview`,
    format: 'esm',
    target: 'es2022',
    tsconfig: 'webview-ui/tsconfig.json',
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
  },
];

/** Files the bundles read at run time. */
function copyAssets() {
  mkdirSync(out, { recursive: true });
  cpSync(join(dirname(require.resolve('sql.js')), 'sql-wasm.wasm'), `${out}/sql-wasm.wasm`);
}

/** The native runtime of one platform, laid where the worker's `import 'onnxruntime-node'` finds it. */
function copyNativeRuntime(target) {
  rmSync('dist/node_modules', { recursive: true, force: true });
  const [platform, arch] = target.split('-');
  const from = dirname(require.resolve('onnxruntime-node/package.json'));
  const binaries = join('bin/napi-v6', platform, arch);
  if (!existsSync(join(from, binaries))) {
    console.log(
      `onnxruntime-node has no build for ${target}: the package goes without the semantic embedder and training.`,
    );
    return;
  }
  const to = 'dist/node_modules/onnxruntime-node';
  for (const part of ['package.json', 'dist', binaries]) cpSync(join(from, part), join(to, part), { recursive: true });
  const commonFrom = join(dirname(require.resolve('onnxruntime-common', { paths: [from] })), '../..');
  for (const part of ['package.json', 'dist/cjs']) {
    cpSync(join(commonFrom, part), join('dist/node_modules/onnxruntime-common', part), { recursive: true });
  }
}

function report(results) {
  const rows = results.flatMap((result) =>
    Object.entries(result.metafile.outputs)
      .filter(([file]) => !file.endsWith('.map'))
      .map(([file, { bytes }]) => ({
        file,
        kB: Math.round(bytes / 100) / 10,
        gzip: Math.round(gzipSync(readFileSync(file)).length / 100) / 10,
      })),
  );
  for (const { file, kB, gzip } of rows)
    console.log(`${file.padEnd(28)} ${String(kB).padStart(8)} kB ${String(gzip).padStart(8)} kB gzip`);
  writeFileSync(`${out}/sizes.json`, JSON.stringify(rows, null, 1));
  const client = readFileSync(`${out}/extension.cjs`).length;
  if (options.production && client > clientBudgetBytes) {
    throw new Error(`${out}/extension.cjs has ${client} bytes; the budget is ${clientBudgetBytes}.`);
  }
}

if (options.vsix) {
  copyNativeRuntime(options.target);
  const packaged = `attune-${options.target}.vsix`;
  const vsce = require.resolve('@vscode/vsce/vsce');
  const flags = [
    'package',
    '--no-dependencies',
    '--skip-license',
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
    '--target',
    options.target,
    '-o',
    packaged,
  ];
  execFileSync(process.execPath, [vsce, ...flags], { stdio: 'inherit' });
} else if (options.watch) {
  copyAssets();
  for (const bundle of bundles) await (await context({ ...bundle, logLevel: 'info' })).watch();
} else {
  rmSync(`${out}/webview`, { recursive: true, force: true });
  copyAssets();
  report(await Promise.all(bundles.map((bundle) => build(bundle))));
}
