/** Small checkpoints for tests. Run as a program it writes one after another until it is killed, or fills its disk. */
import { readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, type CheckpointTensors, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { CheckpointNotes } from './checkpointManifest.ts';
import { type Disk, nodeDisk } from './disk.ts';
import { DiskError } from './fileError.ts';

const tensor = (name: string, elements: number, value: number) =>
  ({ name, dtype: 'float32', shape: [elements], data: new Float32Array(elements).fill(value) }) as const;

/** Tensors all full of numbers that follow from `step`. */
export function tensorsOf(step: number, elements = 1000): CheckpointTensors {
  const both = (prefix: string, value: number) => [
    tensor(`${prefix}b`, 3, value),
    tensor(`${prefix}w`, elements, value),
  ];
  return {
    parameters: both('', step),
    optimizer: [...both('exp_avg.', step + 0.25), ...both('exp_avg_sq.', step + 0.5)],
  };
}

export const notesOf = (step: number): CheckpointNotes => ({
  created: '2026-11-20T10:00:00.000Z',
  step,
  hyperParameters: { learningRate: 3e-4, betas: [0.9, 0.999] },
  resume: { seed: step, cursor: [1, 2, 3] },
  extra: { parent: null, name: 'première' },
});

/** The step whose checkpoint this is; throws when it is that of no step, or of several at once. */
export function stepOf({ parameters, optimizer, manifest }: Checkpoint): number {
  const { step } = manifest;
  const expected = tensorsOf(step, parameters.find(({ name }) => name === 'w')?.data.length);
  const same = JSON.stringify([parameters, optimizer]) === JSON.stringify([expected.parameters, expected.optimizer]);
  if (!same) throw new Error(`the checkpoint of step ${step} is mixed`);
  return step;
}

/** A dot on stdout before each operation, so that the parent can choose where to kill. */
function dotted(): Disk {
  const tell =
    <A extends unknown[], T>(action: (...given: A) => T) =>
    (...given: A): T => {
      writeSync(1, '.');
      return action(...given);
    };
  return {
    makeFolder: tell(nodeDisk.makeFolder),
    list: tell(nodeDisk.list),
    rename: tell(nodeDisk.rename),
    remove: tell(nodeDisk.remove),
    syncFolder: tell(nodeDisk.syncFolder),
    create: tell(async (path: string) => {
      const file = await nodeDisk.create(path);
      return { write: tell(file.write), sync: tell(file.sync), close: tell(file.close) };
    }),
  };
}

async function loop(folder: string, from: number): Promise<never> {
  const disk = dotted();
  for (let step = from; ; step++) {
    await writeCheckpoint(folder, tensorsOf(step), notesOf(step), disk);
    writeSync(1, `${step}\n`);
  }
}

/** On a disk of 256 kB: one that fits, one that does not; prints what became of them as JSON. */
async function fill(parent: string): Promise<void> {
  const folder = join(parent, 'run');
  await writeCheckpoint(folder, tensorsOf(1), notesOf(1));
  const failed = await writeCheckpoint(folder, tensorsOf(2, 50_000), notesOf(2)).catch((error: unknown) => error);
  const message = failed instanceof DiskError ? failed.message : `no DiskError: ${failed}`;
  const kept = stepOf(await readCheckpoint(folder));
  await writeCheckpoint(folder, tensorsOf(3), notesOf(3));
  const after = stepOf(await readCheckpoint(folder));
  writeSync(1, JSON.stringify({ message, kept, after, names: readdirSync(parent) }));
}

const [mode, folder, from] = process.argv.slice(2);
if (folder !== undefined && (mode === 'loop' || mode === 'fill')) {
  await (mode === 'loop' ? loop(folder, Number(from)) : fill(folder));
}
