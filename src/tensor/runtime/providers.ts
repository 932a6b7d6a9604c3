/** ONNX Runtime's execution providers: where each has a build, and how a session on it is set up. */
import { availableParallelism } from 'node:os';
import type { Machine } from './support.ts';

export type Provider = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';

/** `train`: weights change or are read once a step, all cores. `decode`: weights are prepacked for one-row products. */
export type Purpose = 'train' | 'decode';

/** Plain data that becomes `InferenceSession.SessionOptions` in the child. */
export interface SessionSettings {
  readonly executionProviders: readonly string[];
  readonly intraOpNumThreads: number;
  readonly interOpNumThreads: 1;
  readonly executionMode: 'sequential';
  readonly enableCpuMemArena: boolean;
  readonly enableMemPattern: boolean;
  /** Errors only: warnings about node placement are of no use to anyone here. */
  readonly logSeverityLevel: 3;
  /** ONNX Runtime's default is `all`. */
  readonly graphOptimizationLevel?: 'basic';
  readonly extra: { readonly session: { readonly [key: string]: string } };
}

interface ProviderFacts {
  readonly label: string;
  /** `platform arch` of the builds that have it (README of onnxruntime-node 1.30, and what the package contains). */
  readonly builds: readonly string[];
  /** State can stay in its memory between runs; elsewhere every output comes back to the host. */
  readonly keepsState: boolean;
  /** DirectML asks for sessions without memory patterns. */
  readonly memoryPattern: boolean;
}

export const providers: { readonly [name in Provider]: ProviderFacts } = {
  cpu: {
    label: 'the CPU',
    builds: ['linux x64', 'linux arm64', 'darwin arm64', 'win32 x64', 'win32 arm64'],
    keepsState: false,
    memoryPattern: true,
  },
  webgpu: {
    label: 'WebGPU',
    builds: ['linux x64', 'darwin arm64', 'win32 x64', 'win32 arm64'],
    keepsState: true,
    memoryPattern: true,
  },
  cuda: { label: 'CUDA', builds: ['linux x64'], keepsState: false, memoryPattern: true },
  dml: { label: 'DirectML', builds: ['win32 x64', 'win32 arm64'], keepsState: false, memoryPattern: false },
  coreml: { label: 'Core ML', builds: ['darwin arm64'], keepsState: false, memoryPattern: true },
};

export const allProviders = Object.keys(providers) as readonly Provider[];

/** Why `provider` can't even be tried on `machine`; null: it can. */
export function notBuilt(provider: Provider, machine: Machine): string | null {
  if (providers[provider].builds.includes(`${machine.platform} ${machine.arch}`)) return null;
  return `ONNX Runtime’s build for ${machine.platform} on ${machine.arch} comes without ${providers[provider].label}.`;
}

/** Intra-op threads unless a program says otherwise: all cores for training, one for decoding (more were slower for one row). */
export const defaultThreads = (purpose: Purpose): number => (purpose === 'train' ? availableParallelism() : 1);

export interface SessionWishes {
  /** Intra-op threads. */
  readonly threads?: number | undefined;
  /** Gives activations back between runs instead of keeping them in an arena: a third of the memory, a quarter more time. */
  readonly lowMemory?: boolean | undefined;
  /** False: no ops are fused. The fused ones have no float64, in which gradients are checked. */
  readonly fuse?: boolean | undefined;
}

/**
 * The session's options by provider and purpose; what the provider has no kernel for runs on the CPU. `weightsRoot` is what
 * the locations of external weights start from.
 */
export function sessionSettings(
  provider: Provider,
  purpose: Purpose,
  wishes: SessionWishes,
  weightsRoot: string,
): SessionSettings {
  return {
    executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
    intraOpNumThreads: wishes.threads ?? defaultThreads(purpose),
    interOpNumThreads: 1,
    executionMode: 'sequential',
    enableCpuMemArena: !wishes.lowMemory,
    enableMemPattern: providers[provider].memoryPattern,
    logSeverityLevel: 3,
    ...(wishes.fuse === false && { graphOptimizationLevel: 'basic' }),
    extra: {
      session: {
        // A model that comes as bytes has no folder: without one, optimisations that look into small weights fail.
        model_external_initializers_file_folder_path: weightsRoot,
        // Prepacked copies of frozen weights cost their size again and pay only where they meet few rows (SmolLM2-135M:
        // decode 44 instead of 17 tokens/s; a training step is as fast without).
        ...(purpose === 'train' && { disable_prepacking: '1' }),
      },
    },
  };
}

/** ONNX Runtime's complaint as one plain line, without its source files and lines. */
export function plainReason(provider: Provider, message: string): string {
  const { label } = providers[provider];
  if (/Failed to get a WebGPU adapter|RequestAdapterStatus/.test(message)) {
    return 'No graphics adapter was found that WebGPU can use.';
  }
  if (/Failed to load shared library/.test(message)) return `ONNX Runtime’s libraries for ${label} are not installed.`;
  if (/backend not found|no available backend/.test(message)) return `ONNX Runtime comes without ${label} here.`;
  const line = message.split('\n')[0]!.replace(/^(\S*\/)?\S+\.(cc|h|cpp):\d+ .*?(?=[A-Z])/, '');
  return `${label} failed: ${line.replace(/[\s.]+$/, '')}.`;
}
