/** Fetches an embedding model into the cache, once and only when the user asked for it; resumes, verifies, then works offline. */
import { mkdir, open, readdir, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Failure } from '../../../protocol/rpc.ts';
import { DownloadFailed, failureOf } from './downloadFailure.ts';
import { fetchFile } from './fetchFile.ts';
import {
  isModelName,
  type Manifest,
  manifestName,
  modelFiles,
  modelFolder,
  readManifest,
  sha256OfFile,
} from './modelFiles.ts';

export interface DownloadOptions {
  /** `owner/name` on the hub. */
  readonly model: string;
  readonly cacheDir: string;
  /** Any server with the hub's `/<model>/resolve/<revision>/<file>`. */
  readonly baseUrl?: string;
  readonly fetch?: typeof fetch;
  /** `share` (0 to 1) is of the file named in the message; absent where the server gives no length. */
  readonly onProgress: (message: string, share?: number) => void;
  readonly signal: AbortSignal;
}

/** `bytes`: size of the whole model on the disk. A failure names the next step; what had arrived is kept for the next try. */
export type DownloadResult =
  | { readonly ok: true; readonly bytes: number }
  | { readonly ok: false; readonly failure: Failure };

/** Downloads what is missing or damaged of the model; with everything there it only checks the content. */
export async function downloadModel(options: DownloadOptions): Promise<DownloadResult> {
  const { model, cacheDir } = options;
  try {
    if (!isModelName(model)) {
      throw new DownloadFailed(
        'modelMissing',
        `“${model}” is not a model name.`,
        'Write it as owner/name in “attune.memory.semanticModel”.',
      );
    }
    const folder = modelFolder(model, cacheDir);
    await mkdir(folder, { recursive: true });
    const unlock = await lock(join(folder, 'download.lock'));
    try {
      return { ok: true, bytes: await downloadInto(folder, options) };
    } finally {
      await unlock();
    }
  } catch (error) {
    return { ok: false, failure: failureOf(error, options.signal) };
  }
}

async function downloadInto(folder: string, options: DownloadOptions): Promise<number> {
  const { model, signal } = options;
  const baseUrl = (options.baseUrl ?? 'https://huggingface.co').replace(/\/+$/, '');
  const known = await readManifest(folder);
  // The commit of the first answer is asked for from then on: a model changed meanwhile can't be mixed from two versions.
  let revision = 'main';
  const files: Manifest['files'][number][] = [];
  for (const { name, required } of modelFiles) {
    signal.throwIfAborted();
    const path = join(folder, name);
    const verified = await unchangedFile(
      path,
      known?.files.find((file) => file.name === name),
    );
    if (verified) {
      files.push(verified);
      continue;
    }
    await mkdir(dirname(path), { recursive: true });
    const short = name.split('/').at(-1)!;
    const fetched = await fetchFile({
      url: `${baseUrl}/${model}/resolve/${encodeURIComponent(revision)}/${name}`,
      part: `${path}.part`,
      optional: !required,
      json: name.endsWith('.json'),
      fetch: options.fetch ?? fetch,
      signal,
      onProgress: (bytes, total) =>
        options.onProgress(
          `${model}: ${short}, ${megabytes(bytes)}${total ? ` of ${megabytes(total)}` : ''}`,
          total ? bytes / total : undefined,
        ),
    });
    if (!fetched) continue;
    revision = fetched.commit ?? revision;
    await rename(`${path}.part`, path);
    await rm(`${path}.part.json`, { force: true });
    const { size, mtimeMs } = await stat(path);
    files.push({ name, bytes: size, sha256: fetched.sha256, modifiedMs: mtimeMs });
  }
  const manifest: Manifest = { model, revision: revision === 'main' ? (known?.revision ?? revision) : revision, files };
  const manifestPath = join(folder, manifestName);
  await writeFile(`${manifestPath}.tmp`, JSON.stringify(manifest, null, 1));
  await rename(`${manifestPath}.tmp`, manifestPath);
  return files.reduce((sum, file) => sum + file.bytes, 0);
}

/** A file of an earlier, finished download that still has its content. */
async function unchangedFile(
  path: string,
  listed: Manifest['files'][number] | undefined,
): Promise<Manifest['files'][number] | null> {
  if (!listed) return null;
  const found = await stat(path).catch(() => null);
  if (found?.size !== listed.bytes || (await sha256OfFile(path)) !== listed.sha256) return null;
  return { ...listed, modifiedMs: found.mtimeMs };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Two windows must not write one file. A lock whose process is gone is taken over. */
async function lock(path: string): Promise<() => Promise<void>> {
  for (let attempt = 0; ; attempt++) {
    try {
      const handle = await open(path, 'wx');
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => unlink(path).catch(() => {});
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 0) throw error;
      if (await heldByLiving(path)) {
        throw new DownloadFailed(
          'unavailable',
          'Another window is downloading this model.',
          'Wait until it is done there.',
        );
      }
      await unlink(path).catch(() => {});
    }
  }
}

async function heldByLiving(path: string): Promise<boolean> {
  const handle = await open(path, 'r').catch(() => null);
  if (!handle) return false;
  const pid = Number(await handle.readFile('utf8'));
  const ageMs = Date.now() - (await handle.stat()).mtimeMs;
  await handle.close();
  // Made a moment ago and not yet filled in.
  if (!pid) return ageMs < 10_000;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : null;
  } catch {
    return null;
  }
}

/**
 * `ready`: every required file is there, with the size the manifest says (files copied by hand need no manifest).
 * `partial`: a download was begun. `absent`: nothing is there, or the name is no model name.
 */
export async function semanticModelState(model: string, cacheDir: string): Promise<'absent' | 'partial' | 'ready'> {
  if (!isModelName(model)) return 'absent';
  const folder = modelFolder(model, cacheDir);
  const manifest = await readManifest(folder);
  let complete = true;
  for (const file of modelFiles) {
    const size = await sizeOf(join(folder, file.name));
    const listed = manifest?.files.find((entry) => entry.name === file.name);
    if (listed ? size !== listed.bytes : file.required && !size) complete = false;
  }
  if (complete) return 'ready';
  const begun = await readdir(folder, { recursive: true }).catch(() => []);
  return begun.some((name) => /\.(part|json|onnx)$/.test(name)) ? 'partial' : 'absent';
}
