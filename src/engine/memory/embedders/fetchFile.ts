import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import * as v from 'valibot';
import { DownloadFailed, failureOfStatus } from './downloadFailure.ts';

export interface FileRequest {
  readonly url: string;
  /** Bytes so far; `<part>.json` beside it says of which version. */
  readonly part: string;
  /** A 404 is an answer, not a failure. */
  readonly optional: boolean;
  /** The content must parse: a login page of a hotel network comes with status 200, too. */
  readonly json: boolean;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number, total: number | null) => void;
}

/** `commit`: the revision the server says the file is of. */
export interface FetchedFile {
  readonly sha256: string;
  readonly commit: string | null;
}

/** A connection that gives nothing for so long is dead. */
const stallMs = 60_000;
const mostRedirects = 5;
/** Progress is told every so many bytes. */
const progressStep = 256 * 1024;

const PartState = v.object({ url: v.string(), validator: v.string(), total: v.nullable(v.number()) });
type PartState = v.InferOutput<typeof PartState>;

/** Facts from the headers of a redirect chain. The hub puts its own on the redirect, the file's server on the answer. */
interface Headed {
  readonly response: Response;
  readonly commit: string | null;
  /** SHA-256 of the whole file in hexadecimal, where the hub gives it (files it keeps in large-file storage). */
  readonly sha256: string | null;
  /** Git's object id, where the hub gives that instead: SHA-1 of `blob <size>\0<content>`. */
  readonly gitObject: string | null;
  readonly size: number | null;
}

/**
 * Completes `request.part`, from where it stopped if the server still has the same version. Null: optional and not there.
 * Throws DownloadFailed, an AbortError, or the error of the network or the disk; the part stays for the next try unless its
 * content is wrong.
 */
export async function fetchFile(request: FileRequest): Promise<FetchedFile | null> {
  for (let attempt = 0; ; attempt++) {
    const outcome = await fetchOnce(request);
    if (outcome !== 'damaged') return outcome;
    await rm(request.part, { force: true });
    await rm(`${request.part}.json`, { force: true });
    // Once more from the start: a resumed part may be of another version where the server gives no validator.
    if (attempt > 0) {
      const host = new URL(request.url).host;
      throw new DownloadFailed(
        'malformed',
        `What ${host} sent is damaged: it does not have the announced size and checksum.`,
        'Run the download again; if it stays so, something between here and the server changes the files (a proxy, a login page).',
      );
    }
  }
}

async function fetchOnce(request: FileRequest): Promise<FetchedFile | null | 'damaged'> {
  const state = await readState(request);
  const have = state ? ((await stat(request.part).catch(() => null))?.size ?? 0) : 0;
  const stall = new AbortController();
  const signal = AbortSignal.any([request.signal, stall.signal]);
  const alive = watchdog(stall);
  try {
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (state && have > 0) Object.assign(headers, { range: `bytes=${have}-`, 'if-range': state.validator });
    const headed = await follow(request, headers, signal);
    const { response } = headed;
    if (response.status === 404 && request.optional) return await discard(response, null);
    // Everything was there already, or the part is longer than the file is now.
    if (response.status === 416) return await discard(response, 'damaged');
    if (response.status !== 200 && response.status !== 206) {
      await discard(response, null);
      throw failureOfStatus(
        response.status,
        new URL(request.url).host,
        response.headers.get('retry-after'),
        Date.now(),
      );
    }
    const start = response.status === 206 ? startOf(response.headers.get('content-range')) : 0;
    if (start === null || start > have) return await discard(response, 'damaged');
    const total = totalBytes(response, headed.size);
    await receive(request, response, start, total, headed, alive);
    return await verify(request, total, headed);
  } catch (error) {
    if (stall.signal.aborted && !request.signal.aborted) {
      throw new DownloadFailed(
        'timeout',
        'The server stopped sending.',
        'Run the download again; it goes on where it stopped.',
      );
    }
    throw error;
  } finally {
    alive.end();
  }
}

