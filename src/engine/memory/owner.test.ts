import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { hasEnded, thisOwner } from './owner.ts';

const of = (pid: number) => ({ ...thisOwner, run: 'another', pid });

test('a process that runs has not ended, one that is gone has, and so has another run under this pid', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  assert.equal(hasEnded(of(child.pid!)), false);
  child.kill('SIGKILL');
  await ended;
  assert.equal(hasEnded(of(child.pid!)), true);
  assert.equal(hasEnded(thisOwner), false);
  assert.equal(hasEnded(of(process.pid)), true);
});

test('of another machine nothing is known; before a reboot all have ended', () => {
  assert.equal(hasEnded({ ...of(2 ** 30), host: 'elsewhere' }), false);
  assert.equal(hasEnded({ ...of(1), boot: 'another' }), true);
});

test('a process that ended and whom nobody waits for has ended', { skip: !existsSync('/proc/self/stat') }, async () => {
  // The shell becomes `sleep`, which never asks how its child ended.
  const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const line = await new Promise<Buffer>((resolve) => parent.stdout.once('data', resolve));
  const pid = Number(line.toString().trim());
  try {
    const began = Date.now();
    while (!hasEnded(of(pid)) && Date.now() - began < 5000) await new Promise((resolve) => setTimeout(resolve, 20));
    // Still in the table of processes.
    assert.doesNotThrow(() => process.kill(pid, 0));
    assert.equal(hasEnded(of(pid)), true);
  } finally {
    parent.kill('SIGKILL');
  }
});
