import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Binary files the engine loads by path; esbuild copies each beside the bundle under this very name. */
export const assetSources = {
  'sql-wasm.wasm': 'sql.js/dist/sql-wasm.wasm',
} as const;
export type AssetName = keyof typeof assetSources;

/**
 * Absolute path of `name`: beside this module when bundled (dist/), in its npm package when run from source.
 * Throws when neither exists, which means the installation is incomplete.
 */
export function assetPath(name: AssetName): string {
  const beside = join(dirname(fileURLToPath(import.meta.url)), name);
  if (existsSync(beside)) return beside;
  return createRequire(import.meta.url).resolve(assetSources[name]);
}
