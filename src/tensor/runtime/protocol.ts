/** What the runtime and its process say to each other (Node IPC, advanced serialisation). The parent sends one request at a time. */

import type { DType, TensorData } from '../dtype.ts';
import type { CheckpointManifest, CheckpointNotes } from '../files/checkpointManifest.ts';
import type { PackLayout, Shape, StateAppend, StateBinding, TensorSpec } from '../model.ts';
import type { SessionSettings } from './providers.ts';

export interface LoadRequest {
  readonly type: 'load';
  readonly program: number;
  readonly bytes: Uint8Array;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly state: readonly StateBinding[];
  readonly appends: readonly StateAppend[];
  readonly settings: SessionSettings;
  /** State outputs stay in GPU buffers. */
  readonly onGpu: boolean;
  /** NaN and infinity in a scalar output are an error. */
  readonly checkFinite: boolean;
}

export interface RunRequest {
  readonly type: 'run';
  readonly program: number;
  readonly state: number | null;
  /** In the order of the model's inputs. */
  readonly feeds: readonly TensorData[];
  /** The state changes only with a `settle` that keeps it; the parent sends one before any other request. */
  readonly hold: boolean;
}

export interface NamedData {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TensorData;
}

export type Request =
  | LoadRequest
  | RunRequest
  /** Tensors of zeros. */
  | { readonly type: 'create'; readonly state: number; readonly tensors: readonly TensorSpec[] }
  | { readonly type: 'write'; readonly state: number; readonly tensors: readonly NamedData[] }
  | { readonly type: 'read'; readonly state: number; readonly names: readonly string[] }
  | {
      readonly type: 'save';
      readonly state: number;
      readonly folder: string;
      readonly layouts: readonly PackLayout[];
      readonly notes: CheckpointNotes;
    }
  | {
      readonly type: 'restore';
      readonly state: number;
      readonly folder: string;
      readonly layouts: readonly PackLayout[];
    }
  | { readonly type: 'disposeState'; readonly state: number }
  | { readonly type: 'disposeProgram'; readonly program: number }
  | { readonly type: 'measure' };

export interface MemoryUse {
  readonly rssBytes: number;
  readonly peakRssBytes: number;
}

interface Answers {
  readonly load: null;
  /** In the order of the model's outputs. */
  readonly run: readonly TensorData[];
  readonly create: null;
  readonly write: null;
  /** In the order of `names`. */
  readonly read: readonly TensorData[];
  readonly save: CheckpointManifest;
  readonly restore: { readonly tensors: readonly TensorSpec[]; readonly manifest: CheckpointManifest };
  readonly disposeState: null;
  readonly disposeProgram: null;
  readonly measure: MemoryUse;
}
export type Answer<R extends Request> = Answers[R['type']];

/** `unavailable`: the native library can't be loaded. `model`: ONNX Runtime's own complaint. */
export type FailureKind = 'unavailable' | 'model' | 'input' | 'nonFinite' | 'file';

export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
  /** Of a `file`: its path, and the system's code or an empty string. */
  readonly file?: string;
  readonly code?: string;
}

export type ToWorker =
  | { readonly type: 'request'; readonly id: number; readonly request: Request }
  | { readonly type: 'settle'; readonly keep: boolean };

export type FromWorker =
  | { readonly type: 'answer'; readonly id: number; readonly value: Answers[keyof Answers] }
  | { readonly type: 'failed'; readonly id: number; readonly failure: Failure };
