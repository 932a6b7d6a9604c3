/** Checkpoints of states, inside the runtime's process: gigabytes go from there to the disk and back, and nowhere else. */
import { readCheckpoint, writeCheckpoint } from '../files/checkpoint.ts';
import type { CheckpointManifest, CheckpointNotes } from '../files/checkpointManifest.ts';
import { fromCheckpointTensors, toCheckpointTensors } from '../files/trainingState.ts';
import type { PackLayout, TensorValue } from '../model.ts';
import { WorkerFailure } from './workerFailure.ts';
import { readState, type WorkerState } from './workerState.ts';
import { type GpuTransfer, type OrtLibrary, toTensor } from './workerTensors.ts';

/** The whole state; throws a WorkerFailure when it isn't that of a training with these packs. */
export async function saveState(
  transfer: GpuTransfer,
  state: WorkerState,
  folder: string,
  layouts: readonly PackLayout[],
  notes: CheckpointNotes,
): Promise<CheckpointManifest> {
  const data = await readState(transfer, state, [...state.keys()]);
  const values: { [name: string]: TensorValue } = {};
  [...state].forEach(([name, { dtype, shape }], index) => {
    values[name] = { dtype, shape, data: data[index]! };
  });
  return writeCheckpoint(folder, checkpointTensors(layouts, values), notes);
}

function checkpointTensors(layouts: readonly PackLayout[], values: { readonly [name: string]: TensorValue }) {
  try {
    return toCheckpointTensors(layouts, values);
  } catch (error) {
    throw error instanceof TypeError ? new WorkerFailure('input', error.message) : error;
  }
}

export async function restoreState(
  ort: OrtLibrary,
  folder: string,
  layouts: readonly PackLayout[],
): Promise<{ readonly state: WorkerState; readonly manifest: CheckpointManifest }> {
  const checkpoint = await readCheckpoint(folder);
  const state: WorkerState = new Map();
  for (const [name, { dtype, shape, data }] of Object.entries(fromCheckpointTensors(folder, layouts, checkpoint))) {
    // A small tensor may be a view that would keep the whole file.
    const own = data.byteLength < data.buffer.byteLength ? data.slice() : data;
    state.set(name, { dtype, shape, current: toTensor(ort, dtype, shape, own) });
  }
  return { state, manifest: checkpoint.manifest };
}
