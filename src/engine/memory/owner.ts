import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import * as v from 'valibot';
import { errorCode } from './storeError.ts';

/** Names one run of one process, so that another can tell whether it still lives. */
export const Owner = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Drawn once per process: a recycled pid is not the same owner. */
  run: v.string(),
  host: v.string(),
  /** Linux: the kernel's boot id. Elsewhere the second of the boot, give or take a clock correction. */
  boot: v.string(),
});
export type Owner = v.InferOutput<typeof Owner>;

/** Clock corrections move a computed boot time by seconds; a reboot takes longer. */
const bootToleranceSeconds = 300;

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return `s${Math.round(Date.now() / 1000 - uptime())}`;
  }
}

/** This process. */
export const thisOwner: Owner = { pid: process.pid, run: randomUUID(), host: hostname(), boot: bootId() };

function sameBoot(a: string, b: string): boolean {
  if (a === b) return true;
  if (!a.startsWith('s') || !b.startsWith('s')) return false;
  return Math.abs(Number(a.slice(1)) - Number(b.slice(1))) <= bootToleranceSeconds;
}

/**
 * True only when `owner` certainly ended: same machine, and rebooted since, or its pid is free, a zombie's, or this process's.
 * A recycled pid reads as alive; callers add their own timeout.
 */
export function hasEnded(owner: Owner, me: Owner = thisOwner): boolean {
  if (owner.host !== me.host) return false;
  if (!sameBoot(owner.boot, me.boot)) return true;
  if (owner.pid === me.pid) return owner.run !== me.run;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return errorCode(error) === 'ESRCH';
  }
  return isZombie(owner.pid);
}

/** Ended, but nobody has asked how: in containers whose first process never does, for good. */
function isZombie(pid: number): boolean {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
