/** Starting, watching and killing windows, and what the disk holds afterwards. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Store } from '../../src/engine/memory/store.ts';

export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'attune-crash-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** The writer as one file: it starts in a third of the time, and is what users run, a bundle. */
export async function bundledWriter(folder: string): Promise<string> {
  const outfile = join(folder, 'writer.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('writer.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url); const __filename = ''; const __dirname = '';",
    },
    loader: { '.wasm': 'file' },
    logLevel: 'error',
  });
  const { copyFileSync } = await import('node:fs');
  copyFileSync(fileURLToPath(import.meta.resolve('sql.js/dist/sql-wasm.wasm')), join(folder, 'sql-wasm.wasm'));
  return outfile;
}

/** A window in a process of its own, and what it said. */
export class Window {
  readonly #child: ChildProcess;
  #said = '';
  #waiting: (() => void) | null = null;

  constructor(script: string, args: readonly string[]) {
    this.#child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
      this.#waiting?.();
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#said += `error ${text}\n`;
      this.#waiting?.();
    });
    this.#child.on('exit', () => this.#waiting?.());
    // A killed window can't read any more.
    this.#child.stdin!.on('error', () => {});
  }

  /** Complete lines so far. */
  get lines(): string[] {
    return this.#said.split('\n').slice(0, -1);
  }

  go(): void {
    this.#child.stdin!.write('go\n');
  }

  /** Resolves when a line begins with `start`; rejects when the window reports an error or ends first. */
  async until(start: string): Promise<string> {
    for (;;) {
      const failure = this.lines.find((line) => line.startsWith('error'));
      if (failure) throw new Error(`the window failed: ${this.#said}`);
      const found = this.lines.find((line) => line.startsWith(start));
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`the window ended before ${start}`);
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  /** SIGKILL; resolves when it is gone and all it said is here. */
  async kill(): Promise<void> {
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }

  async ended(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'close');
  }
}

/** Everything windows were promised. */
export class Promises {
  readonly kept = new Set<string>();
  readonly #recordsOf = new Map<string, string[]>();
  readonly deleting = new Set<string>();
  readonly deleted = new Set<string>();

  hear(lines: readonly string[]): void {
    for (const line of lines) {
      const [what, ...ids] = line.split(' ');
      if (what === 'R' || what === 'F') {
        for (const id of ids) this.kept.add(id);
        for (let i = 0; i < ids.length; i += 2) this.#recordsOf.set(ids[i]!, ids.slice(i, i + 2));
      }
      if (what === 'd') this.deleting.add(ids[0]!);
      if (what === 'D') this.deleted.add(ids[0]!);
    }
    for (const id of this.deleting) for (const record of this.#recordsOf.get(id) ?? []) this.kept.delete(record);
  }
}

/** Ids of all records in the store and how often each occurs, from an export: nothing the user could see is left out. */
export async function idsIn(store: Store, folder: string): Promise<Map<string, number>> {
  const path = join(folder, 'export.jsonl');
  await store.exportTo(path);
  const counts = new Map<string, number>();
  for (const line of readFileSync(path, 'utf8').split('\n').slice(1)) {
    if (line === '') continue;
    const { value } = JSON.parse(line) as { value: { id: string } };
    counts.set(value.id, (counts.get(value.id) ?? 0) + 1);
  }
  return counts;
}

/** Everything promised is there, all of it once, nothing deleted is. */
export function assertKept(found: ReadonlyMap<string, number>, promises: Promises, place: string): void {
  for (const id of promises.kept)
    assert.equal(found.get(id), 1, `${place}: ${id} was acknowledged and is there ${found.get(id) ?? 0} times`);
  for (const [id, count] of found) assert.equal(count, 1, `${place}: ${id} is there ${count} times`);
  for (const id of promises.deleted)
    assert.equal(found.get(id), undefined, `${place}: ${id} was deleted and came back`);
}