async function receive(
  request: FileRequest,
  response: Response,
  start: number,
  total: number | null,
  headed: Headed,
  alive: { beat(): void },
): Promise<void> {
  const handle: FileHandle = await open(request.part, start > 0 ? 'r+' : 'w');
  try {
    if (start > 0) await handle.truncate(start);
    // Only a strong validator can tell that a later range is of the same bytes; without one the next try starts anew.
    const etag = response.headers.get('etag');
    const validator = etag && !etag.startsWith('W/') ? etag : response.headers.get('last-modified');
    if (validator) {
      const state: PartState = { url: request.url, validator, total: total ?? headed.size };
      await writeFile(`${request.part}.json`, JSON.stringify(state));
    } else await rm(`${request.part}.json`, { force: true });
    let bytes = start;
    let told = bytes;
    request.onProgress(bytes, total);
    for await (const chunk of response.body ?? []) {
      alive.beat();
      // Loops until all is written; a full disk throws.
      for (let at = 0; at < chunk.length; )
        at += (await handle.write(chunk, at, chunk.length - at, bytes + at)).bytesWritten;
      bytes += chunk.length;
      if (bytes - told >= progressStep) {
        told = bytes;
        request.onProgress(bytes, total);
      }
    }
    request.onProgress(bytes, total);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function verify(request: FileRequest, total: number | null, headed: Headed): Promise<FetchedFile | 'damaged'> {
  const { size } = await stat(request.part);
  if (total !== null && size < total)
    throw new DownloadFailed(
      'timeout',
      'The connection broke off.',
      'Run the download again; it goes on where it stopped.',
    );
  if (size === 0 || (total !== null && size !== total)) return 'damaged';
  const sha256 = createHash('sha256');
  const sha1 = createHash('sha1').update(`blob ${size}\0`);
  for await (const chunk of createReadStream(request.part)) {
    sha256.update(chunk as Buffer);
    sha1.update(chunk as Buffer);
  }
  const digest = sha256.digest('hex');
  if (headed.sha256 !== null && headed.sha256 !== digest) return 'damaged';
  if (headed.gitObject !== null && headed.gitObject !== sha1.digest('hex')) return 'damaged';
  if (request.json && !isJson(await readFile(request.part, 'utf8'))) return 'damaged';
  if (!request.json && /^text\/html/i.test(headed.response.headers.get('content-type') ?? '')) return 'damaged';
  return { sha256: digest, commit: headed.commit };
}

/** Redirects by hand: `fetch` would hide the hub's headers, and must not be led from https to http. */
async function follow(request: FileRequest, headers: Record<string, string>, signal: AbortSignal): Promise<Headed> {
  let url = new URL(request.url);
  let commit: string | null = null;
  let linkedTag: string | null = null;
  let linkedSize: string | null = null;
  let ownTag: string | null = null;
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const response = await request.fetch(url, { headers, signal, redirect: 'manual' });
    commit ??= response.headers.get('x-repo-commit');
    linkedTag ??= response.headers.get('x-linked-etag');
    linkedSize ??= response.headers.get('x-linked-size');
    if (hop === 0) ownTag = response.headers.get('etag');
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null || response.status === 304) {
      // The hub's tags are content hashes, in quotes; another server's mean nothing, so they count only beside its headers.
      const tag = commit === null ? null : ((linkedTag ?? ownTag)?.replace(/^(W\/)?"|"$/g, '') ?? null);
      return {
        response,
        commit: commit !== null && /^[0-9a-f]{40}$/.test(commit) ? commit : null,
        sha256: tag !== null && /^[0-9a-f]{64}$/.test(tag) ? tag : null,
        gitObject: tag !== null && /^[0-9a-f]{40}$/.test(tag) ? tag : null,
        size: linkedSize !== null && /^\d+$/.test(linkedSize) ? Number(linkedSize) : null,
      };
    }
    await response.body?.cancel();
    const next = new URL(location, url);
    if (url.protocol === 'https:' && next.protocol !== 'https:') {
      throw new DownloadFailed(
        'refused',
        `${url.host} leads to an unencrypted address.`,
        'Check the network: something may be in between.',
      );
    }
    url = next;
  }
  throw new DownloadFailed(
    'unavailable',
    `${new URL(request.url).host} redirects in a circle.`,
    'Run the download again later.',
  );
}

/** Ends the transfer when no piece arrives for `stallMs`. */
function watchdog(stall: AbortController): { beat(): void; end(): void } {
  const timer = setTimeout(() => stall.abort(), stallMs);
  return { beat: () => void timer.refresh(), end: () => clearTimeout(timer) };
}

async function discard<T>(response: Response, result: T): Promise<T> {
  await response.body?.cancel();
  return result;
}

async function readState(request: FileRequest): Promise<PartState | null> {
  try {
    const parsed = v.safeParse(PartState, JSON.parse(await readFile(`${request.part}.json`, 'utf8')));
    return parsed.success && parsed.output.url === request.url ? parsed.output : null;
  } catch {
    return null;
  }
}

const startOf = (contentRange: string | null): number | null => {
  const match = /^bytes (\d+)-/.exec(contentRange ?? '');
  return match ? Number(match[1]) : null;
};

/** Size of the whole file, from Content-Range, Content-Length or the hub's own header. */
function totalBytes(response: Response, linkedSize: number | null): number | null {
  const range = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  if (range) return Number(range[1]);
  const length = response.headers.get('content-length');
  if (response.status === 200 && length !== null && !response.headers.get('content-encoding')) return Number(length);
  return linkedSize;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
