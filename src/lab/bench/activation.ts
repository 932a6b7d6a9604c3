/** What the packaged client costs the editor: its size, and the time until `activate` has returned. */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Builds what the package holds, minified, into `out`. */
export async function buildProduct(out: string): Promise<{ readonly client: string; readonly engine: string }> {
  const script = fileURLToPath(new URL('../../../esbuild.mjs', import.meta.url));
  await run(process.execPath, [script, '--production', '--out', out]);
  return { client: join(out, 'extension.cjs'), engine: join(out, 'engine.mjs') };
}

export const bytesOf = async (file: string): Promise<number> => (await stat(file)).size;

/**
 * Everything `vscode` has, as one object that may be read, called and constructed and gives itself: it costs next to
 * nothing, so what is measured is ours. No setting is set, no list has entries, and nothing is a promise.
 */
const activating = `
  const Module = require('node:module');
  const empty = { get: () => undefined, then: undefined, isTrusted: true, prototype: {} };
  const anything = new Proxy(function () {}, {
    get: (_, name) => {
      if (name === Symbol.iterator) return [][Symbol.iterator].bind([]);
      if (name === Symbol.toPrimitive) return () => '';
      if (name === Symbol.hasInstance) return () => false;
      return name in empty ? empty[name] : anything;
    },
    set: () => true,
    apply: () => anything,
    construct: () => anything,
  });
  // The bundle copies a module's own names and keeps its prototype.
  const vscode = Object.create(anything);
  const load = Module._load;
  Module._load = (name, ...rest) => (name === 'vscode' ? vscode : load(name, ...rest));
  const context = new Proxy({ subscriptions: [], asAbsolutePath: (path) => path }, {
    get: (own, name) => own[name] ?? anything,
  });
  const startedAt = performance.now();
  const { activate } = require(process.argv[1]);
  const api = activate(context);
  const ms = performance.now() - startedAt;
  if (typeof api.engine.state().type !== 'string' || context.subscriptions.length < 10) throw new Error('It did not activate.');
  process.stdout.write(String(ms), () => process.exit(0));`;

/** Milliseconds to load the client's bundle and run its `activate`, in a fresh process each time. */
export async function activationMs(client: string, times: number): Promise<number[]> {
  const all: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const { stdout } = await run(process.execPath, ['-e', activating, client]);
    all.push(Number(stdout));
  }
  return all;
}
