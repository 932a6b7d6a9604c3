/**
 * "Offline" means no socket. The demo's whole loop (the built-in path) runs once with the network and once in a network
 * namespace that has none; both must do the same, and no process may ever hold an internet socket. Once more it runs there
 * with the engine as a process of its own, as the editor has it.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const command = [process.execPath, 'src/lab/main.ts', 'demo', '--json', '--learn', '1500', '--compare', '1000'];

function canUnshare(): boolean {
  try {
    execFileSync('unshare', ['--net', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Process ids of `root` and everything it started. */
function family(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It ended while we looked.
    }
  }
  const found: number[] = [];
  for (const queue = [root]; queue.length > 0; ) {
    const pid = queue.pop()!;
    found.push(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  return found;
}

/** Descriptors of `pid` that are TCP, UDP or raw sockets (its IPC channel is a Unix socket and doesn't count). */
function internetSockets(pid: number): string[] {
  try {
    const inodes = new Set(
      ['tcp', 'tcp6', 'udp', 'udp6', 'raw', 'raw6'].flatMap((table) =>
        readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
          .split('\n')
          .slice(1)
          .map((line) => line.trim().split(/\s+/)[9])
          .filter((inode) => inode !== undefined),
      ),
    );
    return readdirSync(`/proc/${pid}/fd`)
      .map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
      .filter((target) => inodes.has(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? ''));
  } catch {
    return [];
  }
}

/** Runs the demo and resolves to its figures; fails on any socket seen meanwhile. */
async function run(argv: readonly string[]): Promise<Record<string, unknown>> {
  const child = spawn(argv[0]!, argv.slice(1), { cwd: repository, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  const sockets = new Set<string>();
  let looks = 0;
  const looking = setInterval(() => {
    looks += 1;
    for (const pid of family(child.pid!)) for (const socket of internetSockets(pid)) sockets.add(`${pid} ${socket}`);
  }, 20);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearInterval(looking);
  assert.equal(code, 0, out);
  assert.deepEqual([...sockets], []);
  assert.ok(looks > 5, 'the sockets were looked at too seldom to mean anything');
  return JSON.parse(out.trim().split('\n').at(-1)!);
}

const skip =
  process.platform !== 'linux' ? 'needs Linux' : canUnshare() ? false : 'needs the right to unshare the network';
test('A5-12: without a network the built-in path does the same, and no socket is opened', { skip }, async () => {
  const online = await run(command);
  const offline = await run(['unshare', '--net', ...command]);
  assert.deepEqual(offline, online);
  const apart = (await run(['unshare', '--net', ...command, '--process'])) as { memoryOn: { accepted: number } };
  assert.ok(apart.memoryOn.accepted > 0);
});
