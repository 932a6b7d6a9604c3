/**
 * ONNX Runtime in a process of its own: a run blocks its JavaScript thread, and a native abort must not take the engine along.
 * The parent sends one request at a time.
 */
import { DiskError, ModelFileError } from '../files/fileError.ts';
import type { Answer, Failure, FromWorker, Request, ToWorker } from './protocol.ts';
import { restoreState, saveState } from './workerCheckpoint.ts';
import { WorkerFailure } from './workerFailure.ts';
import { loadProgram, type RunResult, type WorkerProgram } from './workerProgram.ts';
import { createState, disposeState, readState, type WorkerState, writeState } from './workerState.ts';
import { type GpuTransfer, gpuTransfer, type OrtLibrary } from './workerTensors.ts';

// Before anything can load onnxruntime.
process.env.ORT_DISABLE_TELEMETRY = '1';
// onnxruntime-common 1.30 puts float16 into this array where there is one (Node 24), and the native half can't read it ("not
// enough space: expected 4, got 0"). Without it both use the bits in a Uint16Array.
Reflect.deleteProperty(globalThis, 'Float16Array');

const programs = new Map<number, WorkerProgram>();
const states = new Map<number, WorkerState>();
/** A run that the parent has yet to decide about. */
let held: RunResult | null = null;
let library: { readonly ort: OrtLibrary; readonly transfer: GpuTransfer } | null = null;

/** Imported here and not at the top, so that a missing native library becomes a message instead of a dead process. */
async function load(): Promise<NonNullable<typeof library>> {
  if (library) return library;
  try {
    const ort = await import('onnxruntime-node');
    library = { ort, transfer: gpuTransfer(ort) };
    return library;
  } catch (error) {
    // Whose import failed is of no use to anybody, and a path.
    throw new WorkerFailure('unavailable', messageOf(error).replace(/ imported from .*/, ''));
  }
}

function failureOf(error: unknown): Failure {
  const message = messageOf(error);
  if (error instanceof WorkerFailure) return { kind: error.kind, message };
  if (!(error instanceof ModelFileError)) return { kind: 'model', message };
  return { kind: 'file', message, file: error.file, code: error instanceof DiskError ? error.code : '' };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function known<T>(map: ReadonlyMap<number, T>, id: number): T {
  const value = map.get(id);
  if (!value) throw new Error(`The runtime’s process doesn’t know number ${id}.`);
  return value;
}

async function answer(request: Request): Promise<Answer<Request>> {
  const { ort, transfer } = await load();
  switch (request.type) {
    case 'load':
      programs.set(request.program, await loadProgram(ort, transfer, request));
      return null;
    case 'run': {
      const state = request.state === null ? null : known(states, request.state);
      const result = await known(programs, request.program).run(state, request.feeds);
      if (request.hold) held = result;
      else result.keep();
      return result.outputs;
    }
    case 'create':
      states.set(request.state, createState(ort, request.tensors));
      return null;
    case 'write':
      writeState(ort, known(states, request.state), request.tensors);
      return null;
    case 'read':
      return readState(transfer, known(states, request.state), request.names);
    case 'save': {
      const { folder, layouts, notes } = request;
      return saveState(transfer, known(states, request.state), folder, layouts, notes);
    }
    case 'restore': {
      const { state, manifest } = await restoreState(ort, request.folder, request.layouts);
      states.set(request.state, state);
      return { manifest, tensors: [...state].map(([name, { dtype, shape }]) => ({ name, dtype, shape })) };
    }
    case 'disposeState':
      disposeState(known(states, request.state));
      states.delete(request.state);
      return null;
    case 'disposeProgram':
      await known(programs, request.program).release();
      programs.delete(request.program);
      return null;
    case 'measure':
      return { rssBytes: process.memoryUsage.rss(), peakRssBytes: process.resourceUsage().maxRSS * 1024 };
  }
}

const tell = (message: FromWorker): void => {
  if (process.connected) process.send?.(message);
};

async function receive(message: ToWorker): Promise<void> {
  if (message.type === 'settle') {
    if (message.keep) held?.keep();
    else held?.drop();
    held = null;
    return;
  }
  try {
    tell({ type: 'answer', id: message.id, value: await answer(message.request) });
  } catch (error) {
    tell({ type: 'failed', id: message.id, failure: failureOf(error) });
  }
}

process.on('message', (message: ToWorker) => void receive(message));
// The engine is gone: so are we.
process.on('disconnect', () => process.exit(0));
