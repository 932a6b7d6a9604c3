/** What the runtime offers to the rest of Attune (runtime.ts makes one). */

import type { DType } from '../dtype.ts';
import type { CheckpointManifest, CheckpointNotes } from '../files/checkpointManifest.ts';
import type { Model, PackLayout, Shape, TensorSpec, TensorValue } from '../model.ts';
import type { CallOptions } from './calls.ts';
import type { Tensors } from './check.ts';
import type { LoadOptions } from './loadRequest.ts';
import type { ProbeResult } from './probe.ts';
import type { MemoryUse } from './protocol.ts';
import type { Provider } from './providers.ts';

/** A graph is rewritten for some providers before it is serialised: then a function gives the one for each. */
export type ModelSource = Model | ((provider: Provider) => Model);

export interface RunOptions extends CallOptions {
  /** What the model's state bindings are read from and written to: all of them, or after an error none. */
  readonly state?: State;
  readonly feeds: Tensors;
}

/** A model, loaded. */
export interface Program {
  readonly model: Model;
  readonly provider: Provider;
  /** Why it runs on the CPU and not where it was asked to; null: it runs there. */
  readonly fallbackReason: string | null;
  /**
   * One run; gives the model's outputs. Rejects with one of errors.ts, or with the signal's reason; a run under way when the
   * signal comes still takes its time, but the state doesn't change.
   */
  run(options: RunOptions): Promise<Tensors>;
  dispose(): Promise<void>;
}

/** Without `data`: zeros, which needn't travel. */
export type InitialTensor = TensorValue | { readonly dtype: DType; readonly shape: Shape };

/** Tensors that live in the runtime's process; programs that name them read and write them. */
export interface State {
  readonly tensors: ReadonlyMap<string, TensorSpec>;
  /** Copies; of all tensors unless named. */
  read(names?: Iterable<string>): Promise<Tensors>;
  /** Replaces tensors by others of the same type and shape. */
  write(tensors: Tensors): Promise<void>;
  /**
   * Writes the state of a training as the checkpoint `folder` (an absolute path), without moving it between processes.
   * Rejects with CheckpointFileError; then an older checkpoint of that name is still there.
   */
  save(folder: string, layouts: readonly PackLayout[], notes: CheckpointNotes): Promise<CheckpointManifest>;
  dispose(): Promise<void>;
}

export interface Restored {
  readonly state: State;
  readonly manifest: CheckpointManifest;
}

export interface Runtime {
  /** Each provider in turn, in a process of its own; `onProvider` hears which one is next. */
  probe(onProvider?: (provider: Provider) => void): Promise<readonly ProbeResult[]>;
  /** On the CPU where the provider can't be had. */
  load(source: ModelSource, options: LoadOptions & CallOptions & { readonly provider?: Provider }): Promise<Program>;
  /** `label` names it in messages: “The policy’s state”. */
  createState(tensors: { readonly [name: string]: InitialTensor }, label?: string): Promise<State>;
  /** The state of a training as `save` left it, bit for bit. Rejects with CheckpointFileError. */
  restore(folder: string, layouts: readonly PackLayout[], label?: string): Promise<Restored>;
  /** Of the child; zero while there is none. */
  measure(): Promise<MemoryUse>;
  /** Ends the process, and that of a probe; calls under way, waiting and later reject with RuntimeStoppedError. */
  close(): Promise<void>;
}
