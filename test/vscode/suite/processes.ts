/** Processes of this window's engine, by Linux's table of processes. */
import { readdirSync, readFileSync } from 'node:fs';

/** Null when there is none (any more). */
export function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}

const isOurs = (pid: number | null): boolean =>
  pid !== null && pid > 1 && (pid === process.pid || isOurs(parentOf(pid)));

/** The process of this window that runs this bundle; null when there is none. */
export function processRunning(bundle: string): number | null {
  const runs = (pid: number): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(bundle);
    } catch {
      return false;
    }
  };
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.find((pid) => runs(pid) && isOurs(pid)) ?? null;
}
